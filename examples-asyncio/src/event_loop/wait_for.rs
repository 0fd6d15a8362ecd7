//! A time limit, like `asyncio.wait_for`.

use std::future::poll_fn;
use std::{error, fmt, pin::pin, task::Poll, time::Duration};

use super::sleep::sleep;

/// Returns the output of `future`. If `timeout` passes first, this drops `future` and returns an
/// error.
pub async fn wait_for<F: Future>(future: F, timeout: Duration) -> Result<F::Output, TimeoutError> {
    let (mut future, mut timer) = (pin!(future), pin!(sleep(timeout)));
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Ok(output)),
        Poll::Pending => timer.as_mut().poll(cx).map(|()| Err(TimeoutError)),
    })
    .await
}

/// The error of [`wait_for`].
#[derive(Debug, PartialEq, Eq)]
pub struct TimeoutError;

impl fmt::Display for TimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("timed out")
    }
}

impl error::Error for TimeoutError {}
