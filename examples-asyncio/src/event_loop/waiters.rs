//! The tasks that wait for a queue, an event or a semaphore, first in, first out. In asyncio, each
//! of these has a deque of futures.

use std::task::{Context, Poll, Waker};
use std::{cell::Cell, cell::RefCell, collections::VecDeque, pin::Pin, rc::Rc};

/// A waiter stays in the deque until its future is dropped, so the woken ones are at the front.
#[derive(Default)]
pub struct Waiters {
    pub deque: RefCell<VecDeque<Rc<Waiter>>>,
    woken: Cell<usize>,
}

/// The waker of a task that waits. It is `None` when the task is woken.
type Waiter = Cell<Option<Waker>>;

impl Waiters {
    /// Waits at the end of the deque. If the future is dropped after it was woken and before it
    /// resumes, it calls `if_lost`.
    pub fn wait<'a>(&'a self, if_lost: &'a dyn Fn()) -> Wait<'a> {
        let waiter = Rc::new(Cell::new(Some(Waker::noop().clone()))); // until the first poll
        self.deque.borrow_mut().push_back(waiter.clone());
        Wait { waiters: self, waiter, if_lost: Some(if_lost) }
    }

    /// Wakes the first waiter that is not woken. Returns `false` if there is none.
    pub fn wake_one(&self) -> bool {
        let first = self.deque.borrow().get(self.woken.get()).cloned();
        let Some(waker) = first.and_then(|waiter| waiter.take()) else { return false };
        self.woken.set(self.woken.get() + 1);
        waker.wake();
        true
    }
}

/// The future that [`Waiters::wait`] returns.
pub struct Wait<'a> {
    waiters: &'a Waiters,
    waiter: Rc<Waiter>,
    /// `None` when it has resumed.
    if_lost: Option<&'a dyn Fn()>,
}

impl Future for Wait<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.waiter.take().is_some() {
            self.waiter.set(Some(cx.waker().clone()));
            return Poll::Pending;
        }
        self.if_lost = None;
        Poll::Ready(())
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let is_this = |other: &Rc<Waiter>| Rc::ptr_eq(other, &self.waiter);
        let place = self.waiters.deque.borrow().iter().position(is_this);
        self.waiters.deque.borrow_mut().remove(place.expect("it is there until it is dropped"));
        if self.waiter.take().is_none() {
            self.waiters.woken.set(self.waiters.woken.get() - 1);
            self.if_lost.into_iter().for_each(|if_lost| if_lost());
        }
    }
}
