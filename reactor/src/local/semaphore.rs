//! Bounds what is in flight on one shard, in units such as bytes.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// A number of units; clones share it. Waiters are served in order: a large request is not starved by small ones.
#[derive(Clone)]
pub struct Semaphore {
    state: Rc<RefCell<State>>,
}

struct State {
    free: usize,
    total: usize,
    waiting: VecDeque<Waiter>,
    made: u64,
}

struct Waiter {
    id: u64,
    waker: Waker,
}

impl Semaphore {
    /// With `units` free units.
    pub fn new(units: usize) -> Self {
        let state = State { free: units, total: units, waiting: VecDeque::new(), made: 0 };
        Self { state: Rc::new(RefCell::new(state)) }
    }

    /// Free units.
    pub fn free(&self) -> usize {
        self.state.borrow().free
    }

    /// Takes units if they are free and nobody waits. A request for more than all is counted as all.
    pub fn try_acquire(&self, units: usize) -> Option<Permit> {
        let mut state = self.state.borrow_mut();
        if !state.waiting.is_empty() {
            return None;
        }
        state.take(units).map(|units| self.permit(units))
    }

    /// Waits for units; they are free again when the permit is dropped. A request for more than all is counted as all.
    pub fn acquire(&self, units: usize) -> Acquire {
        Acquire { semaphore: self.clone(), units, id: None }
    }

    fn permit(&self, units: usize) -> Permit {
        Permit { semaphore: self.clone(), units }
    }

    fn release(&self, units: usize) {
        let next = {
            let mut state = self.state.borrow_mut();
            state.free += units;
            state.next_waker()
        };
        if let Some(next) = next {
            next.wake();
        }
    }
}

impl State {
    fn take(&mut self, units: usize) -> Option<usize> {
        let units = units.min(self.total);
        self.free = self.free.checked_sub(units)?;
        Some(units)
    }

    fn next_waker(&self) -> Option<Waker> {
        self.waiting.front().map(|waiter| waiter.waker.clone())
    }
}

/// Units taken; dropping it frees them.
#[must_use = "units are free again as soon as the permit is dropped"]
pub struct Permit {
    semaphore: Semaphore,
    units: usize,
}

impl Permit {
    /// How many units it holds.
    pub fn units(&self) -> usize {
        self.units
    }

    /// Keeps `units` of them and frees the rest; does nothing if it holds no more.
    pub fn shrink_to(&mut self, units: usize) {
        let excess = self.units.saturating_sub(units);
        self.units -= excess;
        self.semaphore.release(excess);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.semaphore.release(self.units);
    }
}

/// Future of [`Semaphore::acquire`].
pub struct Acquire {
    semaphore: Semaphore,
    units: usize,
    id: Option<u64>,
}

impl Future for Acquire {
    type Output = Permit;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Permit> {
        let semaphore = self.semaphore.clone();
        let mut state = semaphore.state.borrow_mut();
        let first = match self.id {
            Some(id) => state.waiting.front().is_some_and(|waiter| waiter.id == id),
            None => state.waiting.is_empty(),
        };
        if first && let Some(units) = state.take(self.units) {
            if self.id.take().is_some() {
                state.waiting.pop_front();
            }
            let next = state.next_waker();
            drop(state);
            if let Some(next) = next {
                next.wake();
            }
            return Poll::Ready(semaphore.permit(units));
        }
        let waker = context.waker().clone();
        match self.id {
            Some(id) => {
                if let Some(waiter) = state.waiting.iter_mut().find(|waiter| waiter.id == id) {
                    waiter.waker = waker;
                }
            }
            None => {
                state.made += 1;
                let id = state.made;
                state.waiting.push_back(Waiter { id, waker });
                self.id = Some(id);
            }
        }
        Poll::Pending
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        let Some(id) = self.id else { return };
        let next = {
            let mut state = self.semaphore.state.borrow_mut();
            state.waiting.retain(|waiter| waiter.id != id);
            state.next_waker()
        };
        if let Some(next) = next {
            next.wake();
        }
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.borrow();
        write!(formatter, "Semaphore({} of {} free)", state.free, state.total)
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Permit({})", self.units)
    }
}
