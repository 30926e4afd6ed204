//! A bound on bytes in flight, shared by tasks of one shard.

use core::{
    cell::{Cell, RefCell},
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use std::{collections::VecDeque, rc::Rc};

/// So many bytes may be reserved at a time; who asks for more waits in line.
///
/// A single reservation larger than the limit is granted when nothing else is reserved: a request of the allowed size
/// always gets through, alone.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: usize,
    used: Cell<usize>,
    line: RefCell<VecDeque<Rc<Waiter>>>,
}

#[derive(Debug)]
struct Waiter {
    amount: usize,
    state: Cell<WaiterState>,
    waker: RefCell<Option<Waker>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WaiterState {
    Waiting,
    Granted,
    GivenUp,
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Rc<Budget> {
        Rc::new(Budget { limit, used: Cell::new(0), line: RefCell::new(VecDeque::new()) })
    }

    /// Bytes reserved now.
    #[cfg(test)]
    pub(crate) fn used(&self) -> usize {
        self.used.get()
    }

    /// Whether somebody waits in line.
    pub(crate) fn is_contended(&self) -> bool {
        !self.line.borrow().is_empty()
    }

    /// Reserves if that is possible at once and nobody waits in line.
    pub(crate) fn try_reserve(self: &Rc<Budget>, amount: usize) -> Option<Reservation> {
        if !self.line.borrow().is_empty() || !self.fits(amount) {
            return None;
        }
        self.used.set(self.used.get() + amount);
        Some(Reservation { budget: self.clone(), amount })
    }

    /// Reserves, waiting in line if necessary. Dropping the future leaves the line.
    pub(crate) fn reserve(self: &Rc<Budget>, amount: usize) -> Reserve {
        let waiter =
            Rc::new(Waiter { amount, state: Cell::new(WaiterState::Waiting), waker: RefCell::new(None) });
        self.line.borrow_mut().push_back(waiter.clone());
        self.serve_line();
        Reserve { budget: self.clone(), waiter }
    }

    fn fits(&self, amount: usize) -> bool {
        let used = self.used.get();
        used == 0 || used.saturating_add(amount) <= self.limit
    }

    fn release(&self, amount: usize) {
        self.used.set(self.used.get() - amount);
        self.serve_line();
    }

    fn serve_line(&self) {
        let mut line = self.line.borrow_mut();
        while let Some(first) = line.front() {
            match first.state.get() {
                WaiterState::GivenUp => {}
                _ if !self.fits(first.amount) => return,
                _ => {
                    self.used.set(self.used.get() + first.amount);
                    first.state.set(WaiterState::Granted);
                    if let Some(waker) = first.waker.take() {
                        waker.wake();
                    }
                }
            }
            line.pop_front();
        }
    }
}

/// Waits in line for a [`Reservation`].
#[derive(Debug)]
pub(crate) struct Reserve {
    budget: Rc<Budget>,
    waiter: Rc<Waiter>,
}

impl Future for Reserve {
    type Output = Reservation;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Reservation> {
        if self.waiter.state.get() == WaiterState::Granted {
            // From here on the reservation gives the bytes back.
            self.waiter.state.set(WaiterState::GivenUp);
            return Poll::Ready(Reservation { budget: self.budget.clone(), amount: self.waiter.amount });
        }
        *self.waiter.waker.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Reserve {
    fn drop(&mut self) {
        match self.waiter.state.replace(WaiterState::GivenUp) {
            WaiterState::Granted => self.budget.release(self.waiter.amount),
            // The one behind may fit.
            WaiterState::Waiting => self.budget.serve_line(),
            WaiterState::GivenUp => {}
        }
    }
}

/// Reserved bytes; given back on drop.
#[derive(Debug)]
pub(crate) struct Reservation {
    budget: Rc<Budget>,
    amount: usize,
}

impl Reservation {
    /// How many bytes it holds.
    pub(crate) fn amount(&self) -> usize {
        self.amount
    }

    /// Adds another reservation of the same budget to this one.
    pub(crate) fn absorb(&mut self, mut other: Reservation) {
        assert!(Rc::ptr_eq(&self.budget, &other.budget), "bytes go back to the budget they came from");
        self.amount += std::mem::take(&mut other.amount);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.release(self.amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_lite::future::poll_once;

    fn now<T>(future: impl Future<Output = T> + Unpin) -> Option<T> {
        futures_lite::future::block_on(poll_once(future))
    }

    #[test]
    fn waiters_are_served_in_line_as_bytes_come_back() {
        let budget = Budget::new(10);
        let first = budget.try_reserve(6).unwrap();
        let (mut second, mut third) = (budget.reserve(8), budget.reserve(1));
        assert!(now(&mut second).is_none());
        assert!(now(&mut third).is_none(), "nobody overtakes");
        assert!(budget.try_reserve(1).is_none());
        drop(first);
        let second = now(&mut second).unwrap();
        let third = now(&mut third).unwrap();
        assert_eq!(budget.used(), 9);
        drop((second, third));
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn one_larger_than_the_limit_gets_through_alone() {
        let budget = Budget::new(10);
        let small = budget.try_reserve(1).unwrap();
        let mut large = budget.reserve(100);
        assert!(now(&mut large).is_none());
        drop(small);
        let large = now(&mut large).unwrap();
        assert!(budget.try_reserve(1).is_none());
        drop(large);
        assert!(budget.try_reserve(10).is_some());
    }

    #[test]
    fn who_leaves_the_line_lets_the_next_one_in() {
        let budget = Budget::new(10);
        let first = budget.try_reserve(6).unwrap();
        let large = budget.reserve(8);
        let mut small = budget.reserve(4);
        assert!(now(&mut small).is_none());
        drop(large);
        assert!(now(&mut small).is_some());
        drop(first);
        let granted = budget.reserve(3);
        drop(granted);
        assert_eq!(budget.used(), 0, "granted but never taken");
    }

    #[test]
    fn reservations_grow() {
        let budget = Budget::new(10);
        let mut first = budget.try_reserve(4).unwrap();
        first.absorb(budget.try_reserve(5).unwrap());
        assert_eq!((first.amount(), budget.used()), (9, 9));
        drop(first);
        assert_eq!(budget.used(), 0);
    }
}
