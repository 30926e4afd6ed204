//! A wish that one task waits for and others express.

use core::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    task::{Poll, Waker},
};

/// Set once, by anybody on the shard; one task waits. Unlike a list of wakers it leaves nothing behind when the waiting
/// task goes, which matters for thousands of connections that come and go.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    is_set: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Signal {
    /// Sets it and wakes the one who waits.
    pub(crate) fn set(&self) {
        self.is_set.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Waits until it is set.
    pub(crate) fn wait(&self) -> impl Future<Output = ()> + '_ {
        poll_fn(|context| {
            if self.is_set.get() {
                return Poll::Ready(());
            }
            match &mut *self.waker.borrow_mut() {
                Some(waker) => waker.clone_from(context.waker()),
                none => *none = Some(context.waker().clone()),
            }
            Poll::Pending
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_lite::future::{block_on, poll_once};

    #[test]
    fn waiting_ends_when_it_is_set_before_or_after() {
        let signal = Signal::default();
        let mut waiting = Box::pin(signal.wait());
        assert!(block_on(poll_once(&mut waiting)).is_none());
        signal.set();
        assert!(block_on(poll_once(&mut waiting)).is_some());
        assert!(block_on(poll_once(Box::pin(signal.wait()))).is_some());
    }
}
