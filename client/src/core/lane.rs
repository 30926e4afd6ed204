//! One partition's way through the producer: open batch, closed batches, batches in flight.
//!
//! ```text
//!  push -> open --(full, linger over)--> ready --(sent)--> in flight --(receipt)--> outcome
//!                                          ^                  |
//!                                          +--(may be retried)+
//! ```
//! Order: `ready` is kept in the order of batch numbers, and after a failure nothing is sent until everything in flight
//! has come back, so a retried batch never overtakes or is overtaken.
//!
//! Sequence numbers: the node takes a batch only behind the one before it (KIP-98). When a batch falls out for good,
//! those behind it come back as out of order; once none of them may be in the log any more they are numbered anew from
//! what has been acknowledged. A batch whose answer was lost keeps its number: it may be in the log.

use bytes::Bytes;
use core::time::Duration;
use ringlog_batch::{BatchBuilder, BatchError, BatchHeader, Compression, HEADER_SIZE, checksum};
use ringlog_model::{Instant, PartitionIndex, ProducerEpoch, ProducerId, Sequence};
use ringlog_native::body::Receipt;
use ringlog_native::{ErrorBody, ErrorCode};
use std::collections::VecDeque;

/// Names a batch of one producer, counted from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchNumber(pub u64);

/// A batch to be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// Where to.
    pub partition: PartitionIndex,
    /// Which batch; its answer is reported under this number.
    pub batch: BatchNumber,
    /// The record batch.
    pub bytes: Bytes,
}

/// How a batch ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Its partition.
    pub partition: PartitionIndex,
    /// Which batch.
    pub batch: BatchNumber,
    /// The receipt, or why there is none. `None` with `acks` 0: sent, and nobody knows more.
    pub result: Result<Option<Receipt>, Failure>,
}

/// Why a batch was not acknowledged.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The node refused it, and went on refusing it where it could be retried. It is not in the log.
    Refused(ErrorBody),
    /// It was not acknowledged in time. Whether it is in the log is unknown.
    Unknown,
    /// It was not sent, for want of time or because an earlier batch of its partition is [`Failure::Unknown`].
    NotSent,
}

#[derive(Debug)]
struct Pending {
    number: BatchNumber,
    bytes: Bytes,
    records: i32,
    sequence: Sequence,
    /// Delivery must have succeeded by then.
    deadline: Instant,
    /// It was sent, and nobody has said that it was refused.
    maybe_in_log: bool,
    /// The same, before it was last given out to be sent.
    maybe_in_log_before: bool,
    /// It was last sent alone and with the sequence that follows the last acknowledged one.
    exact: bool,
    refusal: Option<ErrorBody>,
}

#[derive(Debug)]
struct Open {
    number: BatchNumber,
    builder: BatchBuilder,
    since: Instant,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Lane {
    partition: PartitionIndex,
    identity: Option<(ProducerId, ProducerEpoch)>,
    next_sequence: Sequence,
    /// The sequence behind the last acknowledged batch, and which one that was.
    acknowledged_end: Sequence,
    acknowledged: Option<BatchNumber>,
    open: Option<Open>,
    ready: VecDeque<Pending>,
    in_flight: VecDeque<Pending>,
    /// Batches in `ready` have to be numbered anew before several may be in flight again.
    renumber: bool,
    /// A batch came back: wait for the others in flight before sending again.
    draining: bool,
    not_before: Instant,
    /// An outcome is unknown: nothing may follow.
    pub(super) given_up: bool,
}

impl Lane {
    pub(super) fn new(partition: PartitionIndex, identity: Option<(ProducerId, ProducerEpoch)>) -> Lane {
        Lane {
            partition,
            identity,
            next_sequence: Sequence(0),
            acknowledged_end: Sequence(0),
            acknowledged: None,
            open: None,
            ready: VecDeque::new(),
            in_flight: VecDeque::new(),
            renumber: false,
            draining: false,
            not_before: Instant(0),
            given_up: false,
        }
    }

    /// The open batch, opened if there is none.
    pub(super) fn open(&mut self, now: Instant, number: &mut u64) -> (BatchNumber, &mut BatchBuilder) {
        let open = self.open.get_or_insert_with(|| {
            let this = BatchNumber(*number);
            *number += 1;
            Open { number: this, builder: BatchBuilder::new(), since: now }
        });
        (open.number, &mut open.builder)
    }

