//! Dropping records from a batch, as compaction does: what stays keeps its offset, its timestamp and the batch's header.
//!
//! A tombstone (a record without a value) must stay for a while after compaction first met it, so that readers learn of
//! the deletion. When that time ends is written into the batch itself (KIP-534): attribute bit 6 says that the base
//! timestamp is this *delete horizon*, to which the records' timestamp deltas are then relative.

use crate::builder::assemble;
use crate::varint::{read_i32, read_i64, size_i64, write_i32, write_i64};
use crate::{Attributes, BatchError, BatchHeader, BatchView, Compression, RecordView, Scratch};
use core::ops::Range;
use ringlog_model::{Offset, Timestamp};

/// What remains of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retained {
    /// All of it, as it is.
    Unchanged,
    /// This batch in its place.
    Changed(Vec<u8>),
    /// No record.
    Nothing,
}

impl BatchHeader {
    /// The time from which on compaction may drop the batch's tombstones, if that was decided.
    #[must_use]
    pub fn delete_horizon(&self) -> Option<Timestamp> {
        self.attributes.has(Attributes::DELETE_HORIZON).then_some(self.base_timestamp)
    }
}

impl BatchView<'_> {
    /// Keeps the records that `keep` says, under the same codec. If a tombstone is among them and the batch has no
    /// delete horizon yet, it gets this one.
    ///
    /// # Errors
    /// Those of decoding and walking the records; [`BatchError::FormatLimit`].
    pub fn retain(
        &self,
        horizon: Timestamp,
        scratch: &mut Scratch,
        cap: usize,
        mut keep: impl FnMut(&RecordView<'_>, Offset) -> bool,
    ) -> Result<Retained, BatchError> {
        let header = self.header();
        let section = scratch.decompress(self.compression()?, self.record_bytes(), cap)?;
        let mut kept = Kept::default();
        let mut rest = section;
        for index in 0..header.record_count {
            let start = section.len() - rest.len();
            let record = RecordView::read(&mut rest, index)?;
            if keep(&record, self.offset_of(&record)) {
                kept.add(start..section.len() - rest.len(), self.timestamp_of(&record));
                kept.has_tombstone |= record.value.is_none();
            }
        }
        if !rest.is_empty() {
            let found = header.record_count.saturating_add(1);
            return Err(BatchError::RecordCountMismatch { declared: header.record_count, found });
        }
        let gets_horizon = kept.has_tombstone && header.delete_horizon().is_none();
        match kept.count {
            0 => Ok(Retained::Nothing),
            all if all == header.record_count && !gets_horizon => Ok(Retained::Unchanged),
            _ => self.rebuild(section, &kept, gets_horizon.then_some(horizon)).map(Retained::Changed),
        }
    }

    fn rebuild(
        &self,
        section: &[u8],
        kept: &Kept,
        horizon: Option<Timestamp>,
    ) -> Result<Vec<u8>, BatchError> {
        let mut header = *self.header();
        let mut records = Vec::with_capacity(section.len());
        for run in &kept.runs {
            match horizon {
                None => records.extend_from_slice(&section[run.clone()]),
                Some(horizon) => {
                    let moved = header.base_timestamp.0.wrapping_sub(horizon.0);
                    move_timestamps(&section[run.clone()], moved, &mut records)?;
                }
            }
        }
        if let Some(horizon) = horizon {
            header.attributes = header.attributes.with(Attributes::DELETE_HORIZON);
            header.base_timestamp = horizon;
        }
        header.record_count = kept.count;
        if !header.is_log_append_time() {
            header.max_timestamp = kept.max_timestamp;
        }
        assemble(header, &records, self.compression()?)
    }

    /// The batch without its records: offsets, producer and sequence stay known.
    ///
    /// # Errors
    /// None that a parsed batch could cause.
    pub fn emptied(&self) -> Result<Vec<u8>, BatchError> {
        let mut header = *self.header();
        header.attributes = Attributes(header.attributes.0 & !Attributes::DELETE_HORIZON);
        header.base_timestamp = Timestamp::NONE;
        header.record_count = 0;
        assemble(header, &[], Compression::None)
    }
}

/// Records that stay, as runs of the record section.
struct Kept {
    runs: Vec<Range<usize>>,
    count: i32,
    max_timestamp: Timestamp,
    has_tombstone: bool,
}

impl Default for Kept {
    fn default() -> Kept {
        Kept { runs: Vec::new(), count: 0, max_timestamp: Timestamp(i64::MIN), has_tombstone: false }
    }
}

impl Kept {
    fn add(&mut self, record: Range<usize>, timestamp: Timestamp) {
        match self.runs.last_mut().filter(|last| last.end == record.start) {
            Some(last) => last.end = record.end,
            None => self.runs.push(record),
        }
        self.count += 1;
        self.max_timestamp = self.max_timestamp.max(timestamp);
    }
}

