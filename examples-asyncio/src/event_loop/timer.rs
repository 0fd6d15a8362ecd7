//! Timers. A timer is a deadline with a waker, in a sorted map. It has no thread of its own: the
//! loop's thread waits for the first deadline.

use std::sync::{LazyLock, atomic::AtomicU64, atomic::Ordering::Relaxed};
use std::{cell::RefCell, collections::BTreeMap, num::NonZeroU64, task::Waker, time::Duration};

use super::Instant;

/// The deadline in nanoseconds, and a number that counts the timers of all loops. So two timers
/// with the same deadline end in the order in which they were created. The number is not zero, which
/// makes a [`Sleep`](super::Sleep) smaller.
pub type TimerId = (u64, NonZeroU64);

/// Returns an id that no other timer has.
pub fn new_timer(deadline: u64) -> TimerId {
    static LAST: AtomicU64 = AtomicU64::new(0);
    (deadline, NonZeroU64::MIN.saturating_add(LAST.fetch_add(1, Relaxed)))
}

/// Returns the nanoseconds since the first call, like `loop.time()`.
pub fn now() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_nanos() as u64
}

/// The timers of a loop, and the wakers of the tasks that wait for them.
pub type Timers = RefCell<BTreeMap<TimerId, Waker>>;

/// Returns the time until the first deadline, or the longest duration if there is no timer.
pub fn until_next(timers: &Timers) -> Duration {
    let first = timers.borrow().first_key_value().map(|(id, _)| id.0);
    first.map_or(Duration::MAX, |deadline| Duration::from_nanos(deadline.saturating_sub(now())))
}

/// Removes the first timer if its deadline is `time` or earlier, and returns its waker.
pub fn pop_due(timers: &Timers, time: u64) -> Option<Waker> {
    timers.borrow_mut().first_entry().filter(|next| next.key().0 <= time).map(|next| next.remove())
}
