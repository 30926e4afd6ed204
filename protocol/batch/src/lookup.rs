//! Finding records by time, for ListOffsets.

use crate::{BatchError, BatchView, Scratch};
use ringlog_model::{Offset, Timestamp};

/// A record's place and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOffset {
    /// The record's offset.
    pub offset: Offset,
    /// The record's timestamp.
    pub timestamp: Timestamp,
}

impl BatchView<'_> {
    /// The first record from offset `from` on whose timestamp is at least `target`.
    ///
    /// # Errors
    /// Those of decoding and walking the records.
    pub fn first_at_or_after(
        &self,
        target: Timestamp,
        from: Offset,
        scratch: &mut Scratch,
        cap: usize,
    ) -> Result<Option<TimedOffset>, BatchError> {
        if self.header().max_timestamp < target || self.header().last_offset() < from {
            return Ok(None);
        }
        self.first_where(scratch, cap, |found| found.timestamp >= target && found.offset >= from)
    }

    /// The first record that has the largest timestamp of the batch (KIP-734); `None` if no record has a timestamp.
    ///
    /// # Errors
    /// Those of decoding and walking the records.
    pub fn first_with_max_timestamp(
        &self,
        scratch: &mut Scratch,
        cap: usize,
    ) -> Result<Option<TimedOffset>, BatchError> {
        let largest = self.header().max_timestamp;
        if largest == Timestamp::NONE {
            return Ok(None);
        }
        self.first_where(scratch, cap, |found| found.timestamp == largest)
    }

    fn first_where(
        &self,
        scratch: &mut Scratch,
        cap: usize,
        wanted: impl Fn(&TimedOffset) -> bool,
    ) -> Result<Option<TimedOffset>, BatchError> {
        for record in self.records(scratch, cap)? {
            let record = record?;
            let found =
                TimedOffset { offset: self.offset_of(&record), timestamp: self.timestamp_of(&record) };
            if wanted(&found) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}
