//! An event loop like asyncio's, in safe Rust with nothing but `std`: written to be read.
//!
//! It uses asyncio's names, and it runs tasks in asyncio's order. One thread runs all tasks. A task
//! that is ready is pushed to the end of a queue. The loop polls the tasks in the queue, first in,
//! first out. When no task is ready, the thread sleeps until the next deadline, or until another
//! thread wakes a task.
//!
//! In Rust, a coroutine is a *future*, and its method `poll` runs it until its next `await` that
//! has to wait. `await` polls the inner future with the same *waker*. A future that has to wait
//! keeps the waker of its last poll and returns `Poll::Pending`. When the wait is over, a
//! call of `wake` on the waker pushes the task to the queue. The next poll resumes the task at the
//! same `await`. A task may also be polled for no reason, so a future checks whether its wait is
//! over. A waiting task takes memory, but no thread and no CPU time. (A future must not move after
//! its first poll. `Pin` and `Box::pin` make sure of that.)
//!
//! ```
//! use examples_asyncio::event_loop::{create_task, gather, run, sleep};
//! use std::time::Duration;
//!
//! async fn double(n: u32) -> u32 {
//!     sleep(Duration::from_millis(5)).await;
//!     2 * n
//! }
//!
//! let (first, others) = run(async {
//!     let task = create_task(double(1));
//!     let others = gather([double(2), double(3)]).await;
//!     (task.await, others)
//! });
//! assert_eq!((first, others), (2, vec![4, 6]));
//! ```
//!
//! Read the files in this order:
//!
//! 1. `run.rs`: the loop.
//! 2. `ready.rs`: the queue of ready tasks, and the wakers that push tasks to it.
//! 3. `task.rs`: tasks, and `gather`.
//! 4. `timer.rs`: `sleep`.
//!
//! # Where it differs from asyncio
//!
//! A test runs random programs on this event loop and on CPython, and compares the order of every
//! step. The order is the same, apart from these differences:
//!
//! - [`Task::cancel`] drops the task's future. asyncio raises `CancelledError` in the task, which
//!   may catch it. If the task awaits another task, asyncio cancels that one, too. This event loop
//!   does not: the other task runs to completion.
//! - [`run`] drops the tasks that are unfinished when its future completes. `asyncio.run` cancels
//!   them and waits for them.
//! - [`gather`] creates its tasks when it is first polled. `asyncio.gather` creates them when it is
//!   called.
//! - Sleeps with the same deadline end in the order in which they started. asyncio does not specify
//!   that order.
//! - A panic takes the place of an exception.

mod ready;
mod run;
mod task;
mod timer;

pub use run::{EventLoop, run};
pub use task::{Task, create_task, gather};
pub use timer::{Sleep, sleep};

// Tests replace these: the clock with a virtual one, the locks with those of the crate loom.
use std::sync::{Condvar, Mutex, atomic::AtomicBool};
use std::time::Instant;
