//! A time limit, like `asyncio.wait_for`.

use std::future::poll_fn;
use std::io::{ErrorKind, Result};
use std::{pin::pin, task::Poll, time::Duration};

use super::sleep::sleep;

/// Returns the output of `future`. If `timeout` passes first, this drops `future`, and returns an
/// error of the kind [`ErrorKind::TimedOut`]. (`TimeoutError` in Python is an `OSError`, too.)
pub async fn wait_for<F: Future>(future: F, timeout: Duration) -> Result<F::Output> {
    let (mut future, mut timer) = (pin!(future), pin!(sleep(timeout)));
    poll_fn(|cx| match timer.as_mut().poll(cx) {
        Poll::Ready(()) => Poll::Ready(Err(ErrorKind::TimedOut.into())),
        Poll::Pending => future.as_mut().poll(cx).map(Ok),
    })
    .await
}
