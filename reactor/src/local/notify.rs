//! Wakes tasks that wait for something to change.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Clones share it. A waiter looks at its condition, and waits only if it does not hold:
///
/// ```ignore
/// let changed = notify.notified();   // from here on no change is missed
/// if !condition() { changed.await; }
/// ```
#[derive(Clone, Default)]
pub struct Notify {
    shared: Rc<Shared>,
}

#[derive(Default)]
struct Shared {
    generation: Cell<u64>,
    waiting: RefCell<Vec<Waker>>,
}

impl Notify {
    /// Nobody waits yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Wakes everybody who waits, and every [`Notified`] made before.
    pub fn notify_all(&self) {
        self.shared.generation.set(self.shared.generation.get() + 1);
        let waiting = std::mem::take(&mut *self.shared.waiting.borrow_mut());
        for waker in waiting {
            waker.wake();
        }
    }

    /// Completes at the next `notify_all` after this call (not after the first poll).
    pub fn notified(&self) -> Notified {
        Notified { shared: self.shared.clone(), generation: self.shared.generation.get() }
    }
}

/// Future of [`Notify::notified`].
pub struct Notified {
    shared: Rc<Shared>,
    generation: u64,
}

impl Future for Notified {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.shared.generation.get() != self.generation {
            return Poll::Ready(());
        }
        let mut waiting = self.shared.waiting.borrow_mut();
        if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
            waiting.push(context.waker().clone());
        }
        Poll::Pending
    }
}

impl std::fmt::Debug for Notify {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Notify({} waiting)", self.shared.waiting.borrow().len())
    }
}
