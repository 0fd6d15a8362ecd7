//! Timers. This file shows what `sleep` is: a deadline in a sorted map, with a waker. A timer has
//! no thread of its own: the loop's thread waits for the deadline.

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

/// Returns the time in nanoseconds since the first call, like `loop.time()`. A `u64` has half the
/// size of an `Instant`, and is enough for 584 years.
pub fn now() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_nanos() as u64
}

/// The wakers of the sleeping tasks, by deadline. If two deadlines are equal, the later sleep gets
/// the next free nanosecond.
#[derive(Default)]
pub struct Timers(RefCell<BTreeMap<u64, Waker>>);

impl Timers {
    /// Returns the time until the first deadline, or the longest duration if there is no timer.
    pub fn until_next(&self) -> Duration {
        let first = self.0.borrow().first_key_value().map(|(deadline, _)| *deadline);
        first.map_or(Duration::MAX, |deadline| Duration::from_nanos(deadline.saturating_sub(now())))
    }

    /// Removes the timers whose deadline is `time` or earlier, in the order of their deadlines.
    pub fn due(&self, time: u64) -> impl Iterator<Item = Waker> {
        from_fn(move || {
            let mut timers = self.0.borrow_mut();
            let first = timers.first_entry().filter(|first| *first.key() <= time)?;
            Some(first.remove())
        })
    }

    /// Adds a timer, and returns its deadline.
    fn add(&self, delay: u64, waker: Waker) -> u64 {
        let mut timers = self.0.borrow_mut();
        let is_free = |deadline: &_| !timers.contains_key(deadline);
        let deadline = (now() + delay..).find(is_free).expect("there is a free deadline");
        timers.insert(deadline, waker);
        deadline
    }
}

/// Suspends the task for `delay`, which counts from the first poll, and for 292 years at most. If
/// `delay` is zero, the loop polls all other ready tasks before this one resumes.
///
/// # Panics
///
/// If no event loop is running on this thread, or if a different event loop polls it than at first.
pub fn sleep(delay: Duration) -> Sleep {
    Sleep { time: delay.as_nanos().min(1 << 63) as u64, timers: None }
}

/// The future that [`sleep`] returns. Its timer is dropped with it.
pub struct Sleep {
    /// The delay before the first poll, the deadline after it. One field for both keeps this small.
    time: u64,
    /// The timers of the loop that polled it first. Weak, because the loop owns tasks, and tasks
    /// own sleeps.
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
        assert!(own.as_ptr() == Rc::as_ptr(timers), "a sleep cannot move to another event loop");
        // A sleep that has ended has no entry. Another one keeps the waker of its last poll.
        let previous =
            timers.0.borrow_mut().get_mut(&self.time).map(|entry| replace(entry, waker.clone()));
        if previous.is_none() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let timers = self.timers.as_ref().and_then(Weak::upgrade);
        let _waker = timers.and_then(|timers| timers.0.borrow_mut().remove(&self.time));
    }
}
