//! One connection: greeting, requests in flight, subscriptions, frames in and out.

use bytes::Bytes;
use ringlog_model::{LeaderEpoch, ShardId};
use ringlog_native::body::{Acks, Credit, Deliver, Hello, HelloReply, Produce};
use ringlog_native::{
    Body, Correlation, DecodeError, ErrorBody, Flags, Frame, FrameBuffer, FrameError, Header, Op,
    WIRE_VERSION, records_frame, request, request_at,
};
use std::collections::VecDeque;

/// What arrived.
#[derive(Clone, Debug, PartialEq)]
pub enum ConnectionEvent {
    /// The node answered the greeting.
    Greeted(HelloReply),
    /// The node refused the greeting. Nothing more will come.
    Unwelcome(ErrorBody),
    /// The answer to a request, or its refusal.
    Reply {
        /// Which request.
        correlation: Correlation,
        /// The answering frame.
        outcome: Result<Frame, ErrorBody>,
    },
    /// Records on a subscription.
    Delivery {
        /// Which subscription.
        subscription: Correlation,
        /// Where they stand.
        deliver: Deliver,
        /// Whole record batches.
        records: Bytes,
    },
    /// A subscription will get no more.
    Ended {
        /// Which subscription.
        subscription: Correlation,
        /// Why.
        error: ErrorBody,
    },
}

/// Why a connection is of no further use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionFault {
    /// Its bytes are no frames.
    #[error("{0}")]
    Frame(#[from] FrameError),
    /// A frame's body is not what its header says.
    #[error("{0}")]
    Body(#[from] DecodeError),
}

/// The state of one connection. Bytes to send are taken from it, received bytes are given to it.
#[derive(Debug)]
pub struct ConnectionCore {
    incoming: FrameBuffer,
    outgoing: Vec<Bytes>,
    last_correlation: u64,
    greeting: Correlation,
    events: VecDeque<ConnectionEvent>,
}

impl ConnectionCore {
    /// A connection that has its greeting to send.
    #[must_use]
    pub fn new(client: &str, shard: Option<ShardId>, body_limit: usize) -> ConnectionCore {
        let hello = Hello {
            version_lowest: WIRE_VERSION,
            version_highest: WIRE_VERSION,
            shard,
            client: client.to_owned(),
        };
        let mut core = ConnectionCore {
            incoming: FrameBuffer::new(body_limit),
            outgoing: Vec::new(),
            last_correlation: 0,
            greeting: Correlation(1),
            events: VecDeque::new(),
        };
        core.greeting = core.ask(&hello, LeaderEpoch::UNKNOWN);
        core
    }

    /// Queues a request. A subscription goes by the returned correlation from then on.
    pub fn ask<B: Body>(&mut self, body: &B, epoch: LeaderEpoch) -> Correlation {
        let correlation = self.correlate();
        self.outgoing.push(request_at(correlation, epoch, body));
        correlation
    }

    /// Queues an append; `None` if no answer will come (`acks` 0).
    pub fn produce(&mut self, epoch: LeaderEpoch, body: &Produce, batch: Bytes) -> Option<Correlation> {
        let correlation = self.correlate();
        let header = Header::new(Op::PRODUCE, Flags::NONE, correlation).with_epoch(epoch);
        self.outgoing.extend(records_frame(header, body, batch));
        (body.acks != Acks::None).then_some(correlation)
    }

    /// Queues a grant, which has no answer.
    pub fn grant(&mut self, subscription: Correlation, bytes: u64) {
        let correlation = self.correlate();
        self.outgoing.push(request(correlation, &Credit { subscription, bytes }));
    }

    /// What is to be sent now, in order.
    pub fn take_output(&mut self) -> Vec<Bytes> {
        std::mem::take(&mut self.outgoing)
    }

    /// Whether there is nothing to be sent now.
    #[must_use]
    pub fn has_no_output(&self) -> bool {
        self.outgoing.is_empty()
    }

    /// Takes received bytes. Afterwards [`ConnectionCore::next_event`] tells what was in them.
    ///
    /// # Errors
    /// [`ConnectionFault`] where the stream cannot be followed any further; the connection is to be closed.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<(), ConnectionFault> {
        self.incoming.push(bytes);
        while let Some(frame) = self.incoming.next_frame()? {
            let event = self.event_of(frame)?;
            self.events.push_back(event);
        }
        Ok(())
    }

    /// What happened, oldest first.
    pub fn next_event(&mut self) -> Option<ConnectionEvent> {
        self.events.pop_front()
    }

    fn event_of(&self, frame: Frame) -> Result<ConnectionEvent, ConnectionFault> {
        let correlation = frame.header.correlation;
        let error = frame.error()?;
        Ok(match (frame.header.op, error) {
            (Op::DELIVER, Some(error)) => ConnectionEvent::Ended { subscription: correlation, error },
            (Op::DELIVER, None) => ConnectionEvent::Delivery {
                subscription: correlation,
                deliver: frame.decode()?,
                records: frame.records(),
            },
            (_, Some(error)) if correlation == self.greeting => ConnectionEvent::Unwelcome(error),
            (_, None) if correlation == self.greeting => ConnectionEvent::Greeted(frame.decode()?),
            (_, Some(error)) => ConnectionEvent::Reply { correlation, outcome: Err(error) },
            (_, None) => ConnectionEvent::Reply { correlation, outcome: Ok(frame) },
        })
    }

    fn correlate(&mut self) -> Correlation {
        self.last_correlation += 1;
        Correlation(self.last_correlation)
    }
}
