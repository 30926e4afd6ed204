//! Requests on a connection, each paired with its answer.

use super::error::ClusterError;
use bytes::Bytes;
use ringlog_native::cluster::{self, ClusterBody, RefusalKind, RefusalV1};
use ringlog_native::{Correlation, Flags, Frame};
use ringlog_reactor::local::{OneshotSender, Queue, oneshot};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// How many requests may be under way. Clients' requests wait in their handlers, few of them change metadata.
const REQUESTS_MAX: usize = 256;

/// The longest request. What clients want changed is bounded here, well below what a controller reads, so that its
/// answer, which may say of every item why it was refused, stays below what a node reads.
const REQUEST_BYTES_MAX: usize = 1024 * 1024;

/// A connection to a controller that this node is registered on.
pub(super) struct Link {
    pub(super) outbound: Queue<Bytes>,
    waiting: RefCell<BTreeMap<u64, OneshotSender<Frame>>>,
    asked: Cell<u64>,
}

/// What became of a request.
#[derive(Debug)]
pub(super) enum Asked<A> {
    Answered(A),
    Refused(RefusalV1),
    /// Nothing was sent.
    NotSent,
    /// Sent, and the connection ended or the answer made no sense.
    Lost,
}

impl Link {
    pub(super) fn new() -> Link {
        Link { outbound: Queue::bounded(REQUESTS_MAX), waiting: RefCell::default(), asked: Cell::new(0) }
    }

    /// Asks and waits for the answer, for as long as the connection lasts.
    pub(super) async fn ask<Q: ClusterBody, A: ClusterBody>(&self, request: &Q) -> Asked<A> {
        let number = self.asked.get() + 1;
        self.asked.set(number);
        let frame = cluster::frame(Flags::NONE, Correlation(number), request);
        if frame.len() > REQUEST_BYTES_MAX {
            let message = format!("a request of {} bytes is too large for the controller", frame.len());
            return Asked::Refused(RefusalV1::new(RefusalKind::InvalidRequest, message));
        }
        let (sender, answered) = oneshot();
        self.waiting.borrow_mut().insert(number, sender);
        let _forget = Forget { link: self, number };
        if self.outbound.try_push(frame).is_err() {
            return Asked::NotSent;
        }
        let Ok(frame) = answered.await else { return Asked::Lost };
        if frame.header.flags.contains(Flags::ERROR) {
            return cluster::body(&frame).map_or(Asked::Lost, Asked::Refused);
        }
        cluster::body(&frame).map_or(Asked::Lost, Asked::Answered)
    }

    /// Hands an answer to whoever waits for it.
    pub(super) fn answer(&self, frame: Frame) {
        let waiting = self.waiting.borrow_mut().remove(&frame.header.correlation.0);
        if let Some(sender) = waiting {
            // Whoever asked may have run out of patience.
            let _ = sender.send(frame);
        }
    }

    /// The connection has ended: nobody who waits gets an answer.
    pub(super) fn close(&self) {
        self.outbound.close();
        let waiting = std::mem::take(&mut *self.waiting.borrow_mut());
        drop(waiting);
    }
}

/// Forgets a request whose asker has gone.
struct Forget<'a> {
    link: &'a Link,
    number: u64,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        let sender = self.link.waiting.borrow_mut().remove(&self.number);
        drop(sender);
    }
}

impl<A> Asked<A> {
    /// The answer, or the error that a client is told.
    pub(super) fn into_result(self) -> Result<A, ClusterError> {
        match self {
            Asked::Answered(answer) => Ok(answer),
            Asked::Refused(refusal) => Err(ClusterError::Refused(refusal)),
            Asked::NotSent | Asked::Lost => Err(ClusterError::Unavailable),
        }
    }
}
