//! Tasks and `gather`. This file shows what a task is: a future that the loop owns, and a place for
//! its output. The loop keeps tasks in batches. One `gather` has one batch, and a created task has
//! a batch of its own. So a million gathered tasks share one entry in the loop.

use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell};
use std::future::poll_fn;
use std::iter::repeat_with;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::ready::TaskWaker;
use super::run::{Batch, Guarded, guard, running};

/// Creates a task on the running loop, and pushes it to the end of the queue. The task runs even if
/// nobody awaits it, or if the [`Task`] is dropped. It stays on this thread, so `future` need not
/// be [`Send`].
///
/// # Panics
///
/// If no event loop is running on this thread.
pub fn create_task<F: Future + 'static>(future: F) -> Task<F::Output> {
    let batch = TaskBatch::new([future]);
    Task { outputs: batch.outputs.clone(), waker: start(batch).expect("it has one future") }
}

/// A task of an event loop. Awaiting it returns its output, or resumes its panic.
///
/// # Panics
///
/// If a task awaits itself, if the event loop was dropped before the task completed, or if the task
/// is polled again after it returned its output.
pub struct Task<T> {
    outputs: Rc<Outputs<T>>,
    waker: Waker,
}

impl<T> Task<T> {
    /// Cancels the task: in the next iteration, the loop drops its future in place of a poll. This
    /// consumes the handle, so nobody can await a cancelled task.
    pub fn cancel(self) {
        self.outputs.unfinished.set(0);
        self.waker.wake();
    }
}

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        assert!(cx.waker().data() != self.waker.data(), "a task cannot await itself");
        self.outputs.poll(cx).map(|()| self.outputs.take().pop().expect("it was awaited already"))
    }
}

/// Creates a task for each future, and returns their outputs in the futures' order. Unlike
/// `asyncio.gather`, it creates the tasks when it is first polled.
///
/// # Panics
///
/// Immediately if one of the tasks panics (the other tasks continue, as in asyncio), or if no event
/// loop is running on this thread.
pub async fn gather<F: Future + 'static>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let batch = TaskBatch::new(futures);
    let outputs = batch.outputs.clone();
    if outputs.unfinished.get() > 0 {
        // In asyncio the last task of a gather calls a callback, and the awaiting task resumes one
        // iteration after that. Here a task takes the place of the callback. It is created first,
        // so it waits before the others start.
        let waited_for = outputs.clone();
        let callback = create_task(poll_fn(move |cx| waited_for.poll(cx)));
        start(batch);
        callback.await;
    }
    outputs.take()
}

/// Gives the tasks of a batch consecutive ids, and wakes them. Returns the waker of the last task.
fn start<F: Future + 'static>(batch: TaskBatch<F>) -> Option<Waker> {
    let core = running();
    let (first_id, count) = (core.last_id.get() + 1, batch.outputs.unfinished.get());
    core.batches.borrow_mut().insert(first_id, Rc::new(batch));
    let wakers = repeat_with(|| Waker::from(core.new_task_waker())).take(count);
    wakers.inspect(Waker::wake_by_ref).last()
}

struct TaskBatch<F: Future> {
    /// `None` while a task is polled, and after it is done.
    futures: RefCell<Vec<Guarded<Pin<Box<F>>>>>,
    outputs: Rc<Outputs<F::Output>>,
}

impl<F: Future> TaskBatch<F> {
    fn new(futures: impl IntoIterator<Item = F>) -> TaskBatch<F> {
        let guarded = |future| Guarded(Some(Box::pin(future)));
        let futures: Vec<_> = futures.into_iter().map(guarded).collect();
        let values = RefCell::new(repeat_with(|| Guarded(None)).take(futures.len()).collect());
        let (unfinished, (panic, waiter)) = (futures.len().into(), Default::default());
        let outputs = Rc::new(Outputs { values, unfinished, panic, waiter });
        TaskBatch { futures: futures.into(), outputs }
    }
}

impl<F: Future> Drop for TaskBatch<F> {
    /// Wakes the task that awaits this batch: all tasks are done, or the event loop is dropped.
    fn drop(&mut self) {
        self.outputs.wake();
    }
}

impl<F: Future> Batch for TaskBatch<F> {
    fn poll(&self, index: usize, waker: &Arc<TaskWaker>) -> bool {
        let Outputs { values, unfinished, panic, .. } = &*self.outputs;
        let future = self.futures.borrow_mut().get_mut(index).and_then(|future| future.0.take());
        let Some(mut future) = future else { return false };
        if unfinished.get() > 0 {
            match waker.poll(future.as_mut()) {
                Poll::Ready(Ok(value)) => values.borrow_mut()[index] = Guarded(Some(value)),
                Poll::Ready(Err(reason)) => {
                    guard(|| drop(panic.borrow().set(reason))); // keeps the first panic
                    self.outputs.wake();
                }
                Poll::Pending => {
                    self.futures.borrow_mut()[index] = Guarded(Some(future));
                    return false;
                }
            }
        }
        guard(|| drop(future));
        unfinished.set(unfinished.get().saturating_sub(1));
        unfinished.get() == 0
    }
}

/// The outputs of a batch's tasks, and the waker of the task that awaits them.
struct Outputs<T> {
    values: RefCell<Vec<Guarded<T>>>,
    /// How many tasks are not done. A cancelled task counts as done.
    unfinished: Cell<usize>,
    panic: RefCell<OnceCell<Box<dyn Any + Send>>>,
    waiter: Cell<Option<Waker>>,
}

impl<T> Outputs<T> {
    /// Waits until all tasks are done, or until the first panic, and resumes that.
    fn poll(self: &Rc<Self>, cx: &Context<'_>) -> Poll<()> {
        if let Some(panic) = self.panic.take().into_inner() {
            resume_unwind(panic);
        } else if self.unfinished.get() == 0 {
            return Poll::Ready(());
        }
        // The awaiting side holds one reference. The batch holds another until it is dropped.
        assert!(Rc::strong_count(self) > 1, "the awaited task was dropped with its event loop");
        self.waiter.set(Some(cx.waker().clone()));
        Poll::Pending
    }

    fn wake(&self) {
        self.waiter.take().into_iter().for_each(|waiter| guard(|| waiter.wake()));
    }

    fn take(&self) -> Vec<T> {
        self.values.take().into_iter().filter_map(|mut value| value.0.take()).collect()
    }
}
