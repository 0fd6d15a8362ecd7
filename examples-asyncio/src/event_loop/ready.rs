//! The queue of ready tasks, and the wakers that push tasks to it. This file shows what happens
//! when a task is woken. It is the only file whose code also runs on other threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Result;
use std::time::Duration;

use super::{AtomicBool, Condvar, Mutex};

/// The ready tasks, first in, first out. No code panics while it holds the lock, so the lock cannot
/// be poisoned.
#[derive(Default)]
pub struct ReadyQueue {
    queue: Mutex<Vec<Arc<TaskWaker>>>,
    pushed: Condvar,
}

impl ReadyQueue {
    /// Takes all ready tasks. If there are none, this blocks the thread until there is one, or
    /// until `limit` has passed.
    pub fn wait(&self, limit: Duration) -> Vec<Arc<TaskWaker>> {
        let queue = self.queue.lock().unwrap();
        let waited = self.pushed.wait_timeout_while(queue, limit, |queue| queue.is_empty());
        std::mem::take(&mut waited.unwrap().0)
    }
}

/// The state behind the wakers of a task. It does not hold the task: wakers may move to other
/// threads, and tasks may not.
pub struct TaskWaker {
    /// The task's id.
    pub id: u64,
    /// Whether the task is in the queue. A task that is woken twice is polled once.
    pub is_queued: AtomicBool,
    pub ready: Weak<ReadyQueue>, // weak, because the queue owns this
}

impl TaskWaker {
    /// Polls the task's future. Returns a panic of the future as `Ready(Err)`.
    pub fn poll<F: Future>(self: &Arc<Self>, future: Pin<&mut F>) -> Poll<Result<F::Output>> {
        // Cleared before the poll, because a wake during the poll must lead to another poll. A
        // swap, unlike a store, also acquires: the poll sees all that the waking threads have
        // written.
        self.is_queued.swap(false, Ordering::AcqRel);
        let waker = Waker::from(self.clone());
        let poll = || future.poll(&mut Context::from_waker(&waker)).map(Ok);
        catch_unwind(AssertUnwindSafe(poll)).unwrap_or_else(|panic| Poll::Ready(Err(panic)))
    }
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        let Some(ready) = self.ready.upgrade() else { return };
        if !self.is_queued.swap(true, Ordering::AcqRel) {
            let mut queue = ready.queue.lock().unwrap();
            queue.push(self);
            if queue.len() == 1 {
                ready.pushed.notify_one(); // the loop waits only while the queue is empty
            }
        }
    }
}
