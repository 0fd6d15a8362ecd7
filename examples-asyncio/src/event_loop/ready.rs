//! The queue of ready tasks, and the wakers that put tasks into it. This file teaches how a future
//! says that it can go on. Only what is in this file can be reached by other threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Result;
use std::time::Duration;

use super::{AtomicBool, Condvar, Mutex};

/// Who is ready, first in, first out. Nothing that runs while the lock is held can panic, so the lock
/// can't be poisoned.
#[derive(Default)]
pub struct Ready {
    queue: Mutex<Vec<Arc<Wakeup>>>,
    pushed: Condvar,
}

impl Ready {
    /// Takes all that are ready. If none is, it blocks the thread until one is, but no longer than
    /// `limit`.
    pub fn wait(&self, limit: Duration) -> Vec<Arc<Wakeup>> {
        let queue = self.queue.lock().unwrap();
        let waited = self.pushed.wait_timeout_while(queue, limit, |queue| queue.is_empty());
        std::mem::take(&mut waited.unwrap().0)
    }
}

/// What the wakers of a task hold. It is not the task: wakers may go to other threads, tasks may not.
pub struct Wakeup {
    /// The task's id.
    pub id: u64,
    /// Whether it is in the queue. A task that is woken twice is polled once.
    pub is_queued: AtomicBool,
    pub ready: Weak<Ready>, // weak, because the queue holds this
}

impl Wakeup {
    /// Polls the future of the task that this belongs to. A panic is an output, too.
    pub fn poll<F: Future>(self: &Arc<Self>, future: Pin<&mut F>) -> Poll<Result<F::Output>> {
        // Before the poll, not after it: a wake-up during the poll has to lead to another poll. This
        // swaps, and does not store, so that the poll sees all that the waking threads wrote.
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