/// Copies records whose timestamp deltas grow by `moved`. The records were walked before.
fn move_timestamps(mut records: &[u8], moved: i64, out: &mut Vec<u8>) -> Result<(), BatchError> {
    while !records.is_empty() {
        let length = read_i32(&mut records).and_then(|length| usize::try_from(length).ok());
        let body = length.and_then(|length| records.split_at_checked(length));
        let (mut body, rest) = body.ok_or(BatchError::FormatLimit)?;
        records = rest;
        let attributes = body[0];
        body = &body[1..];
        let delta = read_i64(&mut body).ok_or(BatchError::FormatLimit)?.wrapping_add(moved);
        let size = 1 + size_i64(delta) + body.len();
        write_i32(out, i32::try_from(size).map_err(|_| BatchError::FormatLimit)?);
        out.push(attributes);
        write_i64(out, delta);
        out.extend_from_slice(body);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BatchBuilder, stamp_log_append_time};
    use ringlog_model::{LeaderEpoch, ProducerEpoch, ProducerId, Sequence};

    const CAP: usize = 1 << 20;

    type Known = (i64, i64, Vec<u8>, Option<Vec<u8>>);

    /// Ten records from offset 100; number 4 is a tombstone.
    fn batch(codec: Compression) -> Vec<u8> {
        let mut builder = BatchBuilder::new().at(Offset(100), LeaderEpoch(3)).producer(
            ProducerId(9),
            ProducerEpoch(1),
            Sequence(50),
        );
        for number in 0..10_i64 {
            let key = format!("key {number}");
            let value = (number != 4).then(|| vec![number as u8; 300]);
            let timestamp = Timestamp(5_000 + 7 * number);
            builder.append(timestamp, Some(key.as_bytes()), value.as_deref(), &[]).unwrap();
        }
        builder.build(codec).unwrap()
    }

    fn records(bytes: &[u8]) -> Vec<Known> {
        let view = BatchView::parse_only(bytes).unwrap();
        view.verify_checksum().unwrap();
        let mut scratch = Scratch::new();
        let known = |record: RecordView<'_>| {
            let key = record.key.unwrap().to_vec();
            let value = record.value.map(<[u8]>::to_vec);
            (view.offset_of(&record).0, view.timestamp_of(&record).0, key, value)
        };
        view.records(&mut scratch, CAP).unwrap().map(|record| known(record.unwrap())).collect()
    }

    fn retain(bytes: &[u8], keep: impl Fn(i64) -> bool) -> Retained {
        let view = BatchView::parse_only(bytes).unwrap();
        view.retain(Timestamp(90_000), &mut Scratch::new(), CAP, |_, offset| keep(offset.0)).unwrap()
    }

    #[test]
    fn what_stays_keeps_offset_time_and_content_under_every_codec() {
        for codec in Compression::ALL {
            let original = batch(codec);
            let Retained::Changed(changed) = retain(&original, |offset| offset % 3 == 0) else { panic!() };
            let expected: Vec<_> =
                records(&original).into_iter().filter(|(offset, ..)| offset % 3 == 0).collect();
            assert_eq!(records(&changed), expected, "{codec}");
            let (before, after) =
                (BatchHeader::parse(&original).unwrap(), BatchHeader::parse(&changed).unwrap());
            assert_eq!((after.base_offset, after.last_offset()), (before.base_offset, before.last_offset()));
            assert_eq!(after.last_sequence(), before.last_sequence());
            assert_eq!(after.leader_epoch, before.leader_epoch);
            assert_eq!(after.record_count, 3);
            assert_eq!(after.max_timestamp, Timestamp(5_056));
            assert_eq!(after.delete_horizon(), None);
            assert_eq!(after.attributes.compression(), Ok(codec));
        }
    }

    #[test]
    fn a_kept_tombstone_gives_its_batch_a_delete_horizon_once() {
        for codec in Compression::ALL {
            let original = batch(codec);
            let Retained::Changed(changed) = retain(&original, |_| true) else { panic!() };
            assert_eq!(records(&changed), records(&original), "{codec}");
            let header = BatchHeader::parse(&changed).unwrap();
            assert_eq!(header.delete_horizon(), Some(Timestamp(90_000)));
            assert_eq!(retain(&changed, |_| true), Retained::Unchanged);
            let Retained::Changed(again) = retain(&changed, |offset| offset == 104) else { panic!() };
            assert_eq!(BatchHeader::parse(&again).unwrap().delete_horizon(), Some(Timestamp(90_000)));
            assert_eq!(records(&again), [(104, 5_028, b"key 4".to_vec(), None)]);
        }
    }

    #[test]
    fn a_batch_stamped_by_the_broker_keeps_its_stamp() {
        let mut stamped = batch(Compression::None);
        stamp_log_append_time(&mut stamped, Timestamp(7_777)).unwrap();
        let Retained::Changed(changed) = retain(&stamped, |offset| offset == 104) else { panic!() };
        assert_eq!(records(&changed), [(104, 7_777, b"key 4".to_vec(), None)]);
    }

    #[test]
    fn unchanged_and_empty_batches_are_told_apart() {
        let original = batch(Compression::Lz4);
        assert_eq!(retain(&original, |_| false), Retained::Nothing);
        let without = |offset| offset != 104;
        let Retained::Changed(changed) = retain(&original, without) else { panic!() };
        assert_eq!(retain(&changed, without), Retained::Unchanged);

        let empty = BatchView::parse_only(&original).unwrap().emptied().unwrap();
        assert_eq!(records(&empty), []);
        let (before, after) = (BatchHeader::parse(&original).unwrap(), BatchHeader::parse(&empty).unwrap());
        assert_eq!((after.base_offset, after.last_offset()), (before.base_offset, before.last_offset()));
        assert_eq!(after.last_sequence(), before.last_sequence());
        assert_eq!((after.producer_id, after.producer_epoch), (before.producer_id, before.producer_epoch));
        assert_eq!(after.max_timestamp, before.max_timestamp);
        assert_eq!(after.record_count, 0);
    }
}
