//! The loop. This file shows what `asyncio.run` does. Each iteration polls the tasks that are
//! ready, then wakes the tasks whose deadline has passed. The loop ends when its main future
//! completes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::iter::from_fn;
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Wake};
use std::time::Duration;

use super::ready::{ReadyQueue, TaskWaker};
use super::timer::{Timers, now};

/// Runs `future` on a new event loop, as `asyncio.run` does. Tasks that are unfinished when it
/// completes are dropped.
///
/// # Panics
///
/// If `future` panics, or if this thread runs an event loop already.
pub fn run<F: Future>(future: F) -> F::Output {
    EventLoop::new().run_until_complete(future)
}

/// Runs tasks, one at a time, on the thread that calls
/// [`run_until_complete`](Self::run_until_complete).
#[derive(Default)]
pub struct EventLoop(Rc<Core>);

/// The state that the loop shares with the futures on its thread. No `RefCell` in it may stay
/// borrowed while the code of a future runs (a poll, a wake, a drop), because that code may use the
/// loop.
#[derive(Default)]
pub struct Core {
    pub ready: Arc<ReadyQueue>,
    /// The tasks that are not done, in batches. The key is the id of a batch's first task, and its
    /// other tasks have the next ids.
    pub batches: RefCell<BTreeMap<u64, Rc<dyn Batch>>>,
    pub last_id: Cell<u64>,
    pub timers: Rc<Timers>,
}

impl Core {
    pub fn new_task_waker(&self) -> Arc<TaskWaker> {
        self.last_id.set(self.last_id.get() + 1);
        let (id, ready) = (self.last_id.get(), Arc::downgrade(&self.ready));
        Arc::new(TaskWaker { id, is_queued: Default::default(), ready })
    }

    /// Polls the task of a waker, unless the task is done. No id is used twice, so the waker of an
    /// old task cannot wake a new one. If all tasks of the batch are done, this drops the batch,
    /// which wakes the task that awaits it.
    fn poll_task(&self, waker: &Arc<TaskWaker>) {
        let clone = |(id, batch): (&u64, &Rc<dyn Batch>)| (*id, batch.clone());
        let batch = self.batches.borrow().range(..=waker.id).next_back().map(clone);
        let Some((first_id, batch)) = batch else { return };
        if batch.poll((waker.id - first_id) as usize, waker) {
            self.batches.borrow_mut().remove(&first_id);
            guard(|| drop(batch));
        }
    }
}

/// The tasks of one `gather`, or one created task.
pub trait Batch {
    /// Polls a task, or drops its future if it is cancelled. Returns whether all tasks are done.
    fn poll(&self, index: usize, waker: &Arc<TaskWaker>) -> bool;
}

thread_local! {
    /// The loop that runs on this thread, like `asyncio.get_running_loop()`.
    static RUNNING: RefCell<Option<Rc<Core>>> = const { RefCell::new(None) };
}

/// Returns the core of the loop that runs on this thread.
pub fn running() -> Rc<Core> {
    RUNNING.with_borrow(Clone::clone).expect("no running event loop")
}

impl EventLoop {
    /// Creates a loop without tasks.
    pub fn new() -> EventLoop {
        EventLoop::default()
    }

    /// Runs `future` and all tasks until `future` completes. Unfinished tasks resume when the loop
    /// runs again.
    ///
    /// # Panics
    ///
    /// If `future` panics, or if this thread runs an event loop already.
    pub fn run_until_complete<F: Future>(&self, future: F) -> F::Output {
        assert!(RUNNING.with_borrow(Option::is_none), "this thread runs an event loop already");
        RUNNING.set(Some(self.0.clone()));
        let core = &self.0;
        let mut future = Box::pin(future);
        let main = core.new_task_waker();
        main.wake_by_ref();
        let mut output = None;
        // In asyncio the main task's callback stops the loop, one iteration after the task is done.
        let mut is_last_iteration = false;
        while !is_last_iteration {
            is_last_iteration = output.is_some();
            let limit = if is_last_iteration { Duration::ZERO } else { core.timers.until_next() };
            // An iteration polls the tasks that are ready now. A task that is woken meanwhile waits
            // for the next iteration, so a task that is always ready does not starve the timers.
            let ready = core.ready.wait(limit);
            let due = core.timers.due(now()); // due by now, but removed after the polls
            for next in ready {
                if !Arc::ptr_eq(&next, &main) {
                    core.poll_task(&next);
                } else if output.is_none() {
                    if let Poll::Ready(result) = main.poll(future.as_mut()) {
                        output = Some(result);
                    }
                }
            }
            due.for_each(|waker| guard(|| waker.wake()));
        }
        guard(|| drop(future));
        RUNNING.set(None);
        let output = output.expect("the loop ends only after the main future");
        output.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl Drop for EventLoop {
    /// Drops the unfinished tasks. Their destructors may use the loop, so this sets it as running.
    fn drop(&mut self) {
        // If a thread-local variable holds the loop, RUNNING may be gone already.
        let outer = RUNNING.try_with(|running| running.replace(Some(self.0.clone())));
        self.0.timers.due(u64::MAX).for_each(|waker| guard(|| drop(waker)));
        let next_batch = || self.0.batches.borrow_mut().pop_first();
        from_fn(next_batch).for_each(|batch| guard(|| drop(batch)));
        let _ = outer.map(|outer| RUNNING.set(outer));
    }
}

/// Runs foreign code: a destructor, or a waker, which is foreign if a combinator like `join_all`
/// polled the future. Its panic does not end the loop, and other tasks continue. The value of the
/// panic is leaked, because its destructor may panic, too.
pub fn guard(code: impl FnOnce()) {
    forget(catch_unwind(AssertUnwindSafe(code)));
}

/// A value whose destructor runs under [`guard`].
pub struct Guarded<T>(pub Option<T>);

impl<T> Drop for Guarded<T> {
    fn drop(&mut self) {
        guard(|| drop(self.0.take()));
    }
}
