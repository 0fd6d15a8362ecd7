//! Tasks. This file shows what a task is: a future that the loop owns, and then its output, which
//! waits for the task that awaits it.

use std::task::{Context, Poll, Wake, Waker};
use std::{cell::Cell, marker::PhantomData, panic::resume_unwind, pin::Pin, rc::Rc, sync::Arc};

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
/// If a task awaits itself, a task of another event loop, a task whose event loop was dropped before
/// it was done, or a task whose output it has got already.
pub struct Task<T>(pub Rc<TaskState>, PhantomData<fn() -> T>);

/// A task, as its handle and the loop share it.
pub struct TaskState {
    /// `None` while it is polled, and after the task is done.
    pub future: Cell<Option<Pin<Box<dyn Coroutine>>>>,
    /// `None` before the task is done, and after its result was taken. In a box, because a task has
    /// none for most of its life.
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
    pub fn new(future: impl Future<Output = T> + 'static) -> Task<T> {
        Task(running().add(Box::pin(future)), PhantomData)
    }

    /// Cancels the task: in the next iteration, the loop drops its future in place of a poll. This
    /// consumes the handle, so nobody can await a cancelled task.
    pub fn cancel(self) {
        self.0.cancel();
    }

    /// Takes the output, or resumes the panic. Returns `None` if there is none.
    pub fn result(&self) -> Option<T> {
        let output = self.0.result.take()?.unwrap_or_else(|panic| resume_unwind(panic));
        let was_dropped = |_| panic!("the awaited task was dropped with its event loop");
        Some(*output.downcast().unwrap_or_else(was_dropped))
    }

    /// Panics if an awaiter would wait forever.
    pub fn assert_pending(&self) {
        let future = self.0.future.take().expect("the task awaits itself, or was awaited before");
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
        let Poll::Ready(result) = future.as_mut().poll(&self.waker) else {
            if self.future.replace(Some(future)).is_some() {
                self.cancel(); // again, because it has cancelled itself in the poll
            }
            return false;
        };
        guard(|| drop(future));
        let has_panicked = result.is_err();
        self.result.set(Some(Box::new(result)));
        if let Some(awaiter) = self.awaiter.take() {
            let left = awaiter.unfinished.get().saturating_sub(1);
            awaiter.unfinished.set(if has_panicked { 0 } else { left });
            if awaiter.unfinished.get() == 0 {
                awaiter.waker.take().into_iter().for_each(|waker| guard(|| waker.wake()));
            }
        }
        true
    }

    /// Replaces the future by one that drops it. No task has an output of this type.
    pub fn cancel(&self) {
        struct Cancelled;
        let future = self.future.take();
        self.future.set(Some(Box::pin(async {
            drop(future);
            Cancelled
        })));
        self.waker.wake_by_ref();
    }
}
