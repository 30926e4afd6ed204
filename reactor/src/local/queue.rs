//! A bounded queue between tasks of one shard.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

use super::Notify;

/// Clones share it. First in, first out.
pub struct Queue<T> {
    shared: Rc<Shared<T>>,
}

struct Shared<T> {
    items: RefCell<VecDeque<T>>,
    capacity: usize,
    closed: Cell<bool>,
    changed: Notify,
}

/// The queue is full, or closed; the item comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full<T>(pub T);

impl<T> Queue<T> {
    /// For at most `capacity` items.
    pub fn bounded(capacity: usize) -> Self {
        let shared =
            Shared { items: RefCell::default(), capacity, closed: Cell::new(false), changed: Notify::new() };
        Self { shared: Rc::new(shared) }
    }

    /// Puts an item in if there is room and the queue is open.
    pub fn try_push(&self, item: T) -> Result<(), Full<T>> {
        if self.shared.closed.get() || self.len() >= self.shared.capacity {
            return Err(Full(item));
        }
        self.shared.items.borrow_mut().push_back(item);
        self.shared.changed.notify_all();
        Ok(())
    }

    /// Waits for room and puts an item in; gives it back if the queue is closed.
    pub async fn push(&self, mut item: T) -> Result<(), Full<T>> {
        loop {
            let changed = self.shared.changed.notified();
            match self.try_push(item) {
                Err(Full(returned)) if !self.shared.closed.get() => item = returned,
                settled => return settled,
            }
            changed.await;
        }
    }

    /// Takes the oldest item.
    pub fn try_pop(&self) -> Option<T> {
        let item = self.shared.items.borrow_mut().pop_front()?;
        self.shared.changed.notify_all();
        Some(item)
    }

    /// Waits for an item; `None` once the queue is closed and empty.
    pub async fn pop(&self) -> Option<T> {
        loop {
            let changed = self.shared.changed.notified();
            match self.try_pop() {
                None if !self.shared.closed.get() => changed.await,
                settled => return settled,
            }
        }
    }

    /// Takes no more items; those inside can still be taken.
    pub fn close(&self) {
        self.shared.closed.set(true);
        self.shared.changed.notify_all();
    }

    /// Items inside.
    pub fn len(&self) -> usize {
        self.shared.items.borrow().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<T> fmt::Debug for Queue<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Queue({} of {})", self.len(), self.shared.capacity)
    }
}
