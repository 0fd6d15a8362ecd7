//! A clock that stands still until the loop would sleep, or until a test moves it on.

use std::cell::Cell;
use std::convert::Infallible;
use std::sync::MutexGuard;
use std::time::Duration;

thread_local! {
    static NOW: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Sets the clock to zero.
pub fn reset() {
    NOW.set(Duration::ZERO);
}

/// How long it is since the clock was zero.
pub fn now() -> Duration {
    NOW.get()
}

/// Moves the clock on.
pub fn advance(by: Duration) {
    NOW.set(NOW.get() + by);
}

/// Stands in for `std::time::Instant`.
pub struct Instant(Duration);

impl Instant {
    pub fn now() -> Instant {
        Instant(NOW.get())
    }

    pub fn elapsed(&self) -> Duration {
        NOW.get() - self.0
    }
}

/// Stands in for `std::sync::Condvar`. It never sleeps: it moves the clock on to the end of the wait.
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
            assert!(limit < Duration::MAX, "nothing will ever happen");
            advance(limit);
        }
        Ok((guard, ()))
    }
}