    pub(super) fn open_size(&self) -> usize {
        self.open.as_ref().map_or(0, |open| open.builder.size())
    }

    /// Closes the open batch. Returns the size it has as closed.
    pub(super) fn close(
        &mut self,
        compression: Compression,
        delivery_timeout: Duration,
    ) -> Result<usize, BatchError> {
        let Some(open) = self.open.take() else { return Ok(0) };
        let records = open.builder.record_count();
        let sequence = self.next_sequence;
        let builder = match self.identity {
            Some((producer, epoch)) => {
                self.next_sequence = sequence.plus(records);
                open.builder.producer(producer, epoch, sequence)
            }
            None => open.builder,
        };
        let bytes: Bytes = builder.build(compression)?.into();
        let size = bytes.len();
        self.ready.push_back(Pending {
            number: open.number,
            bytes,
            records,
            sequence,
            deadline: open.since.plus(delivery_timeout),
            maybe_in_log: false,
            maybe_in_log_before: false,
            exact: false,
            refusal: None,
        });
        Ok(size)
    }

    /// Whether the open batch has waited long enough.
    pub(super) fn lingered(&self, now: Instant, linger: Duration) -> bool {
        self.open.as_ref().is_some_and(|open| open.since.plus(linger) <= now)
    }

    /// The next batch to send, if one may be sent.
    pub(super) fn transmit(&mut self, now: Instant, in_flight_max: usize) -> Option<Transmit> {
        if now < self.not_before || !self.may_send(in_flight_max) {
            return None;
        }
        self.settle();
        let mut pending = self.ready.pop_front()?;
        if self.renumber && !pending.maybe_in_log {
            pending.restamp(self.acknowledged_end);
        }
        pending.exact = self.in_flight.is_empty() && pending.sequence == self.acknowledged_end;
        pending.maybe_in_log_before = pending.maybe_in_log;
        pending.maybe_in_log = true;
        let transmit =
            Transmit { partition: self.partition, batch: pending.number, bytes: pending.bytes.clone() };
        self.in_flight.push_back(pending);
        Some(transmit)
    }

    fn may_send(&self, in_flight_max: usize) -> bool {
        // One at a time while numbers are unsettled, because each answer decides the next batch's number; and while a
        // batch may or may not be in the log, because a node knows only the last five batches of a producer again.
        let is_unresolved = self.ready.iter().any(|pending| pending.maybe_in_log)
            || self.in_flight.iter().any(|pending| pending.maybe_in_log_before);
        let in_flight_max = if self.renumber || is_unresolved { 1 } else { in_flight_max };
        !self.given_up && !self.draining && !self.ready.is_empty() && self.in_flight.len() < in_flight_max
    }

    /// Numbers everything anew once nothing unacknowledged may be in the log.
    fn settle(&mut self) {
        let settled = self.in_flight.is_empty() && self.ready.iter().all(|pending| !pending.maybe_in_log);
        if !self.renumber || !settled {
            return;
        }
        let mut sequence = self.acknowledged_end;
        for pending in &mut self.ready {
            pending.restamp(sequence);
            sequence = sequence.plus(pending.records);
        }
        self.next_sequence = sequence;
        self.renumber = false;
    }

    /// The batch is done with; returns its size.
    pub(super) fn succeeded(&mut self, batch: BatchNumber) -> Option<usize> {
        let pending = self.take_in_flight(batch)?;
        // An earlier batch whose first answer was lost is acknowledged after later ones.
        if self.acknowledged < Some(batch) {
            self.acknowledged = Some(batch);
            self.acknowledged_end = pending.sequence.plus(pending.records);
        }
        Some(pending.bytes.len())
    }

    /// The answer to the batch was lost: it will be sent again as it is.
    pub(super) fn lost(&mut self, batch: BatchNumber, not_before: Instant) {
        if let Some(pending) = self.take_in_flight(batch) {
            self.requeue(pending, not_before);
        }
    }

    /// The batch could not be sent after all.
    pub(super) fn not_sent(&mut self, batch: BatchNumber, not_before: Instant) {
        if let Some(mut pending) = self.take_in_flight(batch) {
            pending.maybe_in_log = pending.maybe_in_log_before;
            self.requeue(pending, not_before);
        }
    }

