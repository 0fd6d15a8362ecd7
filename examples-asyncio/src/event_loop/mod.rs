//! An event loop like asyncio's, in safe Rust with nothing but `std`: written to be read.
//!
//! It has asyncio's names and asyncio's order. One thread runs everything. A task that is ready joins
//! the end of a queue. The loop polls the tasks from the front: each runs until it has to wait. When
//! no task is ready, the thread sleeps until the next deadline, or until another thread wakes a task.
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
//! 1. `run.rs`: the loop, round after round.
//! 2. `ready.rs`: the queue of ready tasks, and the wakers that put tasks into it.
//! 3. `task.rs`: tasks, and `gather`.
//! 4. `timer.rs`: `sleep`.
//!
//! # Where it differs from asyncio
//!
//! A test runs random programs here and on CPython, and finds the same order, with these exceptions:
//!
//! - [`Task::cancel`] drops the task's future. asyncio raises `CancelledError` in it, which it may
//!   catch. asyncio also cancels what the task awaits. Here a [`Task`] that is dropped runs to
//!   completion, also if another task was awaiting it.
//! - [`run`] drops the tasks that are left when its future completes. `asyncio.run` cancels them and
//!   runs them to completion.
//! - Sleeps with the same deadline end in the order in which they began. asyncio leaves that order
//!   open.
//! - An exception is a panic here.

mod ready;
mod run;
mod task;
mod timer;

pub use run::{EventLoop, run};
pub use task::{Task, create_task, gather};
pub use timer::{Sleep, sleep};

// Tests replace these: the clock by a virtual one, the locks by those of the crate loom.
use std::sync::atomic::AtomicBool;
use std::sync::{Condvar, Mutex};
use std::time::Instant;
