//! The loop. This file shows what `asyncio.run` does. Each iteration polls the tasks that are
//! ready, then wakes the tasks whose deadline has passed. The loop ends when its main task is done.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::{pin::Pin, rc::Rc, sync::Arc, time::Duration};

use super::ensure_future::ensure_future;
use super::foreign::{Coroutine, guard};
use super::ready::{ReadyQueue, TaskWaker};
use super::task::TaskState;
use super::timer::{Timers, now, pop_due, until_next};

/// Runs `future` as a task on a new event loop, as `asyncio.run` does. Tasks that are unfinished
/// when it completes are dropped.
///
/// # Panics
///
/// If `future` panics, or if this thread runs an event loop already.
pub fn run<F: Future + 'static>(future: F) -> F::Output {
    EventLoop::default().run_until_complete(future)
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
    pub timers: Timers,
    /// When the iteration began, in nanoseconds.
    pub time: Cell<u64>,
    /// The tasks that are not done, each in its slot.
    tasks: RefCell<Vec<Option<Rc<TaskState>>>>,
    free_slots: RefCell<Vec<usize>>,
}

thread_local! {
    /// The loop that runs on this thread, like `asyncio.get_running_loop()`.
    pub static RUNNING: RefCell<Option<Rc<Core>>> = const { RefCell::new(None) };
}

/// Returns the core of the loop that runs on this thread.
pub fn running() -> Rc<Core> {
    RUNNING.with_borrow(Clone::clone).expect("no running event loop")
}

impl EventLoop {
    /// Runs `future` as a task, and all other tasks, until that task is done. Unfinished tasks
    /// resume when the loop runs again.
    ///
    /// # Panics
    ///
    /// If `future` panics, or if this thread runs an event loop already.
    pub fn run_until_complete<F: Future + 'static>(&self, future: F) -> F::Output {
        assert!(RUNNING.with_borrow(Option::is_none), "this thread runs an event loop already");
        self.enter(|| {
            let main = ensure_future(future); // creates a task, unless `future` is one
            while !main.has_result() {
                self.0.run_once(until_next(&self.0.timers));
            }
            // In asyncio a callback of the main task stops the loop, in an iteration of its own.
            self.0.run_once(Duration::ZERO);
            main.result().expect("it is done")
        })
    }

    /// Runs code while this loop is the running one.
    fn enter<R>(&self, code: impl FnOnce() -> R) -> R {
        // If a thread-local variable holds the loop, RUNNING may be gone already.
        let outer = RUNNING.try_with(|running| running.replace(Some(self.0.clone())));
        let result = catch_unwind(AssertUnwindSafe(code));
        let _ = outer.map(|outer| RUNNING.set(outer));
        result.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl Drop for EventLoop {
    /// Drops the unfinished tasks. Their destructors may use the loop.
    fn drop(&mut self) {
        self.enter(|| {
            // A destructor may create another task.
            while self.0.tasks.borrow().iter().flatten().map(|task| task.cancel()).count() > 0 {
                self.0.run_once(Duration::ZERO);
            }
            // A destructor may leave a timer behind.
            self.0.timers.take().into_values().for_each(|waker| guard(|| drop(waker)));
        });
    }
}

impl Core {
    /// Adds a task, which is not in the queue yet.
    pub fn add(&self, future: Pin<Box<dyn Coroutine>>) -> Rc<TaskState> {
        let mut tasks = self.tasks.borrow_mut();
        let slot = self.free_slots.borrow_mut().pop().unwrap_or(tasks.len());
        let (result, awaiter, future) = (Cell::default(), Cell::default(), Cell::new(Some(future)));
        let ready = Arc::downgrade(&self.ready);
        let waker = Arc::new(TaskWaker { slot, ready, ..TaskWaker::default() });
        let task = Rc::new(TaskState { future, result, awaiter, waker });
        let len = tasks.len().max(slot + 1);
        tasks.resize(len, None);
        tasks[slot] = Some(task.clone());
        task
    }

    fn run_once(&self, limit: Duration) {
        // An iteration polls the tasks that are ready when it begins. If one wakes itself, it is
        // polled in the next iteration, so a task that is always ready does not starve the timers.
        let ready = self.ready.wait(limit);
        self.time.set(now());
        for waker in ready {
            let task = self.tasks.borrow()[waker.slot].clone();
            // If the task of this waker is done, another one may have its slot.
            let Some(task) = task.filter(|task| Arc::ptr_eq(&task.waker, &waker)) else { continue };
            if task.poll() {
                self.tasks.borrow_mut()[waker.slot] = None;
                self.free_slots.borrow_mut().push(waker.slot);
            }
            guard(|| drop(task));
        }
        while let Some(waker) = pop_due(&self.timers, self.time.get()) {
            guard(|| waker.wake());
        }
    }
}
