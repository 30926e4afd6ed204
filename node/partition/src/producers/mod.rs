//! What a partition remembers of idempotent producers, so that a retried batch is not written twice (KIP-98, KIP-360).
//!
//! Per producer: its epoch and its last five batches, the number a client may have in flight. The table is a function of the
//! log, so that a snapshot and the batches after it give what was there before a restart; only the times at which producers
//! were last seen are the later ones then.

mod entry;
mod snapshot;

use crate::{AppendRefusal, LoggedBatch, ProducerStamp, SequenceRefusal};
use alloc::collections::BTreeMap;
use core::time::Duration;
pub use entry::{BATCHES_REMEMBERED, RememberedBatch};
use entry::{ProducerEntry, Verdict};
use ringlog_model::{Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
pub use snapshot::{SNAPSHOT_VERSION, SnapshotError};

/// What the table says of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sequencing {
    /// It is the next one.
    Next,
    /// It is in the log already.
    Duplicate(RememberedBatch),
}

/// What is remembered of a producer, for those who look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActiveProducer {
    /// Who.
    pub id: ProducerId,
    /// Its epoch.
    pub epoch: ProducerEpoch,
    /// The sequence of its newest record, if it has written in this epoch.
    pub last_sequence: Option<Sequence>,
    /// When it was last seen to write.
    pub last_timestamp: Timestamp,
}

/// The producers of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProducerTable {
    entries: BTreeMap<ProducerId, ProducerEntry>,
    /// Producers by the last offset they wrote, which is the order in which they fell silent.
    by_last_offset: BTreeMap<Offset, ProducerId>,
}

impl ProducerTable {
    /// Nobody is known.
    #[must_use]
    pub fn new() -> ProducerTable {
        ProducerTable::default()
    }

    /// How many producers are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nobody is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The batches remembered of a producer, oldest first.
    #[must_use]
    pub fn batches(&self, producer: ProducerId) -> &[RememberedBatch] {
        self.entries.get(&producer).map_or(&[], ProducerEntry::batches)
    }

    /// The producers with the offset of each one's last record.
    pub fn last_offsets(&self) -> impl Iterator<Item = (ProducerId, Offset)> + '_ {
        self.by_last_offset.iter().map(|(last, producer)| (*producer, *last))
    }

    /// Everybody who is remembered, in the order of ids.
    pub fn active(&self) -> impl Iterator<Item = ActiveProducer> + '_ {
        self.entries.iter().map(|(id, entry)| ActiveProducer {
            id: *id,
            epoch: entry.epoch(),
            last_sequence: entry.last().map(RememberedBatch::last_sequence),
            last_timestamp: entry.seen(),
        })
    }

    /// Takes note of a batch that recovery found in the log behind the snapshot. Calls come in the order of offsets; a batch
    /// that the snapshot holds already changes nothing.
    pub fn replay(&mut self, seen: Timestamp, batch: &LoggedBatch, producers_max: usize) {
        let known = self.by_last_offset.last_key_value().map(|(last, _)| *last);
        if known.is_none_or(|last| batch.base_offset > last) {
            self.record(seen, batch, producers_max);
        }
    }

    /// Judges a batch before it is appended.
    ///
    /// A producer that is not remembered may begin anywhere: its records may have been dropped by retention, and a client could
    /// do nothing about it (Kafka 4 never answers UNKNOWN_PRODUCER_ID to an idempotent producer).
    pub(crate) fn check(
        &self,
        now: Timestamp,
        expiration: Duration,
        stamp: &ProducerStamp,
        record_count: i32,
    ) -> Result<Sequencing, AppendRefusal> {
        let Some(entry) = self.entries.get(&stamp.id).filter(|entry| !entry.expired(now, expiration)) else {
            return Ok(Sequencing::Next);
        };
        let producer = stamp.id;
        let found = stamp.base_sequence;
        match entry.judge(stamp, record_count) {
            Verdict::Next => Ok(Sequencing::Next),
            Verdict::Duplicate(batch) => Ok(Sequencing::Duplicate(batch)),
            Verdict::Fenced(current) => {
                Err(SequenceRefusal::Fenced { producer, current, found: stamp.epoch }.into())
            }
            Verdict::OutOfOrder(expected) => {
                Err(SequenceRefusal::OutOfOrder { producer, expected, found }.into())
            }
        }
    }

    /// Takes note of an appended batch.
    pub(crate) fn record(&mut self, seen: Timestamp, batch: &LoggedBatch, producers_max: usize) {
        let Some(stamp) = &batch.facts.producer else { return };
        let remembered = RememberedBatch {
            base_sequence: stamp.base_sequence,
            record_count: batch.facts.record_count,
            base_offset: batch.base_offset,
            log_append_time: batch.log_append_time,
        };
        let entry = self.entries.entry(stamp.id).or_insert_with(|| ProducerEntry::new(stamp.epoch));
        if let Some(last) = entry.last() {
            self.by_last_offset.remove(&last.last_offset());
        }
        entry.push(stamp.epoch, remembered, seen);
        self.by_last_offset.insert(remembered.last_offset(), stamp.id);
        while self.entries.len() > producers_max.max(1) {
            self.forget_longest_silent();
        }
    }

    /// Forgets up to `count_max` producers whose time is over.
    pub(crate) fn expire(&mut self, now: Timestamp, expiration: Duration, count_max: usize) {
        for _ in 0..count_max {
            let oldest = self.by_last_offset.first_key_value().and_then(|(_, id)| self.entries.get(id));
            if !oldest.is_some_and(|entry| entry.expired(now, expiration)) {
                return;
            }
            self.forget_longest_silent();
        }
    }

    /// Forgets the batches from `end` on. What their producers had written before the batches remembered is not known then.
    fn truncate(&mut self, end: Offset) {
        let touched = self.by_last_offset.split_off(&end);
        for id in touched.into_values() {
            let entry = self.entries.get_mut(&id).expect("every producer in the order has an entry");
            entry.truncate(end);
            match entry.last() {
                Some(last) => {
                    self.by_last_offset.insert(last.last_offset(), id);
                }
                None => {
                    self.entries.remove(&id);
                }
            }
        }
    }

    fn forget_longest_silent(&mut self) {
        if let Some((_, id)) = self.by_last_offset.pop_first() {
            self.entries.remove(&id);
        }
    }

    /// Puts a restored entry in; `false` if it contradicts the others.
    fn insert(&mut self, id: ProducerId, entry: ProducerEntry) -> bool {
        let Some(last) = entry.last() else { return false };
        let fresh = self.by_last_offset.insert(last.last_offset(), id).is_none();
        fresh && self.entries.insert(id, entry).is_none()
    }
}

#[cfg(test)]
mod tests;
