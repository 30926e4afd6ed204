//! Building batches: for the native client, the broker's own topics, tests, and re-compression.

use crate::header::{CHECKED_FROM, LENGTH_END, MAGIC};
use crate::record::RecordFields;
use crate::{
    Attributes, BatchError, BatchHeader, BatchView, Compression, HEADER_SIZE, RecordHeader, Scratch, checksum,
};
use ringlog_model::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

/// Collects records and gives them out as one batch.
///
/// A new builder makes batches of a plain producer at base offset 0; the setters change the header.
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    base_offset: Offset,
    leader_epoch: LeaderEpoch,
    attributes: Attributes,
    producer_id: ProducerId,
    producer_epoch: ProducerEpoch,
    base_sequence: Sequence,
    base_timestamp: Timestamp,
    max_timestamp: Timestamp,
    record_count: i32,
    records: Vec<u8>,
}

impl Default for BatchBuilder {
    fn default() -> BatchBuilder {
        BatchBuilder::new()
    }
}

impl BatchBuilder {
    /// No records yet.
    #[must_use]
    pub fn new() -> BatchBuilder {
        BatchBuilder {
            base_offset: Offset::ZERO,
            leader_epoch: LeaderEpoch::UNKNOWN,
            attributes: Attributes::default(),
            producer_id: ProducerId::NONE,
            producer_epoch: ProducerEpoch::NONE,
            base_sequence: Sequence::NONE,
            base_timestamp: Timestamp::NONE,
            max_timestamp: Timestamp::NONE,
            record_count: 0,
            records: Vec::new(),
        }
    }

    /// Sets the first record's offset and the leader epoch (a broker's affair; clients leave both).
    #[must_use]
    pub fn at(mut self, base_offset: Offset, leader_epoch: LeaderEpoch) -> BatchBuilder {
        self.base_offset = base_offset;
        self.leader_epoch = leader_epoch;
        self
    }

    /// Makes it a batch of an idempotent producer.
    #[must_use]
    pub fn producer(mut self, id: ProducerId, epoch: ProducerEpoch, base_sequence: Sequence) -> BatchBuilder {
        self.producer_id = id;
        self.producer_epoch = epoch;
        self.base_sequence = base_sequence;
        self
    }

    /// Sets attribute bits ([`Attributes::TRANSACTIONAL`], [`Attributes::CONTROL`], ...). The codec is given to
    /// [`BatchBuilder::build`].
    #[must_use]
    pub fn attributes(mut self, bits: i16) -> BatchBuilder {
        self.attributes = self.attributes.with(bits);
        self
    }

    /// Adds a record.
    ///
    /// # Errors
    /// [`BatchError::FormatLimit`] if the batch would outgrow the format; the builder is unchanged then.
    pub fn append(
        &mut self,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[RecordHeader<'_>],
    ) -> Result<(), BatchError> {
        let base_timestamp = if self.record_count == 0 { timestamp } else { self.base_timestamp };
        let timestamp_delta = timestamp.0.checked_sub(base_timestamp.0).ok_or(BatchError::FormatLimit)?;
        let record = RecordFields { timestamp_delta, offset_delta: self.record_count, key, value, headers };
        let body_size = record.body_size().ok_or(BatchError::FormatLimit)?;
        // 5 bytes are the most that the record's own length takes.
        let size_max = self.size() + 5 + body_size as usize;
        let record_count = self.record_count.checked_add(1).ok_or(BatchError::FormatLimit)?;
        if size_max > i32::MAX as usize {
            return Err(BatchError::FormatLimit);
        }
        record.write(body_size, &mut self.records);
        self.max_timestamp =
            if self.record_count == 0 { timestamp } else { self.max_timestamp.max(timestamp) };
        self.base_timestamp = base_timestamp;
        self.record_count = record_count;
        Ok(())
    }

    /// Records so far.
    #[must_use]
    pub fn record_count(&self) -> i32 {
        self.record_count
    }

    /// Size in bytes that the batch would have without compression.
    #[must_use]
    pub fn size(&self) -> usize {
        HEADER_SIZE + self.records.len()
    }

    /// The batch of all records so far. The builder stays as it is; see [`BatchBuilder::clear`].
    ///
    /// # Errors
    /// [`BatchError::RecordCountInvalid`] without records; [`BatchError::FormatLimit`] if compression made it too large.
    pub fn build(&self, compression: Compression) -> Result<Vec<u8>, BatchError> {
        if self.record_count == 0 {
            return Err(BatchError::RecordCountInvalid { record_count: 0 });
        }
        let header = BatchHeader {
            base_offset: self.base_offset,
            batch_length: 0,
            leader_epoch: self.leader_epoch,
            magic: MAGIC,
            checksum: 0,
            attributes: self.attributes,
            last_offset_delta: self.record_count - 1,
            base_timestamp: self.base_timestamp,
            max_timestamp: self.max_timestamp,
            producer_id: self.producer_id,
            producer_epoch: self.producer_epoch,
            base_sequence: self.base_sequence,
            record_count: self.record_count,
        };
        assemble(header, &self.records, compression)
    }

    /// Drops the records and keeps the header settings; the sequence moves on behind the dropped records.
    pub fn clear(&mut self) {
        if self.base_sequence.0 >= 0 {
            self.base_sequence = self.base_sequence.plus(self.record_count);
        }
        self.base_timestamp = Timestamp::NONE;
        self.max_timestamp = Timestamp::NONE;
        self.record_count = 0;
        self.records.clear();
    }
}

/// The same batch with its records under another codec; all other header fields stay.
///
/// # Errors
/// Those of decoding, and [`BatchError::FormatLimit`].
pub fn recompress(
    batch: &BatchView<'_>,
    compression: Compression,
    scratch: &mut Scratch,
    decompressed_bytes_max: usize,
) -> Result<Vec<u8>, BatchError> {
    let records = scratch.decompress(batch.compression()?, batch.record_bytes(), decompressed_bytes_max)?;
    assemble(*batch.header(), records, compression)
}

/// Puts a header, whose length, codec and checksum are still to be found, in front of its records.
pub(crate) fn assemble(
    mut header: BatchHeader,
    records: &[u8],
    compression: Compression,
) -> Result<Vec<u8>, BatchError> {
    let mut batch = Vec::with_capacity(HEADER_SIZE + records.len());
    batch.resize(HEADER_SIZE, 0);
    compression.compress(records, &mut batch);
    // A compressed batch may wait a while in a sender's queue: it should not hold the room of an uncompressed one.
    batch.shrink_to_fit();
    header.batch_length = i32::try_from(batch.len() - LENGTH_END).map_err(|_| BatchError::FormatLimit)?;
    header.attributes = header.attributes.with_compression(compression);
    batch[..HEADER_SIZE].copy_from_slice(&header.encode());
    header.checksum = checksum(&batch[CHECKED_FROM..]);
    batch[..HEADER_SIZE].copy_from_slice(&header.encode());
    Ok(batch)
}
