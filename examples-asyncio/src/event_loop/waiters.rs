//! The tasks that wait for a queue, an event or a semaphore, first in, first out. In asyncio, each
//! of these has a deque of futures.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};
use std::{pin::Pin, rc::Rc};

/// A waiter stays in the deque until it resumes, so the woken ones are at the front.
#[derive(Default)]
pub struct Waiters {
    deque: RefCell<VecDeque<Rc<Waiter>>>,
    woken: Cell<usize>,
}

#[derive(Default)]
struct Waiter {
    is_woken: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl Waiters {
    /// Waits at the end of the deque. If the future is dropped after it was woken and before it
    /// resumes, it calls `if_lost`.
    pub fn wait<'a>(&'a self, if_lost: &'a dyn Fn()) -> Wait<'a> {
        let waiter = Rc::<Waiter>::default();
        self.deque.borrow_mut().push_back(waiter.clone());
        Wait { waiters: self, waiter, if_lost: Some(if_lost) }
    }

    /// Wakes the first waiter that is not woken. Returns `false` if there is none.
    pub fn wake_one(&self) -> bool {
        let first = self.deque.borrow().get(self.woken.get()).cloned();
        let Some(waiter) = first else { return false };
        self.woken.set(self.woken.get() + 1);
        waiter.is_woken.set(true);
        waiter.waker.take().into_iter().for_each(Waker::wake);
        true
    }

    pub fn is_empty(&self) -> bool {
        self.deque.borrow().is_empty()
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
        self.waiter.waker.set(Some(cx.waker().clone()));
        self.if_lost = self.if_lost.filter(|_| !self.waiter.is_woken.get());
        if self.if_lost.is_none() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let mut deque = self.waiters.deque.borrow_mut();
        let place = deque.iter().position(|other| Rc::ptr_eq(other, &self.waiter));
        deque.remove(place.expect("it is there until it is dropped"));
        drop(deque);
        if self.waiter.is_woken.get() {
            self.waiters.woken.set(self.waiters.woken.get() - 1);
            self.if_lost.into_iter().for_each(|if_lost| if_lost());
        }
    }
}
