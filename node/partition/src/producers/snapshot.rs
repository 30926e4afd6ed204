//! The producer table in bytes, carried by storage's checkpoints.
//!
//! ```text
//!  0 version          u8     1
//!  1 end              i64    one past the last offset that the table knows of
//!  9 producer count   u32
//! 13 producers, by rising id:
//!      id             i64
//!      epoch          i16
//!      seen           i64    milliseconds since the Unix epoch
//!      batch count    u8     1 to 5
//!      batches, oldest first:
//!        base sequence    i32
//!        record count     i32
//!        base offset      i64
//!        log append time  i64    -1: the producer's clock counts
//!  ... checksum       u32    CRC-32C of all bytes before it
//! ```
//!
//! All numbers are little-endian.

use super::ProducerTable;
use super::entry::{BATCHES_REMEMBERED, ProducerEntry, RememberedBatch};
use alloc::vec::Vec;
use ringlog_batch::checksum;
use ringlog_model::{Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
use thiserror::Error;

/// The version that is written.
pub const SNAPSHOT_VERSION: u8 = 1;

const HEADER: usize = 13;
const PRODUCER: usize = 19;
const BATCH: usize = 24;

/// Why bytes are not a producer snapshot. The table is then rebuilt from the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// Another version wrote it.
    #[error("producer snapshot version {0} is not known")]
    Version(u8),
    /// The bytes do not match their checksum.
    #[error("the producer snapshot does not match its checksum")]
    Checksum,
    /// The bytes match their checksum but make no sense.
    #[error("the producer snapshot is malformed")]
    Malformed,
}

impl ProducerTable {
    /// The table's bytes; it knows of all batches before `end`.
    #[must_use]
    pub fn snapshot(&self, end: Offset) -> Vec<u8> {
        let batches: usize = self.entries.values().map(|entry| entry.batches().len()).sum();
        let mut bytes = Vec::with_capacity(HEADER + self.entries.len() * PRODUCER + batches * BATCH + 4);
        bytes.push(SNAPSHOT_VERSION);
        bytes.extend_from_slice(&end.0.to_le_bytes());
        bytes.extend_from_slice(&(self.entries.len() as u32).to_le_bytes());
        for (id, entry) in &self.entries {
            write_producer(*id, entry, &mut bytes);
        }
        let sum = checksum(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// The table in `bytes`, and one past the last offset that it knows of, in a log that ends at `log_end`.
    ///
    /// Snapshots are attached when all they know of is synced, so a log that ends before its snapshot has lost synced bytes
    /// (a damaged disk). The lost batches are forgotten here too; a producer may be unknown then.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn restore(bytes: &[u8], log_end: Offset) -> Result<(ProducerTable, Offset), SnapshotError> {
        let version = *bytes.first().ok_or(SnapshotError::Malformed)?;
        if version != SNAPSHOT_VERSION {
            return Err(SnapshotError::Version(version));
        }
        let (body, sum) = bytes.split_last_chunk::<4>().ok_or(SnapshotError::Malformed)?;
        if checksum(body) != u32::from_le_bytes(*sum) {
            return Err(SnapshotError::Checksum);
        }
        let (mut table, end) = read_body(&body[1..]).ok_or(SnapshotError::Malformed)?;
        if end > log_end {
            table.truncate(log_end);
        }
        Ok((table, end.min(log_end)))
    }
}

fn write_producer(id: ProducerId, entry: &ProducerEntry, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&id.0.to_le_bytes());
    bytes.extend_from_slice(&entry.epoch().0.to_le_bytes());
    bytes.extend_from_slice(&entry.seen().0.to_le_bytes());
    bytes.push(entry.batches().len() as u8);
    for batch in entry.batches() {
        bytes.extend_from_slice(&batch.base_sequence.0.to_le_bytes());
        bytes.extend_from_slice(&batch.record_count.to_le_bytes());
        bytes.extend_from_slice(&batch.base_offset.0.to_le_bytes());
        bytes.extend_from_slice(&batch.log_append_time.0.to_le_bytes());
    }
}

fn read_body(mut bytes: &[u8]) -> Option<(ProducerTable, Offset)> {
    let end = Offset(i64::from_le_bytes(take(&mut bytes)?));
    let count = u32::from_le_bytes(take(&mut bytes)?);
    let mut table = ProducerTable::new();
    let mut previous = ProducerId(i64::MIN);
    for _ in 0..count {
        let (id, entry) = read_producer(&mut bytes, end)?;
        let in_order = id > previous && table.insert(id, entry);
        if !in_order {
            return None;
        }
        previous = id;
    }
    bytes.is_empty().then_some((table, end))
}

fn read_producer(bytes: &mut &[u8], end: Offset) -> Option<(ProducerId, ProducerEntry)> {
    let id = ProducerId(i64::from_le_bytes(take(bytes)?));
    let epoch = ProducerEpoch(i16::from_le_bytes(take(bytes)?));
    let seen = Timestamp(i64::from_le_bytes(take(bytes)?));
    let [count] = take(bytes)?;
    if count == 0 || usize::from(count) > BATCHES_REMEMBERED {
        return None;
    }
    let mut entry = ProducerEntry::new(epoch);
    let mut next_offset = Offset::ZERO;
    for _ in 0..count {
        let batch = RememberedBatch {
            base_sequence: Sequence(i32::from_le_bytes(take(bytes)?)),
            record_count: i32::from_le_bytes(take(bytes)?),
            base_offset: Offset(i64::from_le_bytes(take(bytes)?)),
            log_append_time: Timestamp(i64::from_le_bytes(take(bytes)?)),
        };
        let sane = batch.base_sequence.0 >= 0
            && batch.record_count > 0
            && batch.base_offset >= next_offset
            && batch.base_offset.0 <= end.0.saturating_sub(i64::from(batch.record_count));
        if !sane {
            return None;
        }
        next_offset = batch.end();
        entry.push(epoch, batch, seen);
    }
    Some((id, entry))
}

fn take<const SIZE: usize>(bytes: &mut &[u8]) -> Option<[u8; SIZE]> {
    let (front, rest) = bytes.split_first_chunk::<SIZE>()?;
    *bytes = rest;
    Some(*front)
}
