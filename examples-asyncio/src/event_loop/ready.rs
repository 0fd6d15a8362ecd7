//! The queue of ready tasks, and the wakers that put tasks into it. This file teaches how the loop
//! learns that a task can go on. It is the only file whose code runs on other threads, too.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Result;
use std::time::Duration;

use super::{AtomicBool, Condvar, Mutex};

/// The ready tasks, first in, first out. No code panics while it holds the lock, so the lock can't be
/// poisoned.
#[derive(Default)]
pub struct Ready {
    queue: Mutex<Vec<Arc<Wakeup>>>,
    pushed: Condvar,
}

impl Ready {
    /// Takes all ready tasks. If there are none, it blocks the thread until there is one, but no longer
    /// than `limit`.
    pub fn wait(&self, limit: Duration) -> Vec<Arc<Wakeup>> {
        let queue = self.queue.lock().unwrap();
        let waited = self.pushed.wait_timeout_while(queue, limit, |queue| queue.is_empty());
        std::mem::take(&mut waited.unwrap().0)
    }
}

/// What the wakers of a task point to. It is not the task: wakers may move to other threads, tasks may
/// not.
pub struct Wakeup {
    /// The task's id.
    pub id: u64,
    /// Whether the task is in the queue. A task that is woken twice is polled once.
    pub is_queued: AtomicBool,
    pub ready: Weak<Ready>, // weak, because the queue owns this
}

impl Wakeup {
    /// Polls the task's future. A panic is an output, too.
    pub fn poll<F: Future>(self: &Arc<Self>, future: Pin<&mut F>) -> Poll<Result<F::Output>> {
        // Before the poll, not after it: a wake-up during the poll must lead to another poll. This is
        // a swap, not a store, so that the poll sees what the threads wrote that woke the task.
        self.is_queued.swap(false, Ordering::AcqRel);
        let waker = Waker::from(self.clone());
        let poll = || future.poll(&mut Context::from_waker(&waker)).map(Ok);
        catch_unwind(AssertUnwindSafe(poll)).unwrap_or_else(|panic| Poll::Ready(Err(panic)))
    }
}

impl Wake for Wakeup {
    fn wake(self: Arc<Self>) {
        let Some(ready) = self.ready.upgrade() else { return };
        if !self.is_queued.swap(true, Ordering::AcqRel) {
            let mut queue = ready.queue.lock().unwrap();
            queue.push(self);
            if queue.len() == 1 {
                ready.pushed.notify_one(); // the loop sleeps only while the queue is empty
            }
        }
    }
}
