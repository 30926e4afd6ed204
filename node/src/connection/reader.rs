//! Receives the frames of one connection.

use super::{
    Reservation,
    frame::{Fill, FrameAssembler, FrameError, Framing, IDLE_BYTES, Step},
};
use crate::{metrics::RequestKind, shard::Shard};
use bytes::Bytes;
use core::time::Duration;
use ringlog_model::Instant;
use ringlog_native::{MAGIC, op_of_frame};
use ringlog_reactor::{Alarm, Buffer, Receive, Stream};
use std::io;

/// The most that one receive waits for, so that the deadline of a large frame is one per so many bytes.
const RECEIVE_BYTES_MAX: usize = 4 << 20;

/// A connection that has just sent a frame waits for the next one with room for as much, up to this: then the frame
/// comes with one receive, not with its beginning first, and that beginning is not copied.
const EAGER_BYTES_MAX: usize = 256 << 10;

/// Up to here the room is a power of two, for several frames at once; beyond it is what the frame took, so that the next
/// one does not come with a large part of the one behind it, which would have to be copied.
const EAGER_SEVERAL_MAX: usize = 8 << 10;

/// So much of the shard's memory for requests, as a part of all, is left to frames that are there when connections wait
/// with room.
const EAGER_BUDGET_PART: usize = 4;

/// How long it keeps that room.
const EAGER_PATIENCE: Duration = Duration::from_secs(1);

/// A frame as it came in, its length prefix or header included.
pub(crate) struct ReceivedFrame {
    /// The bytes.
    pub(crate) bytes: Bytes,
    /// The shard's memory that it takes; none for small frames, whose number is bounded.
    pub(crate) reservation: Option<Reservation>,
}

impl ReceivedFrame {
    /// What the frame asks for, by the number that stands in every frame of its protocol.
    pub(crate) fn kind(&self) -> RequestKind {
        // Kafka: behind four bytes of length. Native frames begin with a name, which no length of Kafka reaches.
        let at = |index: usize| self.bytes.get(index).copied().unwrap_or(0);
        if self.bytes.starts_with(&MAGIC) {
            RequestKind::Native(op_of_frame(&self.bytes).map_or(u16::MAX, |op| op.0))
        } else {
            RequestKind::Kafka(i16::from_be_bytes([at(4), at(5)]))
        }
    }
}

/// Why there are no more frames.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("a frame did not arrive within its time: {received} bytes are there")]
    TooSlow { received: usize },
    #[error("nothing came for a long time")]
    Idle,
    #[error("receive: {0}")]
    Io(#[from] io::Error),
}

/// Cuts what a connection sends into frames.
pub(crate) struct FrameReader {
    assembler: FrameAssembler,
    /// Received and not yet cut: whole frames, or the beginning of one.
    ready: Bytes,
    /// The beginning of a frame that is being received.
    buffer: Buffer,
    reservation: Option<Reservation>,
    /// By when the bytes that are waited for must be there.
    deadline: Option<Instant>,
    /// Room to wait with for the next frame; 0 for what an idle connection has.
    eager: usize,
    alarm: Alarm,
}

impl FrameReader {
    /// `received` was read from the connection before.
    pub(crate) fn new(shard: &Shard, framing: Framing, received: Bytes) -> FrameReader {
        let frame_bytes_max = shard.node.limits.request_bytes_max as usize;
        FrameReader {
            assembler: FrameAssembler::new(framing, frame_bytes_max),
            ready: received,
            buffer: Buffer::default(),
            reservation: None,
            deadline: None,
            eager: 0,
            alarm: shard.reactor.alarm(),
        }
    }

    /// What was received and not cut yet.
    pub(crate) fn into_received(self) -> Bytes {
        if self.ready.is_empty() { self.buffer.freeze() } else { self.ready }
    }

