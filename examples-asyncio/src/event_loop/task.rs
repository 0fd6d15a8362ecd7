//! Tasks. This file shows what a task is: a future that the loop owns, and then its output, which
//! waits for the task that awaits it.

use std::any::Any;
use std::cell::Cell;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, Wake, Waker};
use std::{pin::Pin, rc::Rc, sync::Arc, thread};

use super::ready::TaskWaker;
use super::run::{guard, running};

/// Creates a task on the running loop, and pushes it to the end of the queue. The task runs even if
/// nobody awaits it, or if the [`Task`] is dropped. It stays on this thread, so `future` need not
/// be [`Send`].
///
/// # Panics
///
/// If no event loop is running on this thread.
pub fn create_task<F: Future + 'static>(future: F) -> Task<F::Output> {
    let task = Task::new(future);
    task.state.waker.wake_by_ref();
    task
}

/// A task of an event loop. Awaiting it returns its output, or resumes its panic.
///
/// # Panics
///
/// If a task awaits itself, or a task of another event loop, if the event loop was dropped before
/// the task was done, or if the task is polled again after it returned its output.
pub struct Task<T> {
    pub state: Rc<TaskState>,
    output: PhantomData<fn() -> T>,
}

/// A task, as the handle and the loop share it.
pub struct TaskState {
    /// `None` while it is polled, and after the task is done.
    future: Cell<Option<Pin<Box<dyn Coroutine>>>>,
    /// `None` before the task is done, and after its result was taken. In a box, because most tasks
    /// of a crowd have no result yet.
    pub result: Cell<Option<Box<TaskResult>>>,
    pub awaiter: Cell<Option<Rc<Awaiter>>>,
    pub waker: Arc<TaskWaker>,
}

pub type TaskResult = thread::Result<Box<dyn Any>>;

/// What awaits a task, or all tasks of a `gather`.
pub struct Awaiter {
    /// How many of the tasks are not done. It is zero when one has panicked.
    pub unfinished: Cell<usize>,
    pub waker: Cell<Option<Waker>>,
}

impl Awaiter {
    pub fn new(unfinished: usize, waker: Option<Waker>) -> Rc<Awaiter> {
        Rc::new(Awaiter { unfinished: unfinished.into(), waker: waker.into() })
    }
}

impl<T: 'static> Task<T> {
    /// Creates a task that is not in the queue.
    pub fn new(future: impl Future<Output = T> + 'static) -> Task<T> {
        let (future, result, awaiter) = (Box::pin(future) as _, Cell::default(), Cell::default());
        let state = running().add(|waker| TaskState {
            future: Cell::new(Some(future)),
            result,
            awaiter,
            waker,
        });
        Task { state, output: PhantomData }
    }

    /// Cancels the task: in the next iteration, the loop drops its future in place of a poll. This
    /// consumes the handle, so nobody can await a cancelled task.
    pub fn cancel(self) {
        self.state.waker.cancel();
    }

    /// Panics if whoever awaits this task would wait forever.
    pub fn assert_pending(&self) {
        let TaskState { future, waker, .. } = &*self.state;
        let is_dropped = waker.is_cancelled.load(Relaxed); // cancel() leaves no handle
        assert!(!is_dropped, "the awaited task was dropped with its event loop");
        future
            .set(Some(future.take().expect("a task awaits itself, or a task for the second time")));
        let is_of_this_loop = waker.ready.as_ptr() == Arc::as_ptr(&running().ready);
        assert!(is_of_this_loop, "the awaited task is of another event loop");
    }

    /// Takes the output, or resumes the panic. Returns `None` if there is none.
    pub fn result(&self) -> Option<T> {
        let output = self.state.result.take()?.unwrap_or_else(|panic| resume_unwind(panic));
        output.downcast().ok().map(|output| *output)
    }
}

impl<T: 'static> Future for Task<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        if let Some(output) = self.result() {
            return Poll::Ready(output);
        }
        self.assert_pending();
        self.state.awaiter.set(Some(Awaiter::new(1, Some(cx.waker().clone()))));
        Poll::Pending
    }
}

impl<T> Drop for Task<T> {
    /// Nobody awaits the task any longer, or takes its output.
    fn drop(&mut self) {
        guard(|| self.state.awaiter.set(None));
        guard(|| drop(self.state.result.take()));
    }
}

impl TaskState {
    /// Polls the future, or drops it if the task is cancelled. Returns whether the task is done.
    pub fn poll(&self) -> bool {
        self.waker.leave_queue();
        let mut future = self.future.take().expect("it is not done");
        let polled = match self.waker.is_cancelled.load(Relaxed) {
            false => future.as_mut().poll(&self.waker).map(Some),
            true => Poll::Ready(None),
        };
        let Poll::Ready(result) = polled else {
            self.future.set(Some(future));
            return false;
        };
        guard(|| drop(future));
        let has_panicked = matches!(result, Some(Err(_)));
        self.result.set(result.map(Box::new));
        if let Some(awaiter) = self.awaiter.take() {
            let left = awaiter.unfinished.get().saturating_sub(1);
            awaiter.unfinished.set(if has_panicked { 0 } else { left });
            if awaiter.unfinished.get() == 0 {
                awaiter.waker.take().into_iter().for_each(|waker| guard(|| waker.wake()));
            }
        }
        true
    }
}

/// A future whose output is in a box, so that tasks with any output have one type.
pub trait Coroutine {
    fn poll(self: Pin<&mut Self>, waker: &Arc<TaskWaker>) -> Poll<TaskResult>;
}

impl<F: Future + 'static> Coroutine for F {
    fn poll(self: Pin<&mut Self>, waker: &Arc<TaskWaker>) -> Poll<TaskResult> {
        let waker = Waker::from(waker.clone());
        let poll = || Future::poll(self, &mut Context::from_waker(&waker));
        let polled = catch_unwind(AssertUnwindSafe(poll));
        let polled = polled.map(|poll| poll.map(|output| Ok(Box::new(output) as _)));
        polled.unwrap_or_else(|panic| Poll::Ready(Err(panic)))
    }
}
