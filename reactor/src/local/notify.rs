//! Wakes tasks that wait for something to change.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
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
    waiting: RefCell<Waiting>,
    /// How many have waited so far.
    waited: Cell<u64>,
}

/// By the order in which they began to wait, which is the order in which they are woken.
#[derive(Default)]
struct Waiting {
    /// The one who waits longest: mostly there is only one, and then nothing is allocated.
    first: Option<(u64, Waker)>,
    others: BTreeMap<u64, Waker>,
}

impl Waiting {
    fn set(&mut self, place: u64, waker: &Waker) {
        match &mut self.first {
            Some((first, known)) if *first == place => known.clone_from(waker),
            None if self.others.is_empty() => self.first = Some((place, waker.clone())),
            _ => match self.others.get_mut(&place) {
                Some(known) => known.clone_from(waker),
                None => drop(self.others.insert(place, waker.clone())),
            },
        }
    }

    fn remove(&mut self, place: u64) {
        match &self.first {
            Some((first, _)) if *first == place => self.first = None,
            _ => drop(self.others.remove(&place)),
        }
    }

    fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.others.len()
    }

    fn wake(self) {
        if let Some((_, waker)) = self.first {
            waker.wake();
        }
        for waker in self.others.into_values() {
            waker.wake();
        }
    }
}

impl Notify {
    /// Nobody waits yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Wakes everybody who waits, and every [`Notified`] made before.
    pub fn notify_all(&self) {
        self.shared.generation.set(self.shared.generation.get() + 1);
        // Out of the borrow: a waker may be the last of a task whose end stops others from waiting.
        let waiting = self.shared.waiting.take();
        waiting.wake();
    }

    /// Completes at the next `notify_all` after this call (not after the first poll).
    pub fn notified(&self) -> Notified {
        Notified { shared: self.shared.clone(), generation: self.shared.generation.get(), place: None }
    }
}

/// Future of [`Notify::notified`].
pub struct Notified {
    shared: Rc<Shared>,
    generation: u64,
    /// Where its waker is, once it waits.
    place: Option<u64>,
}

impl Future for Notified {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.shared.generation.get() != self.generation {
            return Poll::Ready(());
        }
        let shared = self.shared.clone();
        let place = *self.place.get_or_insert_with(|| {
            let place = shared.waited.get();
            shared.waited.set(place + 1);
            place
        });
        shared.waiting.borrow_mut().set(place, context.waker());
        Poll::Pending
    }
}

impl Drop for Notified {
    /// Who no longer waits leaves nothing behind: a notification may never come.
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.shared.waiting.borrow_mut().remove(place);
        }
    }
}

impl std::fmt::Debug for Notify {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Notify({} waiting)", self.shared.waiting.borrow().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_stops_waiting_leaves_no_waker_behind() {
        let notify = Notify::new();
        let mut context = Context::from_waker(Waker::noop());
        let mut gone = Box::pin(notify.notified());
        let mut waits = Box::pin(notify.notified());
        for _ in 0..2 {
            assert!(gone.as_mut().poll(&mut context).is_pending());
            assert!(waits.as_mut().poll(&mut context).is_pending());
        }
        assert_eq!(notify.shared.waiting.borrow().len(), 2);
        drop(gone);
        assert_eq!(notify.shared.waiting.borrow().len(), 1);
        notify.notify_all();
        assert!(waits.as_mut().poll(&mut context).is_ready());
        assert_eq!(notify.shared.waiting.borrow().len(), 0);
    }
}
