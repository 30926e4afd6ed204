//! Values from many tasks of a shard to one, with a bound.

use openraft_rt::{Mpsc, MpscReceiver, MpscSender, MpscWeakSender, SendError, TryRecvError};
use ringlog_reactor::local::Notify;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

pub(crate) struct LocalMpsc;

struct Shared<T> {
    items: RefCell<VecDeque<T>>,
    capacity: usize,
    senders: Cell<usize>,
    receiver_gone: Cell<bool>,
    /// Something was put in or taken out, or a side went away.
    changed: Notify,
}

pub(crate) struct Sender<T>(Rc<Shared<T>>);
pub(crate) struct WeakSender<T>(Rc<Shared<T>>);
pub(crate) struct Receiver<T>(Rc<Shared<T>>);

impl Mpsc for LocalMpsc {
    type Sender<T> = Sender<T>;
    type Receiver<T> = Receiver<T>;
    type WeakSender<T> = WeakSender<T>;

    fn channel<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
        let shared = Rc::new(Shared {
            items: RefCell::default(),
            capacity,
            senders: Cell::new(1),
            receiver_gone: Cell::new(false),
            changed: Notify::new(),
        });
        (Sender(shared.clone()), Receiver(shared))
    }
}

impl<T> MpscSender<LocalMpsc, T> for Sender<T> {
    async fn send(&self, item: T) -> Result<(), SendError<T>> {
        loop {
            let changed = self.0.changed.notified();
            if self.0.receiver_gone.get() {
                return Err(SendError(item));
            }
            if self.0.items.borrow().len() < self.0.capacity {
                self.0.items.borrow_mut().push_back(item);
                self.0.changed.notify_all();
                return Ok(());
            }
            changed.await;
        }
    }

    fn downgrade(&self) -> WeakSender<T> {
        WeakSender(self.0.clone())
    }
}

impl<T> MpscReceiver<T> for Receiver<T> {
    async fn recv(&mut self) -> Option<T> {
        loop {
            let changed = self.0.changed.notified();
            match self.try_recv() {
                Ok(item) => return Some(item),
                Err(TryRecvError::Disconnected) => return None,
                Err(TryRecvError::Empty) => changed.await,
            }
        }
    }

    fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let item = self.0.items.borrow_mut().pop_front();
        match item {
            Some(item) => {
                self.0.changed.notify_all();
                Ok(item)
            }
            None if self.0.senders.get() == 0 => Err(TryRecvError::Disconnected),
            None => Err(TryRecvError::Empty),
        }
    }
}

impl<T> MpscWeakSender<LocalMpsc, T> for WeakSender<T> {
    fn upgrade(&self) -> Option<Sender<T>> {
        let senders = self.0.senders.get();
        (senders > 0).then(|| {
            self.0.senders.set(senders + 1);
            Sender(self.0.clone())
        })
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        self.0.senders.set(self.0.senders.get() + 1);
        Sender(self.0.clone())
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> WeakSender<T> {
        WeakSender(self.0.clone())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.senders.set(self.0.senders.get() - 1);
        self.0.changed.notify_all();
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.0.receiver_gone.set(true);
        // What nobody will read is dropped now: it may hold reply channels that others wait on.
        let items = std::mem::take(&mut *self.0.items.borrow_mut());
        drop(items);
        self.0.changed.notify_all();
    }
}
