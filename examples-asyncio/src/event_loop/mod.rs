//! An event loop like asyncio's, in safe Rust with nothing but `std`: written to be read.
//!
//! It uses asyncio's names, and it runs tasks in asyncio's order. One thread runs all tasks. A task
//! that is ready is pushed to the end of a queue. The loop polls the tasks in the queue, first in,
//! first out. When no task is ready, the thread sleeps until the next deadline, or until another
//! thread wakes a task.
//!
//! In Rust, a coroutine is a *future*. Its method `poll` runs it until an `await` that has to wait.
//! What it waits for keeps a *waker*, and calls it when the wait is over. The waker pushes the task
//! to the queue, and the next poll resumes the coroutine.
//!
//! ```text
//! EventLoop ─► Core ┬─ tasks: TaskState ┬─ the future, and then its result
//!                   │                   └─ TaskWaker: the slot of the task, and (weakly) `ready`
//!                   ├─ timers: a deadline, and a Waker of the task that waits for it
//!                   └─ ready: the TaskWakers of the tasks that are polled next
//! Task, the handle ─► TaskState
//! Waker, perhaps on another thread ─► TaskWaker
//! ```
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
//! 3. `task.rs`: tasks. `foreign.rs` polls their futures.
//! 4. `timer.rs` and `sleep.rs`: timers, and the future that waits for one.
//! 5. asyncio's tools: `ensure_future.rs` and `gather.rs`; `waiters.rs` before `queue.rs`, `event.rs`
//!    and `semaphore.rs`; `as_completed.rs`, `wait_for.rs` and `to_thread.rs`.
//!
//! # Where it differs from asyncio
//!
//! A test runs random programs on this event loop and on CPython, and compares the order of every
//! step. The programs use all but [`wait_for`] and [`to_thread`]. The order is the same, apart from
//! these differences:
//!
//! - [`Task::cancel`] makes the loop drop the task's future. asyncio raises `CancelledError` in the
//!   task, which may catch it.
//! - If a cancelled task awaits another task, asyncio cancels that one, too. Here the other task runs
//!   to completion. If it waits for a [`Semaphore`] or a [`Queue`], asyncio removes it there at once.
//!   Here it is removed in the next iteration, when its future is dropped.
//! - [`run`] drops the tasks that are unfinished when its future completes. `asyncio.run` cancels
//!   them and waits for them.
//! - [`gather`] creates its tasks when it is first polled. `asyncio.gather` creates them when it is
//!   called. Since 3.12, it does not suspend if all its tasks are done already, or if one has failed.
//!   This one does, as asyncio did before.
//! - If two tasks of a [`gather`] panic in the same iteration, it resumes the panic of the first of
//!   them in the order of the arguments. asyncio raises the exception that came first.
//! - Sleeps with the same deadline end in the order in which they started. asyncio does not specify
//!   that order.
//! - If [`wait_for`] awaits a task, that task runs on after the time limit. asyncio cancels it. With
//!   a limit of zero, this one polls the future once. asyncio does not.
//! - [`to_thread`] starts a thread for each call, and [`run`] does not wait for it. asyncio has a
//!   thread pool, and waits for it.
//! - A panic takes the place of an exception.

mod foreign;
mod ready;
mod run;
mod sleep;
mod task;
mod timer;

pub use run::{EventLoop, run};
pub use sleep::{Sleep, sleep};
pub use task::{Task, create_task};

mod as_completed;
mod ensure_future;
mod event;
mod gather;
mod queue;
mod semaphore;
mod to_thread;
mod wait_for;
mod waiters;

pub use as_completed::{AsCompleted, as_completed};
pub use event::Event;
pub use gather::gather;
pub use queue::Queue;
pub use semaphore::{Permit, Semaphore};
pub use to_thread::to_thread;
pub use wait_for::wait_for;

// Tests replace these: the clock with a virtual one, the locks with those of the crate loom.
use std::{sync::Condvar, sync::Mutex, sync::atomic::AtomicBool, time::Instant};
