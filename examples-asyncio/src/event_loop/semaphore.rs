//! A limit of how many tasks do something at the same time, like `asyncio.Semaphore`.

use std::cell::Cell;

use super::waiters::Waiters;

/// Permits for the tasks of one event loop. Tasks get them first in, first out.
pub struct Semaphore {
    free: Cell<usize>,
    waiters: Waiters,
}

/// A permit of a [`Semaphore`]. Dropping it takes the place of the end of `async with`.
pub struct Permit<'a>(&'a Semaphore);

impl Semaphore {
    /// Creates a semaphore with so many permits.
    pub fn new(permits: usize) -> Semaphore {
        Semaphore { free: Cell::new(permits), waiters: Waiters::default() }
    }

    /// Waits for a permit.
    pub async fn acquire(&self) -> Permit<'_> {
        if self.free.get() > 0 && self.waiters.deque.borrow().is_empty() {
            self.free.set(self.free.get() - 1);
        } else {
            // The permit is taken when the task is woken.
            self.waiters.wait(&|| drop(Permit(self))).await;
            while self.wake_next() {} // permits that became free while those before it were woken
        }
        Permit(self)
    }

    fn wake_next(&self) -> bool {
        let is_woken = self.free.get() > 0 && self.waiters.wake_one();
        self.free.set(self.free.get() - is_woken as usize);
        is_woken
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.free.set(self.0.free.get() + 1);
        self.0.wake_next();
    }
}
