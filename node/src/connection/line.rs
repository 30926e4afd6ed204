//! The requests of one connection that were begun and are not answered yet.

use core::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    pin::pin,
    task::{Poll, Waker},
};
use ringlog_reactor::local::Notify;
use std::{collections::VecDeque, rc::Rc};

/// First in, first out; clones share it. Who answers also runs who begins: see [`Line::run`].
pub(crate) struct Line<T> {
    shared: Rc<Shared<T>>,
}

struct Shared<T> {
    items: RefCell<VecDeque<T>>,
    capacity: usize,
    is_closed: Cell<bool>,
    /// Something was taken, or the end has come: there may be room.
    room: Notify,
    /// Who waits for an item.
    taker: RefCell<Option<Waker>>,
    /// The half that begins requests has its turn, and the half that answers has the next one in any case.
    is_beginning: Cell<bool>,
}

impl<T> Line<T> {
    /// For at most `capacity` items.
    pub(crate) fn new(capacity: usize) -> Line<T> {
        let shared = Shared {
            items: RefCell::default(),
            capacity,
            is_closed: Cell::new(false),
            room: Notify::new(),
            taker: RefCell::default(),
            is_beginning: Cell::new(false),
        };
        Line { shared: Rc::new(shared) }
    }

    /// Runs both halves of a connection in one task until one of them ends, the answering one always behind the other: what
    /// one request puts in is seen without waking the task again.
    pub(crate) async fn run<R>(
        &self,
        beginning: impl Future<Output = R>,
        answering: impl Future<Output = R>,
    ) -> R {
        let (mut beginning, mut answering) = (pin!(beginning), pin!(answering));
        poll_fn(|context| {
            self.shared.is_beginning.set(true);
            let begun = beginning.as_mut().poll(context);
            self.shared.is_beginning.set(false);
            if begun.is_ready() { begun } else { answering.as_mut().poll(context) }
        })
        .await
    }

    /// Waits for room and puts an item in. False if the line is closed.
    pub(crate) async fn push(&self, item: T) -> bool {
        while !self.shared.is_closed.get() && self.shared.items.borrow().len() >= self.shared.capacity {
            self.shared.room.notified().await;
        }
        if self.shared.is_closed.get() {
            return false;
        }
        self.shared.items.borrow_mut().push_back(item);
        if !self.shared.is_beginning.get() {
            self.wake_taker();
        }
        true
    }

    /// Takes the oldest item.
    pub(crate) fn try_pop(&self) -> Option<T> {
        let item = self.shared.items.borrow_mut().pop_front()?;
        self.shared.room.notify_all();
        Some(item)
    }

    /// Waits for an item; `None` once the line is closed and empty. One task at a time may wait.
    pub(crate) async fn pop(&self) -> Option<T> {
        poll_fn(|context| {
            let item = self.try_pop();
            if item.is_some() || self.shared.is_closed.get() {
                return Poll::Ready(item);
            }
            match &mut *self.shared.taker.borrow_mut() {
                Some(waker) => waker.clone_from(context.waker()),
                none => *none = Some(context.waker().clone()),
            }
            Poll::Pending
        })
        .await
    }

    /// Takes no more items; those inside can still be taken.
    pub(crate) fn close(&self) {
        self.shared.is_closed.set(true);
        self.shared.room.notify_all();
        self.wake_taker();
    }

    fn wake_taker(&self) {
        let taker = self.shared.taker.borrow().clone();
        if let Some(waker) = taker {
            waker.wake();
        }
    }
}

impl<T> Clone for Line<T> {
    fn clone(&self) -> Line<T> {
        Line { shared: self.shared.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::task::Context;
    use futures_lite::future::{self, block_on, poll_once};
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl std::task::Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn what_is_begun_is_answered_in_the_same_turn_and_wakes_nobody() {
        let line = Line::new(8);
        let answered = RefCell::new(Vec::new());
        let beginning = async {
            for number in 0..3 {
                assert!(line.push(number).await);
                future::yield_now().await;
            }
            future::pending::<()>().await
        };
        let answering = async {
            while let Some(number) = line.pop().await {
                answered.borrow_mut().push(number);
            }
        };
        let mut both = pin!(line.run(beginning, answering));
        let wakes = Arc::new(Wakes::default());
        let waker = wakes.clone().into();
        let mut context = Context::from_waker(&waker);
        for turn in 1..=3 {
            assert!(both.as_mut().poll(&mut context).is_pending());
            assert_eq!(answered.borrow().len(), turn, "answered in the turn in which it was begun");
            assert_eq!(wakes.0.load(Ordering::Relaxed), turn, "only the half that begins wakes itself");
        }
        line.push(3).now();
        assert_eq!(wakes.0.load(Ordering::Relaxed), 4, "who pushes from elsewhere wakes");
        line.close();
        assert!(both.as_mut().poll(&mut context).is_ready());
        assert_eq!(*answered.borrow(), [0, 1, 2, 3]);
    }

    #[test]
    fn a_full_line_makes_its_pusher_wait() {
        let line = Line::new(1);
        assert_eq!(line.push(1).now(), Some(true));
        let mut second = pin!(line.push(2));
        assert_eq!(block_on(poll_once(second.as_mut())), None);
        assert_eq!(line.try_pop(), Some(1));
        assert_eq!(block_on(poll_once(second.as_mut())), Some(true));
        let mut third = pin!(line.push(3));
        assert_eq!(block_on(poll_once(third.as_mut())), None);
        line.close();
        assert_eq!(block_on(poll_once(third.as_mut())), Some(false));
        assert_eq!(line.pop().now(), Some(Some(2)), "what is inside can still be taken");
        assert_eq!(line.pop().now(), Some(None));
    }

    trait Now: Future + Sized {
        fn now(self) -> Option<Self::Output> {
            block_on(poll_once(self))
        }
    }

    impl<F: Future> Now for F {}
}
