//! One value from one task to another on the same shard.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::reply::Dropped;

/// A pair for one value.
pub fn oneshot<T>() -> (OneshotSender<T>, OneshotReceiver<T>) {
    let shared = Rc::new(RefCell::new(State { value: None, waker: None }));
    (OneshotSender { shared: shared.clone() }, OneshotReceiver { shared })
}

struct State<T> {
    value: Option<T>,
    waker: Option<Waker>,
}

/// Gives the value.
pub struct OneshotSender<T> {
    shared: Rc<RefCell<State<T>>>,
}

/// A future of the value; [`Dropped`] if the sender went without giving one.
pub struct OneshotReceiver<T> {
    shared: Rc<RefCell<State<T>>>,
}

impl<T> OneshotSender<T> {
    /// Gives the value; gives it back if nobody waits any more.
    pub fn send(self, value: T) -> Result<(), T> {
        if Rc::strong_count(&self.shared) == 1 {
            return Err(value);
        }
        self.shared.borrow_mut().value = Some(value);
        Ok(())
    }

    /// Whether nobody waits any more.
    pub fn is_abandoned(&self) -> bool {
        Rc::strong_count(&self.shared) == 1
    }
}

impl<T> Drop for OneshotSender<T> {
    fn drop(&mut self) {
        let waker = self.shared.borrow_mut().waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Future for OneshotReceiver<T> {
    type Output = Result<T, Dropped>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.shared.borrow_mut();
        if let Some(value) = state.value.take() {
            return Poll::Ready(Ok(value));
        }
        if Rc::strong_count(&self.shared) == 1 {
            return Poll::Ready(Err(Dropped));
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl<T> std::fmt::Debug for OneshotSender<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("OneshotSender")
    }
}

impl<T> std::fmt::Debug for OneshotReceiver<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("OneshotReceiver")
    }
}
