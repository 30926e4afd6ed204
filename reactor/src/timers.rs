//! Deadlines of one executor.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::context::ShardContext;

/// Wakers by deadline; those of one deadline in the order they were made.
#[derive(Default)]
pub(crate) struct Timers {
    book: RefCell<Book>,
}

#[derive(Default)]
struct Book {
    waiting: BTreeMap<(u64, u64), Waker>,
    made: u64,
}

impl Timers {
    fn insert(&self, deadline: u64, waker: Waker) -> (u64, u64) {
        let mut book = self.book.borrow_mut();
        book.made += 1;
        let key = (deadline, book.made);
        book.waiting.insert(key, waker);
        key
    }

    fn replace(&self, key: (u64, u64), waker: &Waker) {
        if let Some(old) = self.book.borrow_mut().waiting.get_mut(&key) {
            old.clone_from(waker);
        }
    }

    fn remove(&self, key: (u64, u64)) {
        let removed = self.book.borrow_mut().waiting.remove(&key);
        drop(removed);
    }

    /// The earliest deadline.
    pub(crate) fn next_deadline(&self) -> Option<u64> {
        self.book.borrow().waiting.first_key_value().map(|((deadline, _), _)| *deadline)
    }

    /// Wakes everything due at `now`, in order of deadline.
    pub(crate) fn fire(&self, now: u64) {
        loop {
            let due = {
                let mut book = self.book.borrow_mut();
                match book.waiting.first_entry() {
                    Some(first) if first.key().0 <= now => first.remove(),
                    _ => return,
                }
            };
            due.wake();
        }
    }
}

/// Completes at a deadline.
pub struct Sleep {
    shard: Rc<ShardContext>,
    deadline: u64,
    key: Option<(u64, u64)>,
}

impl Sleep {
    pub(crate) fn new(shard: Rc<ShardContext>, deadline: u64) -> Self {
        Self { shard, deadline, key: None }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.shard.driver.now_nanos() >= self.deadline {
            return Poll::Ready(());
        }
        match self.key {
            Some(key) => self.shard.timers.replace(key, context.waker()),
            None => self.key = Some(self.shard.timers.insert(self.deadline, context.waker().clone())),
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.shard.timers.remove(key);
        }
    }
}
