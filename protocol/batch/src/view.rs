//! A batch over borrowed bytes, and the way through its records.

use crate::header::CHECKED_FROM;
use crate::{BatchError, BatchHeader, Compression, HEADER_SIZE, RecordView, Scratch, checksum};
use ringlog_model::{Offset, Timestamp};

/// One whole batch: its parsed header and all its bytes.
///
/// That the bytes are as long as the header says is known; nothing else is, until [`BatchView::verify_checksum`] or
/// [`BatchView::validate`](crate::BatchView::validate).
#[derive(Clone, Copy, Debug)]
pub struct BatchView<'a> {
    header: BatchHeader,
    bytes: &'a [u8],
}

impl<'a> BatchView<'a> {
    /// The batch at the front of `bytes`; what follows it is ignored.
    ///
    /// # Errors
    /// As [`BatchHeader::parse`], and [`BatchError::Truncated`] if the batch is longer than `bytes`.
    pub fn parse(bytes: &'a [u8]) -> Result<BatchView<'a>, BatchError> {
        let header = BatchHeader::parse(bytes)?;
        let needed = header.size();
        let bytes = bytes.get(..needed).ok_or(BatchError::Truncated { needed, available: bytes.len() })?;
        Ok(BatchView { header, bytes })
    }

    /// The single batch that `bytes` must hold, as in a Produce request.
    ///
    /// # Errors
    /// As [`BatchView::parse`], and [`BatchError::NoBatch`], [`BatchError::MoreThanOneBatch`].
    pub fn parse_only(bytes: &'a [u8]) -> Result<BatchView<'a>, BatchError> {
        if bytes.is_empty() {
            return Err(BatchError::NoBatch);
        }
        let view = Self::parse(bytes)?;
        let trailing = bytes.len() - view.bytes.len();
        if trailing > 0 { Err(BatchError::MoreThanOneBatch { trailing }) } else { Ok(view) }
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// All bytes of the batch.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The record section, compressed or not.
    #[must_use]
    pub fn record_bytes(&self) -> &'a [u8] {
        &self.bytes[HEADER_SIZE..]
    }

    /// The codec of the record section.
    ///
    /// # Errors
    /// [`BatchError::CompressionUnknown`].
    pub fn compression(&self) -> Result<Compression, BatchError> {
        self.header.attributes.compression()
    }

    /// Compares the bytes with their checksum.
    ///
    /// # Errors
    /// [`BatchError::ChecksumMismatch`].
    pub fn verify_checksum(&self) -> Result<(), BatchError> {
        let computed = checksum(&self.bytes[CHECKED_FROM..]);
        let stored = self.header.checksum;
        if computed == stored { Ok(()) } else { Err(BatchError::ChecksumMismatch { stored, computed }) }
    }

    /// The records, decoded into `scratch` where they are compressed, at most `cap` bytes of them.
    ///
    /// # Errors
    /// Those of decoding; what is wrong with a record comes out of the iterator.
    pub fn records<'s>(&'s self, scratch: &'s mut Scratch, cap: usize) -> Result<Records<'s>, BatchError> {
        let rest = scratch.decompress(self.compression()?, self.record_bytes(), cap)?;
        Ok(Records { rest, index: 0, declared: self.header.record_count, failed: false })
    }

    /// A record's offset.
    #[must_use]
    pub fn offset_of(&self, record: &RecordView<'_>) -> Offset {
        Offset(self.header.base_offset.0.saturating_add(i64::from(record.offset_delta)))
    }

    /// A record's timestamp: the batch's largest one if the broker stamped the batch, else the producer's.
    #[must_use]
    pub fn timestamp_of(&self, record: &RecordView<'_>) -> Timestamp {
        if self.header.is_log_append_time() {
            return self.header.max_timestamp;
        }
        Timestamp(self.header.base_timestamp.0.saturating_add(record.timestamp_delta))
    }
}

/// The records of a batch in order. Ends after the first error, and with an error if the count in the header is not met.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    rest: &'a [u8],
    index: i32,
    declared: i32,
    failed: bool,
}

impl<'a> Records<'a> {
    /// Records from a section that is not compressed (or decoded already).
    pub(crate) fn over(rest: &'a [u8], declared: i32) -> Records<'a> {
        Records { rest, index: 0, declared, failed: false }
    }

    fn step(&mut self) -> Result<Option<RecordView<'a>>, BatchError> {
        let met = self.index == self.declared;
        match (met, self.rest.is_empty()) {
            (true, true) => Ok(None),
            (true, false) | (false, true) => {
                let found = self.index.saturating_add(i32::from(met));
                Err(BatchError::RecordCountMismatch { declared: self.declared, found })
            }
            (false, false) => {
                let record = RecordView::read(&mut self.rest, self.index)?;
                self.index += 1;
                Ok(Some(record))
            }
        }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<RecordView<'a>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let step = self.step();
        self.failed = step.is_err();
        step.transpose()
    }
}

/// Walks batches that stand one after the other. Ends after the first error; bytes that remain behind the last
/// whole batch are an error ([`BatchError::Truncated`]).
#[derive(Clone, Debug)]
pub struct Batches<'a> {
    rest: &'a [u8],
}

/// The batches in `bytes`, one after the other.
#[must_use]
pub fn split_batches(bytes: &[u8]) -> Batches<'_> {
    Batches { rest: bytes }
}

impl<'a> Iterator for Batches<'a> {
    type Item = Result<BatchView<'a>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let batch = BatchView::parse(self.rest);
        self.rest = batch.as_ref().map_or(&[], |view| &self.rest[view.bytes.len()..]);
        Some(batch)
    }
}
