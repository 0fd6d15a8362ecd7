//! A flag that tasks wait for, like `asyncio.Event`.

use std::cell::Cell;

use super::waiters::Waiters;

/// A flag for the tasks of one event loop. At first it is not set.
#[derive(Default)]
pub struct Event {
    is_set: Cell<bool>,
    waiters: Waiters,
}

impl Event {
    /// Creates a flag that is not set.
    pub fn new() -> Event {
        Event::default()
    }

    /// Sets the flag, and wakes all tasks that wait for it.
    pub fn set(&self) {
        self.is_set.set(true);
        while self.waiters.wake_one() {}
    }

    /// Resets the flag. Tasks that were woken resume all the same.
    pub fn clear(&self) {
        self.is_set.set(false);
    }

    /// Whether the flag is set.
    pub fn is_set(&self) -> bool {
        self.is_set.get()
    }

    /// Waits until the flag is set.
    pub async fn wait(&self) {
        if !self.is_set.get() {
            self.waiters.wait(&|| ()).await;
        }
    }
}
