//! The queue of ready tasks, and the wakers that push tasks to it. This file shows what happens
//! when a task is woken. Of the loop, only this code also runs on other threads.

use std::{sync::Arc, sync::Weak, sync::atomic::Ordering::AcqRel, task::Wake, time::Duration};

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

/// What the wakers of a task share. It does not hold the task: wakers may move to other threads,
/// and tasks may not.
#[derive(Default)]
pub struct TaskWaker {
    /// Where the loop keeps the task.
    pub slot: usize,
    /// Whether the task is in the queue. A task that is woken twice is polled once.
    pub is_queued: AtomicBool,
    /// Whether the loop drops the task in place of the next poll. No other thread uses this.
    pub is_cancelled: AtomicBool,
    pub ready: Weak<ReadyQueue>, // weak, because the queue may own this
}

impl TaskWaker {
    /// Lets the task be pushed again. This comes before the poll, because a wake during the poll
    /// must lead to another poll. A swap, unlike a store, also acquires: the poll sees all that the
    /// waking threads have written.
    pub fn leave_queue(&self) {
        self.is_queued.swap(false, AcqRel);
    }
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        let Some(ready) = self.ready.upgrade() else { return };
        if !self.is_queued.swap(true, AcqRel) {
            let mut queue = ready.queue.lock().unwrap();
            queue.push(self);
            if queue.len() == 1 {
                ready.pushed.notify_one(); // the loop waits only while the queue is empty
            }
        }
    }
}
