//! An event loop like asyncio's, in safe Rust with nothing but `std`: written to be read.
//!
//! One thread runs all tasks. A task that is ready is pushed to the end of a queue. The loop polls
//! the tasks in the queue, first in, first out. When no task is ready, the thread sleeps until the
//! next deadline, or until another thread wakes a task.
//!
//! ```text
//! EventLoop ── Core ┬─ tasks ──── TaskState ── future, the task's waker
//!                   ├─ timers ─── deadline, waker of a task
//!                   └─ ready ──── TaskWaker, TaskWaker, … (locked: other threads push, too)
//! Task, the handle ──────────────► TaskState
//! Waker (in timers, on threads) ─► TaskWaker ── slot: which of the loop's tasks
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
use std::sync::{Condvar, Mutex, atomic::AtomicBool};
use std::time::Instant;
