//! Calls of foreign code: of futures, destructors and wakers. Their panics do not end the loop.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, Waker};
use std::{mem::forget, pin::Pin, sync::Arc, thread};

use super::ready::TaskWaker;

/// The output of a task, or its panic.
pub type TaskResult = thread::Result<Box<dyn Any>>;

/// A future whose output is in a box, so that tasks with any output have one type.
pub trait Coroutine {
    fn poll(self: Pin<&mut Self>, waker: &Arc<TaskWaker>) -> Poll<TaskResult>;
}

impl<F: Future + 'static> Coroutine for F {
    fn poll(self: Pin<&mut Self>, waker: &Arc<TaskWaker>) -> Poll<TaskResult> {
        let waker = Waker::from(waker.clone());
        let poll = || Future::poll(self, &mut Context::from_waker(&waker));
        let polled = catch_unwind(AssertUnwindSafe(poll));
        let polled = polled.map(|poll| poll.map(|output| Ok(Box::new(output) as _)));
        polled.unwrap_or_else(|panic| Poll::Ready(Err(panic)))
    }
}

/// Runs foreign code: a destructor, or a waker, which is foreign if a combinator like `join_all`
/// polled the future. Its panic does not end the loop, and other tasks continue. The value of the
/// panic is leaked, because its destructor may panic, too.
pub fn guard(code: impl FnOnce()) {
    forget(catch_unwind(AssertUnwindSafe(code)));
}
