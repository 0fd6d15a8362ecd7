//! A queue without a limit, like `asyncio.Queue()`.

use std::{cell::RefCell, collections::VecDeque};

use super::waiters::Waiters;

/// Items for tasks of one event loop, first in, first out.
pub struct Queue<T> {
    items: RefCell<VecDeque<T>>,
    getters: Waiters,
}

#[allow(clippy::new_without_default)] // a derived Default would need T: Default
impl<T> Queue<T> {
    /// Creates an empty queue.
    pub fn new() -> Queue<T> {
        Queue { items: RefCell::default(), getters: Waiters::default() }
    }

    /// Adds an item to the end. It never waits.
    pub fn put_nowait(&self, item: T) {
        self.items.borrow_mut().push_back(item);
        self.getters.wake_one();
    }

    /// Removes the first item, and waits while there is none. A task that is not waiting yet may
    /// get an item before one that has just been woken.
    pub async fn get(&self) -> T {
        let wake_next = || {
            if !self.items.borrow().is_empty() {
                self.getters.wake_one();
            }
        };
        while self.items.borrow().is_empty() {
            self.getters.wait(&wake_next).await;
        }
        self.items.borrow_mut().pop_front().expect("it is not empty")
    }
}
