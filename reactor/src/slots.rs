//! Operations in flight: which future waits for which token.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use slab::Slab;

use crate::context::ShardContext;
use crate::{Completion, Operation, Token};

enum Slot {
    /// In flight, with whoever waits.
    Pending(Option<Waker>),
    /// Completed, not yet collected.
    Done(Completion),
    /// In flight, and nobody wants to know any more.
    Orphaned,
}

/// All operations of one executor.
#[derive(Default)]
pub(crate) struct Slots {
    slots: RefCell<Slab<Slot>>,
}

impl Slots {
    /// How many there are, in flight or uncollected.
    pub(crate) fn len(&self) -> usize {
        self.slots.borrow().len()
    }

    fn reserve(&self) -> Token {
        self.slots.borrow_mut().insert(Slot::Pending(None))
    }

    /// Delivers a completion. What nobody wants is dropped here, outside the borrow: its destructors may come back.
    pub(crate) fn complete(&self, token: Token, completion: Completion) {
        let (waker, unwanted) = {
            let mut slots = self.slots.borrow_mut();
            match slots.get_mut(token) {
                Some(Slot::Orphaned) => {
                    slots.remove(token);
                    (None, Some(completion))
                }
                Some(slot @ Slot::Pending(_)) => match std::mem::replace(slot, Slot::Done(completion)) {
                    Slot::Pending(waker) => (waker, None),
                    Slot::Done(_) | Slot::Orphaned => unreachable!("matched as pending"),
                },
                Some(Slot::Done(_)) | None => panic!("a driver completed operation {token} twice"),
            }
        };
        drop(unwanted);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn poll(&self, token: Token, context: &mut Context<'_>) -> Poll<Completion> {
        let mut slots = self.slots.borrow_mut();
        match &mut slots[token] {
            Slot::Pending(Some(waker)) => waker.clone_from(context.waker()),
            Slot::Pending(waker) => *waker = Some(context.waker().clone()),
            Slot::Done(_) => match slots.remove(token) {
                Slot::Done(completion) => return Poll::Ready(completion),
                Slot::Pending(_) | Slot::Orphaned => unreachable!("matched as done"),
            },
            Slot::Orphaned => unreachable!("an orphan is never polled"),
        }
        Poll::Pending
    }

    /// Gives up waiting; true if the operation is still in flight.
    fn abandon(&self, token: Token) -> bool {
        let removed = {
            let mut slots = self.slots.borrow_mut();
            match &mut slots[token] {
                slot @ Slot::Pending(_) => {
                    *slot = Slot::Orphaned;
                    None
                }
                Slot::Done(_) => Some(slots.remove(token)),
                Slot::Orphaned => unreachable!("abandoned once"),
            }
        };
        removed.is_none()
    }
}

/// Waits for one operation. Dropping it asks the driver to cancel; the operation and its buffers stay with the driver
/// until it has completed.
pub(crate) struct OperationFuture {
    shard: Rc<ShardContext>,
    token: Option<Token>,
}

impl OperationFuture {
    /// Submits at once: the order of calls is the order of submission.
    pub(crate) fn submit(shard: Rc<ShardContext>, operation: Operation) -> Self {
        let token = shard.slots.reserve();
        shard.driver.submit(token, operation);
        Self { shard, token: Some(token) }
    }

    /// Asks for an early completion, and goes on waiting for it.
    pub(crate) fn request_cancel(&self) {
        if let Some(token) = self.token {
            self.shard.driver.cancel(token);
        }
    }
}

impl Future for OperationFuture {
    type Output = Completion;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Completion> {
        let token = self.token.expect("not polled after completion");
        let poll = self.shard.slots.poll(token, context);
        if poll.is_ready() {
            self.token = None;
        }
        poll
    }
}

impl Drop for OperationFuture {
    fn drop(&mut self) {
        if let Some(token) = self.token
            && self.shard.slots.abandon(token)
        {
            self.shard.driver.cancel(token);
        }
    }
}
