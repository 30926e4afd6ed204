//! One producer: its epoch and its last batches.

use crate::ProducerStamp;
use core::time::Duration;
use ringlog_model::{Offset, ProducerEpoch, Sequence, Timestamp};

/// As many batches as a client may have in flight (`max.in.flight.requests.per.connection` is at most 5 for idempotence).
pub const BATCHES_REMEMBERED: usize = 5;

/// A batch that an idempotent producer has written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RememberedBatch {
    /// Sequence of its first record.
    pub base_sequence: Sequence,
    /// Number of its records.
    pub record_count: i32,
    /// Offset of its first record.
    pub base_offset: Offset,
    /// The broker's clock at its append, or [`Timestamp::NONE`].
    pub log_append_time: Timestamp,
}

impl RememberedBatch {
    /// Sequence of its last record.
    #[must_use]
    pub fn last_sequence(&self) -> Sequence {
        self.base_sequence.plus(self.record_count - 1)
    }

    /// Offset of its last record.
    #[must_use]
    pub fn last_offset(&self) -> Offset {
        self.base_offset.plus(i64::from(self.record_count) - 1)
    }

    /// One past its last offset.
    #[must_use]
    pub fn end(&self) -> Offset {
        self.base_offset.plus(i64::from(self.record_count))
    }
}

/// What one producer's memory says of its next batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Next,
    Duplicate(RememberedBatch),
    Fenced(ProducerEpoch),
    OutOfOrder(Sequence),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ProducerEntry {
    epoch: ProducerEpoch,
    seen: Timestamp,
    count: u8,
    batches: [RememberedBatch; BATCHES_REMEMBERED],
}

impl ProducerEntry {
    pub(super) fn new(epoch: ProducerEpoch) -> ProducerEntry {
        ProducerEntry {
            epoch,
            seen: Timestamp(i64::MIN),
            count: 0,
            batches: [RememberedBatch::default(); BATCHES_REMEMBERED],
        }
    }

    pub(super) fn epoch(&self) -> ProducerEpoch {
        self.epoch
    }

    pub(super) fn seen(&self) -> Timestamp {
        self.seen
    }

    pub(super) fn batches(&self) -> &[RememberedBatch] {
        &self.batches[..usize::from(self.count)]
    }

    pub(super) fn last(&self) -> Option<&RememberedBatch> {
        self.batches().last()
    }

    pub(super) fn expired(&self, now: Timestamp, expiration: Duration) -> bool {
        let expiration_ms = i64::try_from(expiration.as_millis()).unwrap_or(i64::MAX);
        now.0 >= self.seen.0.saturating_add(expiration_ms)
    }

    pub(super) fn judge(&self, stamp: &ProducerStamp, record_count: i32) -> Verdict {
        if stamp.epoch < self.epoch {
            return Verdict::Fenced(self.epoch);
        }
        if stamp.epoch > self.epoch {
            let begins = stamp.base_sequence == Sequence(0);
            return if begins { Verdict::Next } else { Verdict::OutOfOrder(Sequence(0)) };
        }
        let same = |batch: &&RememberedBatch| {
            batch.base_sequence == stamp.base_sequence && batch.record_count == record_count
        };
        if let Some(original) = self.batches().iter().find(same) {
            return Verdict::Duplicate(*original);
        }
        match self.last().map(|last| last.last_sequence().plus(1)) {
            Some(expected) if expected != stamp.base_sequence => Verdict::OutOfOrder(expected),
            _ => Verdict::Next,
        }
    }

    /// Remembers a batch. A new epoch begins with an empty memory, and so does a producer that went on elsewhere in its sequence,
    /// which is accepted after its memory had expired.
    pub(super) fn push(&mut self, epoch: ProducerEpoch, batch: RememberedBatch, seen: Timestamp) {
        let expected = self.last().map(|last| last.last_sequence().plus(1));
        if epoch != self.epoch || expected.is_some_and(|expected| expected != batch.base_sequence) {
            self.epoch = epoch;
            self.truncate(Offset::ZERO);
        }
        if usize::from(self.count) == BATCHES_REMEMBERED {
            self.batches.rotate_left(1);
            self.count -= 1;
        }
        self.batches[usize::from(self.count)] = batch;
        self.count += 1;
        self.seen = self.seen.max(seen);
    }

    /// Forgets the batches from `end` on, and the memory they leave behind in the unused places.
    pub(super) fn truncate(&mut self, end: Offset) {
        while self.last().is_some_and(|last| last.last_offset() >= end) {
            self.count -= 1;
            self.batches[usize::from(self.count)] = RememberedBatch::default();
        }
    }
}
