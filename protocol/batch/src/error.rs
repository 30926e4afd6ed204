//! Why bytes are not an acceptable record batch.

use crate::Compression;
use ringlog_model::{ProducerEpoch, ProducerId, Sequence, Timestamp};
use thiserror::Error;

/// One variant per refusal, carrying what is needed to understand it.
///
/// Kafka's error codes are chosen by the node, in one exhaustive match over this enum.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BatchError {
    /// The bytes end before the batch does.
    #[error("the batch needs {needed} bytes, only {available} are there")]
    Truncated {
        /// Bytes that the header (or its fixed size) promises.
        needed: usize,
        /// Bytes that there are.
        available: usize,
    },
    /// The length field is smaller than a batch header, or negative.
    #[error("the batch length {batch_length} is less than a batch header has")]
    LengthInvalid {
        /// The field as it was sent.
        batch_length: i32,
    },
    /// Another record format than version 2.
    #[error("record format {magic} is not supported, only 2 is")]
    MagicUnsupported {
        /// The magic byte.
        magic: i8,
    },
    /// A request carried no batch for the partition.
    #[error("there is no batch")]
    NoBatch,
    /// A request carried bytes beyond its one batch.
    #[error("{trailing} bytes follow the one batch that is allowed")]
    MoreThanOneBatch {
        /// Bytes after the first batch.
        trailing: usize,
    },
    /// The batch is larger than the topic allows (`max.message.bytes`).
    #[error("the batch has {size} bytes, the limit is {limit}")]
    TooLarge {
        /// Size of the whole batch in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The bytes do not match their checksum.
    #[error("the checksum is {stored:#010x}, the bytes give {computed:#010x}")]
    ChecksumMismatch {
        /// CRC-32C in the header.
        stored: u32,
        /// CRC-32C of the bytes.
        computed: u32,
    },
    /// Clients may not write control records.
    #[error("clients may not write control batches")]
    ControlBatch,
    /// A batch without records, or with a negative count.
    #[error("the record count {record_count} is not positive")]
    RecordCountInvalid {
        /// The field as it was sent.
        record_count: i32,
    },
    /// The last offset delta is not the record count less one.
    #[error("the last offset delta {last_offset_delta} does not fit {record_count} records")]
    OffsetRangeInvalid {
        /// The field as it was sent.
        last_offset_delta: i32,
        /// The field as it was sent.
        record_count: i32,
    },
    /// The header's count differs from the records that are there.
    #[error("the header promises {declared} records, the bytes hold {found}")]
    RecordCountMismatch {
        /// The header's count.
        declared: i32,
        /// Whole records found; more than `declared` if bytes are left over.
        found: i32,
    },
    /// A record cannot be read.
    #[error("record {index} is malformed: {reason}")]
    RecordMalformed {
        /// Position in the batch, from zero.
        index: i32,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A client's record is not at its place: deltas count 0, 1, 2, ...
    #[error("record {index} has offset delta {found}")]
    OffsetDeltaInvalid {
        /// Position in the batch, from zero.
        index: i32,
        /// The delta as it was sent.
        found: i32,
    },
    /// A record's timestamp is too far from the broker's clock.
    #[error("record {index} has timestamp {timestamp:?}, outside the allowed {earliest:?} to {latest:?}")]
    TimestampOutOfRange {
        /// Position in the batch, from zero.
        index: i32,
        /// The record's timestamp.
        timestamp: Timestamp,
        /// Earliest that was allowed.
        earliest: Timestamp,
        /// Latest that was allowed.
        latest: Timestamp,
    },
    /// A client marked the batch as stamped by the broker.
    #[error("clients may not write batches of timestamp type LogAppendTime")]
    LogAppendTimeFromClient,
    /// A record without a key for a topic that is compacted by key.
    #[error("record {index} has no key, but the topic is compacted")]
    KeyMissing {
        /// Position in the batch, from zero.
        index: i32,
    },
    /// A producer without an epoch or a sequence (KIP-98).
    #[error(
        "producer {producer_id} needs an epoch and a sequence, not {producer_epoch} and {base_sequence:?}"
    )]
    ProducerInvalid {
        /// The field as it was sent.
        producer_id: ProducerId,
        /// The field as it was sent.
        producer_epoch: ProducerEpoch,
        /// The field as it was sent.
        base_sequence: Sequence,
    },
    /// A transactional batch that names no producer.
    #[error("a transactional batch needs a producer id")]
    TransactionalWithoutProducer,
    /// The attributes name a compression that does not exist.
    #[error("compression type {code} does not exist")]
    CompressionUnknown {
        /// The code, 0 to 7.
        code: u8,
    },
    /// The compressed bytes cannot be decoded.
    #[error("the {codec} data cannot be decoded: {reason}")]
    Decompression {
        /// The codec.
        codec: Compression,
        /// The decoder's words.
        reason: String,
    },
    /// Decoding would exceed the output cap.
    #[error("the {codec} data decodes to more than {cap} bytes")]
    DecompressedTooLarge {
        /// The codec.
        codec: Compression,
        /// The cap in bytes.
        cap: usize,
    },
    /// A batch to be built exceeds what the format can hold (2 GiB, 2^31 - 1 records).
    #[error("the batch is beyond what the format can hold")]
    FormatLimit,
}
