//! Calls of blocking functions, like `asyncio.to_thread`.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::{future::poll_fn, thread};

/// Calls `function` on a thread of its own, and returns its output, or resumes its panic. Unlike
/// `asyncio.to_thread`, it has no thread pool. If the future is dropped, the thread goes on.
pub async fn to_thread<T: Send + 'static>(function: impl FnOnce() -> T + Send + 'static) -> T {
    // The result, and the waker of the task that waits for it.
    let shared = Arc::new(Mutex::new((None, None::<Waker>)));
    let of_thread = shared.clone();
    thread::spawn(move || {
        let result = catch_unwind(AssertUnwindSafe(function));
        let mut shared = of_thread.lock().unwrap();
        shared.0 = Some(result);
        let waker = shared.1.take();
        drop(shared);
        waker.into_iter().for_each(Waker::wake);
    });
    let wait = poll_fn(|cx| {
        let mut shared = shared.lock().unwrap();
        shared.1 = Some(cx.waker().clone());
        shared.0.take().map_or(Poll::Pending, Poll::Ready)
    });
    wait.await.unwrap_or_else(|panic| resume_unwind(panic))
}
