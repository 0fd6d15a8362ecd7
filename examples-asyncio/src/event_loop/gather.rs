//! `gather`: waits for several tasks.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use super::ensure_future::ensure_future;
use super::sleep::sleep;
use super::task::{Awaiter, Task};

/// Creates a task for each future that is not a task, and returns the outputs in the order of the
/// futures. Unlike `asyncio.gather`, it creates the tasks when it is first polled.
///
/// # Panics
///
/// Immediately if one of the tasks panics (the other tasks continue, as in asyncio), or if no event
/// loop is running on this thread.
pub async fn gather<F: Future + 'static>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let tasks: Vec<_> = futures.into_iter().map(ensure_future).collect();
    if tasks.is_empty() {
        return Vec::new();
    }
    let pending = || tasks.iter().filter(|task| !task.has_result());
    let unfinished = if tasks.iter().any(Task::has_panicked) { 0 } else { pending().count() };
    let awaiter = Rc::new(Awaiter { unfinished: unfinished.into(), waker: None.into() });
    pending().for_each(|task| task.0.awaiter.set(Some(awaiter.clone())));
    // In asyncio, a callback of the last task resumes the task that awaits the gather. The loop
    // calls it in an iteration of its own, also if all tasks are done already.
    if unfinished == 0 {
        sleep(Duration::ZERO).await;
    }
    poll_fn(|cx| {
        awaiter.waker.set(Some(cx.waker().clone()));
        if awaiter.unfinished.get() == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    sleep(Duration::ZERO).await;
    tasks.iter().filter_map(Task::result).collect()
}
