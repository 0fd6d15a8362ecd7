//! Timers. This file teaches what `sleep` is: a deadline in a sorted map, with a waker beside it. The
//! only thread that waits for the deadline is the loop's.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::iter::from_fn;
use std::mem::replace;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::Instant;
use super::run::running;

/// Nanoseconds since [`START`]: half the size of an `Instant`, and enough for 584 years.
type Nanoseconds = u64;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The clock, like `loop.time()`.
pub fn now() -> Nanoseconds {
    START.elapsed().as_nanos() as Nanoseconds
}

/// The wakers of the sleeping tasks, by deadline. If a deadline is taken, a sleep gets the next free
/// nanosecond.
#[derive(Default)]
pub struct Timers(RefCell<BTreeMap<Nanoseconds, Waker>>);

impl Timers {
    /// How long it is until the first deadline.
    pub fn until_next(&self) -> Duration {
        let first = self.0.borrow().first_key_value().map(|(deadline, _)| *deadline);
        first.map_or(Duration::MAX, |deadline| Duration::from_nanos(deadline.saturating_sub(now())))
    }

    /// Removes the timers whose deadline is `time` or earlier, the first one first.
    pub fn due(&self, time: Nanoseconds) -> impl Iterator<Item = Waker> {
        from_fn(move || {
            let mut timers = self.0.borrow_mut();
            let first = timers.first_entry().filter(|first| *first.key() <= time)?;
            Some(first.remove())
        })
    }

    /// Returns the deadline.
    fn add(&self, delay: Nanoseconds, waker: Waker) -> Nanoseconds {
        let mut timers = self.0.borrow_mut();
        let is_free = |deadline: &_| !timers.contains_key(deadline);
        let deadline = (now() + delay..).find(is_free).expect("the clock counts much further");
        timers.insert(deadline, waker);
        deadline
    }
}

/// Suspends the task for `delay`, counted from the first poll, but for 292 years at most. A `delay` of
/// zero lets all other tasks that are ready be polled first.
///
/// # Panics
///
/// When it is polled while no event loop is running on this thread, or another one than at first.
pub fn sleep(delay: Duration) -> Sleep {
    Sleep { time: delay.as_nanos().min(1 << 63) as Nanoseconds, timers: None }
}

/// The future that [`sleep`] returns. Its timer is dropped with it.
pub struct Sleep {
    /// The delay until the first poll, from then on the deadline: a million of these should be small.
    time: Nanoseconds,
    /// Those of the loop that has polled it. Weak, because the loop owns tasks, and tasks own this.
    timers: Option<Weak<Timers>>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let timers = &running().timers;
        let waker = cx.waker().clone();
        let Some(own) = &self.timers else {
            self.timers = Some(Rc::downgrade(timers));
            match self.time {
                0 => waker.wake(),
                delay => self.time = timers.add(delay, waker),
            }
            return Poll::Pending;
        };
        let loops_own = Rc::downgrade(timers);
        assert!(own.ptr_eq(&loops_own), "a sleep cannot go on in another event loop");
        // A sleep that is over has no entry. Otherwise the task that polled last is the one to wake.
        let previous = timers.0.borrow_mut().get_mut(&self.time).map(|entry| replace(entry, waker));
        if previous.is_none() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let timers = self.timers.as_ref().and_then(Weak::upgrade);
        let _waker = timers.and_then(|timers| timers.0.borrow_mut().remove(&self.time));
    }
}
