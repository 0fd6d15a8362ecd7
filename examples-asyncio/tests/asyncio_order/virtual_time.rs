//! A clock that advances only when the loop waits, or when a test advances it.

use std::cell::Cell;
use std::convert::Infallible;
use std::panic::resume_unwind;
use std::sync::MutexGuard;
use std::time::Duration;

thread_local! {
    static NOW: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Sets this thread's clock to zero.
pub fn reset() {
    NOW.set(Duration::ZERO);
}

/// Returns the time since this thread's clock was zero.
pub fn now() -> Duration {
    NOW.get()
}

/// Advances the clock.
pub fn advance(by: Duration) {
    NOW.set(NOW.get() + by);
}

/// Replaces `std::time::Instant`. There is only one, and it is when the clock was zero.
pub struct Instant;

impl Instant {
    pub fn now() -> Instant {
        Instant
    }

    pub fn elapsed(&self) -> Duration {
        now()
    }
}

/// The panic of a wait without an end: no task is ready, and no timer is set.
pub struct Deadlock;

/// Replaces `std::sync::Condvar`. It never sleeps: it advances the clock to the end of the wait.
#[derive(Default)]
pub struct Condvar;

impl Condvar {
    pub fn notify_one(&self) {}

    pub fn wait_timeout_while<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        limit: Duration,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> Result<(MutexGuard<'a, T>, ()), Infallible> {
        if condition(&mut guard) {
            if limit == Duration::MAX {
                drop(guard); // before the panic, which would poison the lock
                resume_unwind(Box::new(Deadlock));
            }
            advance(limit);
        }
        Ok((guard, ()))
    }
}
