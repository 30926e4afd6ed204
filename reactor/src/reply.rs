//! A one-shot answer between shards.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

/// A pair for one answer. Each side may travel to another shard.
pub fn channel<T: Send>() -> (ReplySender<T>, ReplyReceiver<T>) {
    let shared =
        Arc::new(Mutex::new(State { value: None, waker: None, sender_gone: false, receiver_gone: false }));
    (ReplySender { shared: shared.clone() }, ReplyReceiver { shared })
}

struct State<T> {
    value: Option<T>,
    waker: Option<Waker>,
    sender_gone: bool,
    receiver_gone: bool,
}

/// The other side was dropped without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("dropped without an answer")
    }
}

impl std::error::Error for Dropped {}

/// Gives the answer.
pub struct ReplySender<T> {
    shared: Arc<Mutex<State<T>>>,
}

/// A future of the answer.
pub struct ReplyReceiver<T> {
    shared: Arc<Mutex<State<T>>>,
}

impl<T> ReplySender<T> {
    /// Gives the answer; gives it back if nobody waits any more.
    pub fn send(self, value: T) -> Result<(), T> {
        let waker = {
            let mut state = lock(&self.shared);
            if state.receiver_gone {
                return Err(value);
            }
            state.value = Some(value);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    /// Whether nobody waits any more.
    pub fn is_abandoned(&self) -> bool {
        lock(&self.shared).receiver_gone
    }
}

impl<T> Drop for ReplySender<T> {
    fn drop(&mut self) {
        let waker = {
            let mut state = lock(&self.shared);
            state.sender_gone = true;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Future for ReplyReceiver<T> {
    type Output = Result<T, Dropped>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = lock(&self.shared);
        if let Some(value) = state.value.take() {
            return Poll::Ready(Ok(value));
        }
        if state.sender_gone {
            return Poll::Ready(Err(Dropped));
        }
        match &mut state.waker {
            Some(waker) => waker.clone_from(context.waker()),
            waker => *waker = Some(context.waker().clone()),
        }
        Poll::Pending
    }
}

impl<T> Drop for ReplyReceiver<T> {
    fn drop(&mut self) {
        let (value, waker) = {
            let mut state = lock(&self.shared);
            state.receiver_gone = true;
            (state.value.take(), state.waker.take())
        };
        drop((value, waker));
    }
}

fn lock<T>(shared: &Mutex<State<T>>) -> MutexGuard<'_, State<T>> {
    shared.lock().expect("no code under this lock panics")
}

impl<T> fmt::Debug for ReplySender<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ReplySender")
    }
}

impl<T> fmt::Debug for ReplyReceiver<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ReplyReceiver")
    }
}
