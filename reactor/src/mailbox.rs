//! Bounded queues between shards: many senders, one receiver, no lock while messages flow.

mod ring;

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use ring::Ring;

/// A mailbox for at most `capacity` messages (rounded up to a power of two). Both ends may travel.
pub fn bounded<T: Send>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared {
        ring: Ring::new(capacity),
        senders: AtomicUsize::new(1),
        receiver_gone: AtomicBool::new(false),
        receiver: Parked::default(),
        blocked: Parked::default(),
    });
    (Sender { shared: shared.clone() }, Receiver { shared })
}

struct Shared<T> {
    ring: Ring<T>,
    senders: AtomicUsize,
    receiver_gone: AtomicBool,
    /// The receiver, waiting for a message.
    receiver: Parked,
    /// Senders, waiting for room.
    blocked: Parked,
}

/// Wakers of those that wait. The flag keeps the lock off the path of those that find nobody waiting.
///
/// ```text
///   waiter: park (set flag), fence, look again          one of the two sees the other
///   waker:  change the ring, fence, look at the flag
/// ```
#[derive(Default)]
struct Parked {
    waiting: AtomicBool,
    wakers: Mutex<Vec<Waker>>,
}

impl Parked {
    fn park(&self, waker: &Waker) {
        let mut wakers = self.wakers.lock().expect("no code under this lock panics");
        if !wakers.iter().any(|parked| parked.will_wake(waker)) {
            wakers.push(waker.clone());
        }
        self.waiting.store(true, Ordering::Relaxed);
        drop(wakers);
        fence(Ordering::SeqCst);
    }

    fn wake(&self) {
        fence(Ordering::SeqCst);
        if !self.waiting.load(Ordering::Relaxed) {
            return;
        }
        let woken = {
            let mut wakers = self.wakers.lock().expect("no code under this lock panics");
            self.waiting.store(false, Ordering::Relaxed);
            std::mem::take(&mut *wakers)
        };
        for waker in woken {
            waker.wake();
        }
    }
}

/// Why a message was not taken; it comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendError<T> {
    /// The mailbox is full: the receiver is behind.
    Full(T),
    /// The receiver is gone.
    Closed(T),
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Full(_) => "the mailbox is full",
            Self::Closed(_) => "the receiver is gone",
        })
    }
}

impl<T: fmt::Debug> std::error::Error for SendError<T> {}

/// Puts messages in. Clones share the mailbox.
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
}

impl<T: Send> Sender<T> {
    /// Puts a message in if there is room.
    pub fn try_send(&self, message: T) -> Result<(), SendError<T>> {
        if self.shared.receiver_gone.load(Ordering::Acquire) {
            return Err(SendError::Closed(message));
        }
        match self.shared.ring.push(message) {
            Ok(()) => {
                self.shared.receiver.wake();
                Ok(())
            }
            Err(message) => Err(SendError::Full(message)),
        }
    }

    /// Waits for room and puts the message in. Fails, giving it back, only if the receiver is gone. Dropping the
    /// future before it has finished drops the message.
    pub async fn send(&self, message: T) -> Result<(), SendError<T>> {
        let mut message = Some(message);
        poll_fn(|context| {
            let attempt = |message| match self.try_send(message) {
                Err(SendError::Full(message)) => Err(message),
                settled => Ok(settled),
            };
            let message_now = message.take().expect("not polled after completion");
            let returned = match attempt(message_now) {
                Ok(settled) => return Poll::Ready(settled),
                Err(returned) => returned,
            };
            self.shared.blocked.park(context.waker());
            match attempt(returned) {
                Ok(settled) => Poll::Ready(settled),
                Err(returned) => {
                    message = Some(returned);
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// About how many messages wait.
    pub fn waiting(&self) -> usize {
        self.shared.ring.length()
    }

    /// Whether the receiver is gone.
    pub fn is_closed(&self) -> bool {
        self.shared.receiver_gone.load(Ordering::Acquire)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.senders.fetch_add(1, Ordering::Relaxed);
        Self { shared: self.shared.clone() }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if self.shared.senders.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.shared.receiver.wake();
        }
    }
}

/// Takes messages out, in the order in which they were put in.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
}

impl<T: Send> Receiver<T> {
    /// Takes a message if there is one.
    pub fn try_receive(&mut self) -> Option<T> {
        let message = self.shared.ring.pop()?;
        self.shared.blocked.wake();
        Some(message)
    }

    /// Waits for a message; `None` once all senders are gone and all messages taken.
    pub fn receive(&mut self) -> Receiving<'_, T> {
        Receiving { receiver: self }
    }

    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        if let Some(message) = self.try_receive() {
            return Poll::Ready(Some(message));
        }
        self.shared.receiver.park(context.waker());
        let all_senders_gone = self.shared.senders.load(Ordering::Acquire) == 0;
        match self.try_receive() {
            None if all_senders_gone => Poll::Ready(None),
            None => Poll::Pending,
            message => Poll::Ready(message),
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared.receiver_gone.store(true, Ordering::Release);
        while let Some(message) = self.shared.ring.pop() {
            drop(message);
        }
        self.shared.blocked.wake();
    }
}

/// Future of [`Receiver::receive`]. Dropping it loses no message.
pub struct Receiving<'a, T> {
    receiver: &'a mut Receiver<T>,
}

impl<T: Send> Future for Receiving<'_, T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.receiver.poll_receive(context)
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("mailbox::Sender")
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("mailbox::Receiver")
    }
}
