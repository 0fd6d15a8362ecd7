//! Tasks. This file shows what a task is: a future that the loop owns, and then its output, which
//! waits for the task that awaits it.

use std::sync::{Arc, atomic::Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};
use std::{cell::Cell, marker::PhantomData, panic::resume_unwind, pin::Pin, rc::Rc};

use super::foreign::{Coroutine, TaskResult, guard};
use super::ready::TaskWaker;
use super::run::running;

/// Creates a task on the running loop, and pushes it to the end of the queue. The task runs even if
/// nobody awaits it, or if the [`Task`] is dropped. It stays on this thread, so `future` need not
/// be [`Send`].
///
/// # Panics
///
/// If no event loop is running on this thread.
pub fn create_task<F: Future + 'static>(future: F) -> Task<F::Output> {
    let task = Task::new(future);
    task.0.waker.wake_by_ref();
    task
}

/// A task of an event loop. Awaiting it returns its output, or resumes its panic.
///
/// # Panics
///
/// If a task awaits itself, a task that another event loop runs, a task that was dropped with its
/// event loop, or a task whose output it has got already.
pub struct Task<T>(pub(super) Rc<TaskState>, PhantomData<fn() -> T>);

/// A task, as its handle and the loop share it.
pub struct TaskState {
    /// `None` while it is polled, and after the task is done.
    pub future: Cell<Option<Pin<Box<dyn Coroutine>>>>,
    /// `None` before the task is done, after its result was taken, and if the task was cancelled. In
    /// a box, because a task has no result for most of its life.
    pub result: Cell<Option<Box<TaskResult>>>,
    pub awaiter: Cell<Option<Rc<Awaiter>>>,
    pub waker: Arc<TaskWaker>,
}

/// What awaits a task, or all tasks of a `gather`.
pub struct Awaiter {
    /// How many of the tasks are not done. It is zero when one has panicked.
    pub unfinished: Cell<usize>,
    pub waker: Cell<Option<Waker>>,
}

impl<T: 'static> Task<T> {
    /// Creates a task that is not in the queue.
    pub(super) fn new(future: impl Future<Output = T> + 'static) -> Task<T> {
        Task(running().add(Box::pin(future)), PhantomData)
    }

    /// Cancels the task: the loop drops its future in place of the next poll. This consumes the
    /// handle, so nobody can await a cancelled task. Returns false if the task is done already.
    pub fn cancel(self) -> bool {
        self.0.cancel();
        Rc::strong_count(&self.0) > 1 // The loop owns it, too, until it is done.
    }

    /// Takes the output, or resumes the panic. Returns `None` if there is none.
    pub(super) fn result(&self) -> Option<T> {
        let output = self.0.result.take()?.unwrap_or_else(|panic| resume_unwind(panic));
        Some(*output.downcast().expect("its type is T"))
    }

    /// Panics if the running loop does not run the task, or polls it now.
    pub(super) fn assert_pending(&self) {
        let future =
            self.0.future.take().expect("the task awaits itself, was awaited, or was dropped");
        self.0.future.set(Some(future));
        let is_of_this_loop = self.0.waker.ready.as_ptr() == Arc::as_ptr(&running().ready);
        assert!(is_of_this_loop, "the awaited task is of another event loop");
    }
}

impl<T: 'static> Future for Task<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        if let Some(output) = self.result() {
            return Poll::Ready(output);
        }
        self.assert_pending();
        let waker = Cell::new(Some(cx.waker().clone()));
        self.0.awaiter.set(Some(Rc::new(Awaiter { unfinished: 1.into(), waker })));
        Poll::Pending
    }
}

impl<T> Drop for Task<T> {
    /// Nobody awaits the task any longer, or takes its output.
    fn drop(&mut self) {
        guard(|| self.0.awaiter.set(None));
        guard(|| drop(self.0.result.take()));
    }
}

impl TaskState {
    /// Polls the future. Returns whether the task is done.
    pub fn poll(&self) -> bool {
        self.waker.leave_queue();
        let mut future = self.future.take().expect("it is not done");
        let mut poll = || future.as_mut().poll(&self.waker).map(Some);
        let polled = if self.waker.is_cancelled.load(Relaxed) { Poll::Ready(None) } else { poll() };
        let Poll::Ready(result) = polled else {
            self.future.set(Some(future));
            return false;
        };
        guard(|| drop(future));
        let has_panicked = matches!(result, Some(Err(_)));
        self.result.set(result.map(Box::new));
        if let Some(awaiter) = self.awaiter.take() {
            let left = if has_panicked { 0 } else { awaiter.unfinished.get().saturating_sub(1) };
            awaiter.unfinished.set(left);
            if left == 0 {
                awaiter.waker.take().into_iter().for_each(|waker| guard(|| waker.wake()));
            }
        }
        true
    }

    /// Lets the loop drop the future, without a result, in place of the next poll.
    pub fn cancel(&self) {
        self.waker.is_cancelled.store(true, Relaxed);
        self.waker.wake_by_ref();
    }
}
