//! The loop. This file teaches what `asyncio.run` does: it polls whatever is ready, then wakes
//! whatever has slept long enough, and so on, until the future that it was given completes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::iter::from_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Wake};
use std::time::Duration;

use super::ready::{Ready, Wakeup};
use super::task::Group;
use super::timer::{Timers, now};

/// Runs `future` on a new event loop, as `asyncio.run` does. Tasks that are unfinished when it
/// completes are dropped.
///
/// # Panics
///
/// When `future` panics, and when this thread is running an event loop already.
pub fn run<F: Future>(future: F) -> F::Output {
    EventLoop::new().run_until_complete(future)
}

/// Runs tasks, one at a time, on the thread that calls
/// [`run_until_complete`](Self::run_until_complete).
#[derive(Default)]
pub struct EventLoop(Rc<Core>);

/// What the loop shares with the futures on its thread. No `RefCell` in it may stay borrowed while
/// their code runs (a poll, a wake, a drop), because that code may use the loop.
#[derive(Default)]
pub struct Core {
    pub ready: Arc<Ready>,
    pub groups: RefCell<BTreeMap<u64, Rc<dyn Group>>>, // by the ids of their first tasks
    pub last_id: Cell<u64>,
    pub timers: Rc<Timers>,
}

impl Core {
    pub fn new_wakeup(&self) -> Arc<Wakeup> {
        self.last_id.set(self.last_id.get() + 1);
        let (id, ready) = (self.last_id.get(), Arc::downgrade(&self.ready));
        Arc::new(Wakeup { id, is_queued: Default::default(), ready })
    }

    /// Polls the task of a wakeup, unless it is done. No id is used twice, so a waker that outlives
    /// its task wakes no other.
    fn poll_task(&self, wakeup: &Arc<Wakeup>) {
        let groups = self.groups.borrow();
        let Some((&first_id, group)) = groups.range(..=wakeup.id).next_back() else { return };
        let group = group.clone();
        drop(groups);
        if group.poll((wakeup.id - first_id) as usize, wakeup) {
            self.groups.borrow_mut().remove(&first_id);
            guard(|| drop(group));
        }
    }
}

thread_local! {
    /// What `asyncio.get_running_loop()` returns.
    static RUNNING: RefCell<Option<Rc<Core>>> = const { RefCell::new(None) };
}

/// The core of the loop that runs on this thread.
pub fn running() -> Rc<Core> {
    RUNNING.with_borrow(Clone::clone).expect("no running event loop")
}

impl EventLoop {
    /// Creates a loop without tasks.
    pub fn new() -> EventLoop {
        EventLoop::default()
    }

    /// Runs `future` and all tasks until `future` completes. Unfinished tasks go on when the loop
    /// runs again.
    ///
    /// # Panics
    ///
    /// When `future` panics, and when this thread is running an event loop already.
    pub fn run_until_complete<F: Future>(&self, future: F) -> F::Output {
        let is_free = RUNNING.with_borrow(Option::is_none);
        assert!(is_free, "cannot run an event loop while another runs on the same thread");
        RUNNING.set(Some(self.0.clone()));
        let core = &self.0;
        let mut future = Box::pin(future);
        let main = core.new_wakeup();
        main.wake_by_ref();
        let mut output = None;
        // asyncio learns from a callback that its main task is done. The callback runs a round later.
        let mut is_last_round = false;
        while !is_last_round {
            is_last_round = output.is_some();
            let limit = if is_last_round { Duration::ZERO } else { core.timers.until_next() };
            // A round polls what is ready by now. What is woken meanwhile waits for the next round,
            // so a task that is always ready does not hold up the other tasks, or the timers.
            let round = core.ready.wait(limit);
            let due = core.timers.due(now());
            for next in round {
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
        let output = output.expect("the last round is the one after the output");
        output.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl Drop for EventLoop {
    /// Drops the unfinished tasks. Their destructors may use the loop, so it counts as running.
    fn drop(&mut self) {
        let outer = RUNNING.replace(Some(self.0.clone()));
        let next_group = || self.0.groups.borrow_mut().pop_first();
        from_fn(next_group).for_each(|group| guard(|| drop(group)));
        self.0.timers.due(u64::MAX).for_each(|waker| guard(|| drop(waker)));
        RUNNING.set(outer);
    }
}

/// Runs code that is not the loop's: a destructor, or the waker of another executor. If it panics, the
/// loop goes on.
pub fn guard(code: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(code));
}

/// A value whose destructor is run by [`guard`].
pub struct Guarded<T>(pub Option<T>);

impl<T> Drop for Guarded<T> {
    fn drop(&mut self) {
        guard(|| drop(self.0.take()));
    }
}
