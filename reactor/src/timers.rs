//! Deadlines of one executor.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::Elapsed;
use crate::context::ShardContext;
use crate::reactor::nanos;

/// Wakers by deadline; those of one deadline in the order they were made.
#[derive(Default)]
pub(crate) struct Timers {
    book: RefCell<Book>,
    /// Everything due by then was woken.
    fired_upto: Cell<u64>,
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
        self.fired_upto.set(now);
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

/// A bound on one wait after another, each seldom met. Its timer is not set anew for every wait: one that was set for a
/// wait before goes off too early, and only then is it set for the wait under way.
pub struct Alarm {
    shard: Rc<ShardContext>,
    sleep: Option<Sleep>,
}

impl Alarm {
    pub(crate) fn new(shard: Rc<ShardContext>) -> Self {
        Self { shard, sleep: None }
    }

    /// Runs a future for at most `duration`; on [`Elapsed`] it is dropped.
    pub async fn within<F: Future>(&mut self, duration: Duration, future: F) -> Result<F::Output, Elapsed> {
        let mut future = pin!(future);
        let deadline = self.shard.driver.now_nanos().saturating_add(nanos(duration));
        poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => self.poll_until(deadline, context).map(|()| Err(Elapsed)),
        })
        .await
    }

    fn poll_until(&mut self, deadline: u64, context: &mut Context<'_>) -> Poll<()> {
        if self.sleep.as_ref().is_some_and(|sleep| sleep.deadline > deadline) {
            self.sleep = None;
        }
        loop {
            let sleep = self.sleep.get_or_insert_with(|| Sleep::new(self.shard.clone(), deadline));
            if Pin::new(&mut *sleep).poll(context).is_pending() {
                return Poll::Pending;
            }
            let reached = sleep.deadline >= deadline;
            self.sleep = None;
            if reached {
                return Poll::Ready(());
            }
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let timers = &self.shard.timers;
        // One that waits already was not due when timers were last fired: the clock need not be read for it.
        let may_be_due = self.key.is_none() || timers.fired_upto.get() >= self.deadline;
        if may_be_due && self.shard.driver.now_nanos() >= self.deadline {
            return Poll::Ready(());
        }
        match self.key {
            Some(key) => timers.replace(key, context.waker()),
            None => self.key = Some(timers.insert(self.deadline, context.waker().clone())),
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
