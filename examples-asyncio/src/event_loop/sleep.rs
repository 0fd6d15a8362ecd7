//! `sleep`. This file shows what a future does that has to wait: it keeps the waker where somebody
//! will call it, and returns `Poll::Pending`.

use std::{pin::Pin, task::Context, task::Poll, time::Duration};

use super::run::{RUNNING, running};
use super::timer::{TimerId, new_timer, now};

/// Suspends the task for `delay`, which counts from the first poll, and for 584 years at most. If
/// `delay` is zero, the loop polls all other ready tasks before this one resumes.
///
/// # Panics
///
/// If it is polled while no event loop is running on this thread.
pub fn sleep(delay: Duration) -> Sleep {
    Sleep(State::Created { delay: delay.as_nanos().try_into().unwrap_or(u64::MAX) })
}

/// The future that [`sleep`] returns. If it is dropped while its loop runs, its timer is removed.
/// Otherwise the timer stays until its deadline, and wakes the task for no reason.
pub struct Sleep(State);

/// Times are in nanoseconds, because a `u64` has half the size of a [`Duration`].
enum State {
    Created { delay: u64 },
    Waiting(TimerId),
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let (event_loop, waker) = (running(), cx.waker().clone());
        if let State::Created { delay } = self.0 {
            self.0 = State::Waiting(new_timer(now().saturating_add(delay)));
            if delay == 0 {
                waker.wake_by_ref();
                return Poll::Pending;
            }
        }
        match self.0 {
            State::Waiting(timer) if timer.0 > event_loop.time.get() => {
                // It may be polled before its deadline, perhaps with another waker. The name keeps
                // the replaced one until the timers are not borrowed any longer.
                let _replaced = event_loop.timers.borrow_mut().insert(timer, waker);
                Poll::Pending
            }
            _ => Poll::Ready(()),
        }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        // If a thread-local variable holds the sleep, RUNNING may be gone already.
        let event_loop = RUNNING.try_with(|running| running.borrow().clone());
        if let (State::Waiting(timer), Ok(Some(event_loop))) = (&self.0, event_loop) {
            let _waker = event_loop.timers.borrow_mut().remove(timer);
        }
    }
}
