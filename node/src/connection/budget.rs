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
/// Two rules keep everybody moving. A reservation larger than the limit is granted when nothing else is reserved. And
/// of those that hold a reservation and need it larger (a frame whose memory grows as it comes in), one at a time gets
/// what it needs whatever the limit: otherwise all could hold a part and wait for each other for ever. So the limit may be
/// exceeded by one request of the largest size.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: usize,
    used: Cell<usize>,
    line: RefCell<VecDeque<Rc<Waiter>>>,
    /// Those that hold something already; they go first.
    growing: RefCell<VecDeque<Rc<Waiter>>>,
    /// Whether one of them has been given more than the limit allows.
    is_overdrawn: Cell<bool>,
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
    Granted(Grant),
    GivenUp,
}

/// How a reservation came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grant {
    WithinLimit,
    Overdraft,
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Rc<Budget> {
        Rc::new(Budget {
            limit,
            used: Cell::new(0),
            line: RefCell::default(),
            growing: RefCell::default(),
            is_overdrawn: Cell::new(false),
        })
    }

    /// Bytes that may be reserved at a time.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Bytes reserved now.
    pub(crate) fn used(&self) -> usize {
        self.used.get()
    }

    /// Whether somebody waits in line.
    pub(crate) fn is_contended(&self) -> bool {
        !self.line.borrow().is_empty() || !self.growing.borrow().is_empty()
    }

    /// Reserves if that is possible at once and nobody waits in line.
    pub(crate) fn try_reserve(self: &Rc<Budget>, amount: usize) -> Option<Reservation> {
        if self.is_contended() || !self.fits(amount) {
            return None;
        }
        self.used.set(self.used.get() + amount);
        Some(Reservation { budget: self.clone(), amount, grant: Grant::WithinLimit })
    }

    /// Reserves, waiting in line if necessary. Dropping the future leaves the line.
    pub(crate) fn reserve(self: &Rc<Budget>, amount: usize) -> Reserve {
        self.wait_in(&self.line, amount)
    }

    /// Reserves more for somebody who holds a reservation already. Dropping the future leaves the line.
    pub(crate) fn reserve_more(self: &Rc<Budget>, amount: usize) -> Reserve {
        self.wait_in(&self.growing, amount)
    }

    fn wait_in(self: &Rc<Budget>, line: &RefCell<VecDeque<Rc<Waiter>>>, amount: usize) -> Reserve {
        let waiter =
            Rc::new(Waiter { amount, state: Cell::new(WaiterState::Waiting), waker: RefCell::new(None) });
        line.borrow_mut().push_back(waiter.clone());
        self.serve_lines();
        Reserve { budget: self.clone(), waiter }
    }

    fn fits(&self, amount: usize) -> bool {
        let used = self.used.get();
        used == 0 || used.saturating_add(amount) <= self.limit
    }

    fn release(&self, amount: usize, grant: Grant) {
        self.used.set(self.used.get() - amount);
        if grant == Grant::Overdraft {
            self.is_overdrawn.set(false);
        }
        self.serve_lines();
    }

    fn serve_lines(&self) {
        self.serve_line(&self.growing, |amount| match self.fits(amount) {
            true => Some(Grant::WithinLimit),
            false if self.is_overdrawn.get() => None,
            false => {
                self.is_overdrawn.set(true);
                Some(Grant::Overdraft)
            }
        });
        if self.growing.borrow().is_empty() {
            self.serve_line(&self.line, |amount| self.fits(amount).then_some(Grant::WithinLimit));
        }
    }

    fn serve_line(&self, line: &RefCell<VecDeque<Rc<Waiter>>>, grant: impl Fn(usize) -> Option<Grant>) {
        let mut line = line.borrow_mut();
        while let Some(first) = line.front() {
            if first.state.get() == WaiterState::Waiting {
                let Some(grant) = grant(first.amount) else { return };
                self.used.set(self.used.get() + first.amount);
                first.state.set(WaiterState::Granted(grant));
                if let Some(waker) = first.waker.take() {
                    waker.wake();
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
        if let WaiterState::Granted(grant) = self.waiter.state.get() {
            // From here on the reservation gives the bytes back.
            self.waiter.state.set(WaiterState::GivenUp);
            let (budget, amount) = (self.budget.clone(), self.waiter.amount);
            return Poll::Ready(Reservation { budget, amount, grant });
        }
        *self.waiter.waker.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Reserve {
    fn drop(&mut self) {
        match self.waiter.state.replace(WaiterState::GivenUp) {
            WaiterState::Granted(grant) => self.budget.release(self.waiter.amount, grant),
            // The one behind may fit.
            WaiterState::Waiting => self.budget.serve_lines(),
            WaiterState::GivenUp => {}
        }
    }
}

/// Reserved bytes; given back on drop.
#[derive(Debug)]
pub(crate) struct Reservation {
    budget: Rc<Budget>,
    amount: usize,
    grant: Grant,
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
        if std::mem::replace(&mut other.grant, Grant::WithinLimit) == Grant::Overdraft {
            self.grant = Grant::Overdraft;
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.release(self.amount, self.grant);
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
    fn of_those_that_hold_a_part_one_at_a_time_gets_the_rest() {
        let budget = Budget::new(10);
        let mut first = budget.try_reserve(5).unwrap();
        let second = budget.try_reserve(5).unwrap();
        let mut newcomer = budget.reserve(1);
        let more = now(budget.reserve_more(20)).expect("one may exceed the limit");
        let mut waiting = budget.reserve_more(20);
        assert!(now(&mut waiting).is_none(), "not a second one");
        assert!(now(&mut newcomer).is_none());
        first.absorb(more);
        drop(first);
        let more = now(&mut waiting).expect("the first is done");
        assert!(now(&mut newcomer).is_none());
        drop((second, more));
        assert!(now(&mut newcomer).is_some());
        assert_eq!(budget.used(), 0);
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
