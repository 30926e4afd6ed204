//! What compaction keeps. Pure: bytes of batches in, bytes of batches out.
//!
//! The rules are Kafka's (its log cleaner, KIP-280's default and KIP-534):
//! - a record stays if it is the newest of its key among those that were collected, or lies behind them;
//! - a tombstone stays until its batch's delete horizon, which is set when compaction first keeps one;
//! - a record without a key goes;
//! - a batch whose records are all gone goes, unless it is the last of a producer that is remembered or of what is
//!   compacted: then it stays without records, so that the producer's sequence and the last offset stay known.
//!
//! Control batches stay as they are: what they end is for the transaction coordinator to say.

use super::keys::KeyOffsets;
use ringlog_batch::{BatchError, BatchHeader, BatchView, RecordView, Retained, Scratch, split_batches};
use ringlog_model::{Offset, ProducerId, Timestamp};
use std::collections::BTreeMap;

/// Bound of the records of one batch once decoded.
const DECODED_MAX: usize = 256 << 20;

/// How collecting went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Collected {
    /// Everything is in the map.
    All,
    /// The map is full; see [`Filter::mapped_upto`].
    Full,
}

/// Batches that stay: their bytes, and each one's header with the place where it begins.
#[derive(Debug, Default)]
pub(super) struct Filtered {
    pub(super) bytes: Vec<u8>,
    pub(super) batches: Vec<(BatchHeader, usize)>,
}

/// The state of one compaction, moved to the thread that does a step and back.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) keys: KeyOffsets,
    /// Records from here on were not collected and stay.
    pub(super) mapped_upto: Offset,
    /// End of what is compacted.
    pub(super) upto: Offset,
    pub(super) now: Timestamp,
    /// The delete horizon of tombstones that are met for the first time.
    pub(super) horizon: Timestamp,
    pub(super) producers: BTreeMap<ProducerId, Offset>,
    /// Records that did not stay.
    pub(super) removed: u64,
    /// The earliest horizon of the tombstones that stay.
    pub(super) next_horizon: Option<Timestamp>,
    pub(super) scratch: Scratch,
}

impl Filter {
    /// Notes the keys of records from `from` on. Batches come in the order of their offsets.
    pub(super) fn collect(&mut self, batches: &[u8], from: Offset) -> Result<Collected, BatchError> {
        for view in split_batches(batches) {
            let view = view?;
            let header = view.header();
            if header.last_offset() < from || header.is_control() {
                continue;
            }
            for record in view.records(&mut self.scratch, DECODED_MAX)? {
                let record = record?;
                let offset = view.offset_of(&record);
                let Some(key) = record.key.filter(|_| offset >= from) else { continue };
                if self.keys.put(key, offset).is_err() {
                    self.mapped_upto = offset;
                    return Ok(Collected::Full);
                }
            }
            self.mapped_upto = header.next_offset();
        }
        Ok(Collected::All)
    }

    /// What stays of these batches.
    pub(super) fn filter(&mut self, batches: &[u8]) -> Result<Filtered, BatchError> {
        let mut filtered = Filtered { bytes: Vec::with_capacity(batches.len()), batches: Vec::new() };
        for view in split_batches(batches) {
            let view = view?;
            if view.header().is_control() {
                filtered.push(view.bytes())?;
                continue;
            }
            match self.retain(&view)? {
                Retained::Unchanged => filtered.push(view.bytes())?,
                Retained::Changed(changed) => filtered.push(&changed)?,
                Retained::Nothing if self.is_anchor(view.header()) => filtered.push(&view.emptied()?)?,
                Retained::Nothing => {}
            }
        }
        Ok(filtered)
    }

    fn retain(&mut self, view: &BatchView<'_>) -> Result<Retained, BatchError> {
        let due = view.header().delete_horizon();
        let is_past = due.is_some_and(|due| due <= self.now);
        let (keys, mapped_upto) = (&self.keys, self.mapped_upto);
        let mut keeps_tombstone = false;
        let mut removed = 0;
        let keep = |record: &RecordView<'_>, offset: Offset| {
            let stays = offset >= mapped_upto
                || record.key.is_some_and(|key| {
                    let is_newest = keys.get(key).is_none_or(|newest| offset >= newest);
                    is_newest && (record.value.is_some() || !is_past)
                });
            keeps_tombstone |= stays && record.value.is_none();
            removed += u64::from(!stays);
            stays
        };
        let retained = view.retain(self.horizon, &mut self.scratch, DECODED_MAX, keep)?;
        self.removed += removed;
        if keeps_tombstone {
            let due = due.unwrap_or(self.horizon);
            self.next_horizon = Some(self.next_horizon.map_or(due, |earliest| earliest.min(due)));
        }
        Ok(retained)
    }

    /// Whether something must stay of the batch even without records.
    fn is_anchor(&self, header: &BatchHeader) -> bool {
        let last_of_producer =
            header.has_producer() && self.producers.get(&header.producer_id) == Some(&header.last_offset());
        last_of_producer || header.next_offset() == self.upto
    }
}

impl Filtered {
    fn push(&mut self, batch: &[u8]) -> Result<(), BatchError> {
        self.batches.push((BatchHeader::parse(batch)?, self.bytes.len()));
        self.bytes.extend_from_slice(batch);
        Ok(())
    }
}
