//! A lock between tasks of a shard.

use ringlog_reactor::local::Notify;
use std::cell::{RefCell, RefMut};
use std::ops::{Deref, DerefMut};

pub(crate) struct LocalMutex<T> {
    value: RefCell<T>,
    unlocked: Notify,
}

/// The lock is held while this lives.
pub(crate) struct Guard<'a, T> {
    value: Option<RefMut<'a, T>>,
    unlocked: &'a Notify,
}

impl<T: 'static> openraft_rt::Mutex<T> for LocalMutex<T> {
    type Guard<'a> = Guard<'a, T>;

    fn new(value: T) -> LocalMutex<T> {
        LocalMutex { value: RefCell::new(value), unlocked: Notify::new() }
    }

    async fn lock(&self) -> Guard<'_, T> {
        loop {
            let unlocked = self.unlocked.notified();
            if let Ok(value) = self.value.try_borrow_mut() {
                return Guard { value: Some(value), unlocked: &self.unlocked };
            }
            unlocked.await;
        }
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("only dropping takes the value")
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("only dropping takes the value")
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.value = None;
        self.unlocked.notify_all();
    }
}
