//! The sparse index of one segment: where to begin looking for an offset or a time, and what the header fields that
//! Kafka's CRC leaves out must add up to.

use ringlog_batch::{BatchHeader, checksum_append};
use ringlog_model::{Offset, Timestamp};

/// Bytes of a batch that stand before what its own CRC covers: base offset, length, epoch, magic, the CRC itself.
pub const FIELDS: usize = 21;

/// Entries are at least this many bytes of batches apart, Kafka's `index.interval.bytes`.
const INTERVAL: u64 = 4096;

/// Bound of a segment's entries: 512 KiB of memory. At the bound every other entry goes and the interval doubles.
const ENTRIES_MAX: usize = 16_384;

/// The checksum of a batch's [`FIELDS`], continued from `before`. Since these hold the CRC of the rest, it stands for
/// the whole batch together with that CRC.
#[must_use]
pub fn batch_fields_checksum(before: u32, batch: &[u8]) -> u32 {
    checksum_append(before, &batch[..FIELDS])
}

/// The largest timestamp of a batch's records. One that compaction has emptied keeps a time in its header that none of
/// its records has.
#[must_use]
pub fn newest_record(header: &BatchHeader) -> Timestamp {
    if header.record_count > 0 { header.max_timestamp } else { Timestamp::NONE }
}

/// A place where a batch begins, and what is true of everything before it in the segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexEntry {
    /// The batch's base offset; one past the batch before it, if offsets are missing between the two.
    pub offset: Offset,
    /// Where it begins, bytes from the first batch of the segment.
    pub position: u64,
    /// The largest timestamp of the batches before.
    pub max_timestamp_before: Timestamp,
    /// [`batch_fields_checksum`] of all batches before.
    pub checksum_before: u32,
}

/// The index of a segment, grown batch by batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentIndex {
    entries: Vec<IndexEntry>,
    interval: u64,
    end: IndexEntry,
}

impl SegmentIndex {
    /// Of an empty segment that begins at `base`.
    #[must_use]
    pub fn new(base: Offset) -> SegmentIndex {
        let end = IndexEntry {
            offset: base,
            position: 0,
            max_timestamp_before: Timestamp::NONE,
            checksum_before: 0,
        };
        SegmentIndex { entries: Vec::new(), interval: INTERVAL, end }
    }

    /// From parts that were written down. `None` if they are not ascending.
    #[must_use]
    pub fn from_parts(entries: Vec<IndexEntry>, interval: u64, end: IndexEntry) -> Option<SegmentIndex> {
        let follow = |a: &IndexEntry, b: &IndexEntry| a.position < b.position && a.offset < b.offset;
        let ascending = entries.iter().zip(entries.iter().skip(1)).all(|(a, b)| follow(a, b));
        let closed = entries.last().is_none_or(|last| follow(last, &end));
        (ascending && closed && interval >= INTERVAL && entries.len() <= ENTRIES_MAX)
            .then_some(SegmentIndex { entries, interval, end })
    }

    /// The entries.
    #[must_use]
    pub fn entries(&self) -> &[IndexEntry] {
        &self.entries
    }

    /// Least distance between entries, bytes.
    #[must_use]
    pub fn interval(&self) -> u64 {
        self.interval
    }

    /// One past the last batch: its position is the bytes indexed, its offset the next batch's.
    #[must_use]
    pub fn end(&self) -> IndexEntry {
        self.end
    }

    /// Adds the batch that follows; `batch` begins with its header.
    pub fn add(&mut self, header: &BatchHeader, batch: &[u8]) {
        debug_assert!(
            header.base_offset >= self.end.offset,
            "batches ascend; only compacted ones leave holes"
        );
        let far = self.entries.last().is_none_or(|last| self.end.position - last.position >= self.interval);
        if far {
            if self.entries.len() == ENTRIES_MAX {
                self.thin();
            }
            self.entries.push(self.end);
        }
        self.end = IndexEntry {
            offset: header.next_offset(),
            position: self.end.position + header.size() as u64,
            max_timestamp_before: self.end.max_timestamp_before.max(newest_record(header)),
            checksum_before: batch_fields_checksum(self.end.checksum_before, batch),
        };
    }

    /// The last known place at or before the batch that holds `offset`.
    #[must_use]
    pub fn floor_of_offset(&self, offset: Offset) -> IndexEntry {
        let after = self.entries.partition_point(|entry| entry.offset <= offset);
        self.at(after)
    }

    /// The last known place at or before `position`.
    #[must_use]
    pub fn floor_of_position(&self, position: u64) -> IndexEntry {
        let after = self.entries.partition_point(|entry| entry.position <= position);
        self.at(after)
    }

    /// The first known place at or after `position`; the end if there is none.
    #[must_use]
    pub fn ceiling_of_position(&self, position: u64) -> IndexEntry {
        let at = self.entries.partition_point(|entry| entry.position < position);
        self.entries.get(at).copied().unwrap_or(self.end)
    }

    /// The last known place before which every timestamp is below `timestamp`.
    #[must_use]
    pub fn floor_of_timestamp(&self, timestamp: Timestamp) -> IndexEntry {
        let after = self.entries.partition_point(|entry| entry.max_timestamp_before < timestamp);
        self.at(after)
    }

    /// Forgets everything from the last known place at or before `position` on; what follows must be added again.
    pub fn rewind(&mut self, position: u64) {
        if position >= self.end.position {
            return;
        }
        let floor = self.floor_of_position(position);
        self.entries.retain(|entry| entry.position < floor.position);
        self.end = floor;
    }

    /// The entry before place `after`, or the segment's beginning (the first entry always is at position 0).
    fn at(&self, after: usize) -> IndexEntry {
        match after.checked_sub(1).and_then(|index| self.entries.get(index)) {
            Some(entry) => *entry,
            None => self.entries.first().copied().unwrap_or(self.end),
        }
    }

    fn thin(&mut self) {
        let mut index = 0;
        self.entries.retain(|_| {
            index += 1;
            index % 2 == 1
        });
        self.interval *= 2;
    }
}