    /// The next frame; `None` when the client has closed.
    pub(crate) async fn next(
        &mut self,
        shard: &Shard,
        stream: &Stream,
    ) -> Result<Option<ReceivedFrame>, ReadError> {
        loop {
            if !self.ready.is_empty() {
                match self.assembler.step(&self.ready)? {
                    Step::Frame { end } => {
                        let bytes = self.ready.split_to(end);
                        self.deadline = None;
                        self.eager = eager_bytes(end);
                        return Ok(Some(ReceivedFrame { bytes, reservation: self.reservation.take() }));
                    }
                    Step::Receive { capacity, .. } => {
                        let begun = std::mem::take(&mut self.ready);
                        self.grow(shard, &begun, capacity).await;
                    }
                }
            }
            match self.assembler.step(&self.buffer)? {
                Step::Frame { .. } => self.ready = std::mem::take(&mut self.buffer).freeze(),
                Step::Receive { capacity, fill } => {
                    if self.buffer.is_empty() {
                        self.make_eager(shard);
                    }
                    if self.buffer.capacity() < capacity {
                        let begun = std::mem::take(&mut self.buffer);
                        self.grow(shard, &begun, capacity).await;
                    }
                    let missing = capacity.saturating_sub(self.buffer.len());
                    match self.receive(shard, stream, fill, missing).await? {
                        Received::Nothing => {}
                        Received::Some => self.eager = 0,
                        Received::End => return Ok(None),
                    }
                }
            }
        }
    }

    /// Makes room for a frame like the one before, if the shard has memory for it at once.
    fn make_eager(&mut self, shard: &Shard) {
        let wanted = self.eager.min(EAGER_BYTES_MAX);
        if wanted > IDLE_BYTES
            && self.buffer.capacity() < wanted
            && self.reservation.is_none()
            && shard.request_budget.used() + wanted <= shard.request_budget.limit() / EAGER_BUDGET_PART
            && let Some(reservation) = shard.request_budget.try_reserve(wanted)
        {
            self.reservation = Some(reservation);
            self.buffer = shard.reactor.buffer(wanted);
        }
    }

    /// Makes room for `capacity` bytes that begin with `begun`, once the shard has memory for them.
    async fn grow(&mut self, shard: &Shard, begun: &[u8], capacity: usize) {
        let held = self.reservation.as_ref().map_or(0, Reservation::amount);
        if capacity > IDLE_BYTES && capacity > held {
            let more = capacity - held;
            let budget = &shard.request_budget;
            let more = match budget.try_reserve(more) {
                Some(reservation) => reservation,
                None if held > 0 => budget.reserve_more(more).await,
                None => budget.reserve(more).await,
            };
            match &mut self.reservation {
                Some(reservation) => reservation.absorb(more),
                None => self.reservation = Some(more),
            }
        }
        self.buffer = shard.reactor.buffer(capacity.max(begun.len()));
        self.buffer.extend_from_slice(begun);
    }

    async fn receive(
        &mut self,
        shard: &Shard,
        stream: &Stream,
        fill: Fill,
        missing: usize,
    ) -> Result<Received, ReadError> {
        let limits = &shard.node.limits;
        let is_idle = self.buffer.is_empty();
        let is_eager = is_idle && self.buffer.capacity() > IDLE_BYTES;
        let patience = if is_eager {
            EAGER_PATIENCE.min(limits.idle_deadline)
        } else if is_idle {
            limits.idle_deadline
        } else {
            let now = shard.instant();
            let deadline = *self.deadline.get_or_insert_with(|| now.plus(limits.frame_deadline));
            deadline.since(now)
        };
        let buffer = std::mem::take(&mut self.buffer);
        let had = buffer.len();
        let how = match fill {
            Fill::Some => Receive::Some,
            Fill::All => Receive::All(missing.min(RECEIVE_BYTES_MAX)),
        };
        let (result, buffer) = match self.alarm.within(patience, stream.receive(buffer, how)).await {
            Ok(received) => received,
            // Nothing is lost: what has come meanwhile is delivered to the next receive.
            Err(_) if is_eager => {
                (self.eager, self.reservation) = (0, None);
                return Ok(Received::Nothing);
            }
            Err(_) if is_idle => return Err(ReadError::Idle),
            Err(_) => return Err(ReadError::TooSlow { received: had }),
        };
        self.buffer = buffer;
        let received = result?;
        if fill == Fill::All && received > 0 {
            // Progress: the next part gets its own time.
            self.deadline = None;
        }
        Ok(if received > 0 { Received::Some } else { Received::End })
    }
}

/// With how much room to wait behind a frame of so many bytes; 0 for what an idle connection has.
fn eager_bytes(frame: usize) -> usize {
    if frame <= IDLE_BYTES {
        0
    } else if frame <= EAGER_SEVERAL_MAX {
        frame.next_power_of_two()
    } else {
        frame.next_multiple_of(IDLE_BYTES)
    }
}

/// What has come of a receive.
enum Received {
    /// Bytes.
    Some,
    /// Nothing in the time that a connection waits with room for a frame.
    Nothing,
    /// The client has closed.
    End,
}
