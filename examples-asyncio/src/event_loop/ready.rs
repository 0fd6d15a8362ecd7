//! The queue of ready tasks, and the wakers that put tasks into it. This file teaches how a future
//! says that it can go on. Only what is in this file can be reached by other threads.

use std::mem::take;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use super::{AtomicBool, Condvar, Mutex};

/// Who is ready, first in, first out. Nothing that runs while the lock is held can panic, so the lock
/// can't be poisoned.
#[derive(Default)]
pub(super) struct Ready {
    queue: Mutex<Vec<Arc<Wakeup>>>,
    pushed: Condvar,
}

impl Ready {
    /// Takes all that are ready. If none is, it blocks the thread until one is, but no longer than
    /// `limit`.
    pub(super) fn wait(&self, limit: Duration) -> Vec<Arc<Wakeup>> {
        let queue = self.queue.lock().unwrap();
        let waited = self.pushed.wait_timeout_while(queue, limit, |queue| queue.is_empty());
        take(&mut waited.unwrap().0)
    }
}

/// What the wakers of a task hold. It is not the task: wakers may go to other threads, tasks may not.
pub(super) struct Wakeup {
    /// The task's id.
    pub(super) id: u64,
    /// Whether it is in the queue. A task that is woken twice is polled once.
    is_queued: AtomicBool,
    ready: Weak<Ready>, // weak, because the queue holds this
}

impl Wakeup {
    pub(super) fn new(id: u64, ready: &Arc<Ready>) -> Arc<Wakeup> {
        let is_queued = AtomicBool::new(false);
        Arc::new(Wakeup { id, is_queued, ready: Arc::downgrade(ready) })
    }

    /// Polls the future of the task that this belongs to. A panic is an output, too.
    pub(super) fn poll<F: Future>(
        self: &Arc<Self>,
        future: Pin<&mut F>,
    ) -> Poll<thread::Result<F::Output>> {
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
