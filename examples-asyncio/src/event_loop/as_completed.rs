//! Results in the order in which tasks end, like `asyncio.as_completed`.

use std::{rc::Rc, task::Wake};

use super::ensure_future::ensure_future;
use super::queue::Queue;
use super::task::{Awaiter, Task};

/// Creates a task for each future that is not a task.
///
/// # Panics
///
/// If no event loop is running on this thread.
pub fn as_completed<F: Future + 'static>(
    futures: impl IntoIterator<Item = F>,
) -> AsCompleted<F::Output> {
    let tasks: Vec<_> = futures.into_iter().map(ensure_future).collect();
    let (left, done) = (tasks.len(), Rc::new(Queue::new()));
    for task in tasks {
        let (state, is_done, queue) = (task.0.clone(), task.has_result(), done.clone());
        // In asyncio a callback puts the task into the queue, one iteration after its end.
        let callback = Task::new(async move { queue.put_nowait(task) });
        let waker = callback.0.waker.clone();
        let awaiter = Awaiter { unfinished: 1.into(), waker: Some(waker.clone().into()).into() };
        state.awaiter.set(Some(Rc::new(awaiter)));
        if is_done {
            waker.wake();
        }
    }
    AsCompleted { left, done }
}

/// The tasks of [`as_completed`].
pub struct AsCompleted<T> {
    left: usize,
    done: Rc<Queue<Task<T>>>,
}

impl<T: 'static> AsCompleted<T> {
    /// Waits for the task that ends next, and returns its output, or resumes its panic. After as
    /// many calls as there are tasks, it returns `None`.
    pub async fn next(&mut self) -> Option<T> {
        self.left = self.left.checked_sub(1)?;
        Some(self.done.get().await.await)
    }
}