    /// The batch was refused. Returns its size and the refusal if that is final.
    pub(super) fn refused(
        &mut self,
        batch: BatchNumber,
        error: ErrorBody,
        not_before: Instant,
    ) -> Option<(usize, ErrorBody)> {
        let mut pending = self.take_in_flight(batch)?;
        let is_out_of_order = error.code == ErrorCode::OutOfOrderSequenceNumber;
        // A node that had it would know it again by its sequence; no other refusal says anything of earlier attempts.
        pending.maybe_in_log = pending.maybe_in_log_before && !is_out_of_order;
        // Unless it stood exactly where it belongs, it only follows an earlier one that failed.
        let follows = is_out_of_order && !pending.exact;
        let is_final = !follows && !error.code.is_retriable();
        self.renumber |= self.identity.is_some() && (follows || is_final);
        if is_final && !pending.maybe_in_log {
            return Some((pending.bytes.len(), error));
        }
        if is_final {
            // Refused now, but an earlier attempt may have arrived: nobody will ever know.
            pending.deadline = Instant(0);
        } else if !follows {
            pending.refusal = Some(error);
        }
        self.requeue(pending, not_before);
        None
    }

    fn requeue(&mut self, pending: Pending, not_before: Instant) {
        let at = self.ready.partition_point(|other| other.number < pending.number);
        self.ready.insert(at, pending);
        self.draining = !self.in_flight.is_empty();
        self.not_before = self.not_before.max(not_before);
    }

    /// Gives up every batch whose time is over, and with one of unknown outcome everything behind it. Returns the
    /// failures with their sizes.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<(BatchNumber, usize, Failure)> {
        let is_over = |pending: &Pending| pending.deadline <= now;
        if !self.in_flight.iter().chain(&self.ready).any(is_over) {
            return Vec::new();
        }
        self.given_up =
            self.in_flight.iter().chain(&self.ready).any(|pending| pending.maybe_in_log && is_over(pending));
        let mut failures = Vec::new();
        if self.given_up {
            failures.extend(self.in_flight.drain(..).map(Pending::fail));
            failures.extend(self.ready.drain(..).map(Pending::fail));
            let open = self.open.take();
            failures.extend(open.map(|open| (open.number, open.builder.size(), Failure::NotSent)));
        } else {
            let (over, rest) = self.ready.drain(..).partition::<VecDeque<_>, _>(|pending| is_over(pending));
            self.ready = rest;
            self.renumber |= self.identity.is_some();
            failures.extend(over.into_iter().map(Pending::fail));
        }
        failures.sort_by_key(|(number, ..)| *number);
        failures
    }

    /// When something happens by itself: a linger or a deadline ends, a retry may go.
    pub(super) fn next_deadline(&self, linger: Duration, in_flight_max: usize) -> Option<Instant> {
        let lingers = self.open.as_ref().map(|open| open.since.plus(linger));
        let expires = self.ready.iter().chain(&self.in_flight).map(|pending| pending.deadline).min();
        let sends = self.may_send(in_flight_max).then_some(self.not_before);
        [lingers, expires, sends].into_iter().flatten().min()
    }

    pub(super) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.open.is_none() && self.ready.is_empty() && self.in_flight.is_empty()
    }

    fn take_in_flight(&mut self, batch: BatchNumber) -> Option<Pending> {
        let at = self.in_flight.iter().position(|pending| pending.number == batch)?;
        let pending = self.in_flight.remove(at);
        self.draining &= !self.in_flight.is_empty();
        pending
    }
}

impl Pending {
    /// Gives the batch another sequence, and the checksum that goes with it.
    fn restamp(&mut self, sequence: Sequence) {
        /// What the checksum covers begins at the attributes, right behind the checksum.
        const CHECKED_FROM: usize = 21;
        if self.sequence == sequence {
            return;
        }
        self.sequence = sequence;
        let mut header = BatchHeader::parse(&self.bytes).expect("a batch of our own has a header");
        header.base_sequence = sequence;
        let mut bytes = self.bytes.to_vec();
        bytes[..HEADER_SIZE].copy_from_slice(&header.encode());
        header.checksum = checksum(&bytes[CHECKED_FROM..]);
        bytes[..HEADER_SIZE].copy_from_slice(&header.encode());
        self.bytes = bytes.into();
    }

    fn fail(self) -> (BatchNumber, usize, Failure) {
        let failure = match self.refusal {
            _ if self.maybe_in_log => Failure::Unknown,
            Some(refusal) => Failure::Refused(refusal),
            None => Failure::NotSent,
        };
        (self.number, self.bytes.len(), failure)
    }
}
