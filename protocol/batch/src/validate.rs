//! What a client's batch must be before it is routed to its partition.

use crate::view::Records;
use crate::{BatchError, BatchHeader, BatchView, RecordView, Scratch};
use ringlog_model::Timestamp;

/// Whether records need keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keys {
    /// Null keys are fine.
    #[default]
    Optional,
    /// The topic is compacted by key.
    Required,
}

/// Which record timestamps are plausible (KIP-937), both ends inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampLimits {
    /// Earliest.
    pub earliest: Timestamp,
    /// Latest.
    pub latest: Timestamp,
}

impl TimestampLimits {
    /// Kafka's default of `message.timestamp.after.max.ms`: one hour.
    pub const AFTER_MAX_MS: i64 = 3_600_000;
    /// Kafka's default of `message.timestamp.before.max.ms`: no limit.
    pub const BEFORE_MAX_MS: i64 = i64::MAX;

    /// Everything is plausible, as under `message.timestamp.type=LogAppendTime`.
    pub const NONE: TimestampLimits =
        TimestampLimits { earliest: Timestamp(i64::MIN), latest: Timestamp(i64::MAX) };

    /// The limits around the broker's clock that the topic's two settings mean.
    #[must_use]
    pub fn around(now: Timestamp, before_max_ms: i64, after_max_ms: i64) -> TimestampLimits {
        TimestampLimits {
            earliest: Timestamp(now.0.saturating_sub(before_max_ms)),
            latest: Timestamp(now.0.saturating_add(after_max_ms)),
        }
    }
}

/// What a topic allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `max.message.bytes`: size of the whole batch in bytes, header included, as it was sent.
    pub batch_bytes_max: usize,
    /// How many bytes compressed records may decode to.
    pub decompressed_bytes_max: usize,
    /// Plausible record timestamps.
    pub timestamps: TimestampLimits,
    /// Whether records need keys.
    pub keys: Keys,
}

impl Limits {
    /// Kafka's default of `max.message.bytes`.
    pub const BATCH_BYTES_MAX: usize = 1_048_588;
    /// 64 times Kafka's default batch: real data compresses less than that, bombs more.
    pub const DECOMPRESSED_BYTES_MAX: usize = 64 << 20;
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            batch_bytes_max: Self::BATCH_BYTES_MAX,
            decompressed_bytes_max: Self::DECOMPRESSED_BYTES_MAX,
            timestamps: TimestampLimits::NONE,
            keys: Keys::Optional,
        }
    }
}

/// What validation found out beyond the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validated {
    /// Largest timestamp among the records. Where the header says otherwise, the broker corrects it
    /// ([`stamp_max_timestamp`](crate::stamp_max_timestamp)), as Kafka does.
    pub max_timestamp: Timestamp,
    /// Bytes of the record section once decoded.
    pub record_bytes: usize,
}

impl BatchView<'_> {
    /// Everything a broker checks of a client's batch before it is routed: size, checksum, header fields, and each record.
    /// Cheap checks come first; compressed records are decoded under [`Limits::decompressed_bytes_max`].
    ///
    /// # Errors
    /// The first refusal found.
    pub fn validate(&self, limits: &Limits, scratch: &mut Scratch) -> Result<Validated, BatchError> {
        let header = self.header();
        let size = self.bytes().len();
        if size > limits.batch_bytes_max {
            return Err(BatchError::TooLarge { size, limit: limits.batch_bytes_max });
        }
        self.verify_checksum()?;
        check_header(header)?;
        let codec = self.compression()?;
        let section = scratch.decompress(codec, self.record_bytes(), limits.decompressed_bytes_max)?;
        let mut max_timestamp = Timestamp(i64::MIN);
        for (index, record) in (0..).zip(Records::over(section, header.record_count)) {
            let record = record?;
            let timestamp = self.timestamp_of(&record);
            check_record(&record, index, timestamp, limits)?;
            max_timestamp = max_timestamp.max(timestamp);
        }
        Ok(Validated { max_timestamp, record_bytes: section.len() })
    }
}

fn check_header(header: &BatchHeader) -> Result<(), BatchError> {
    if header.is_control() {
        return Err(BatchError::ControlBatch);
    }
    if header.record_count <= 0 {
        return Err(BatchError::RecordCountInvalid { record_count: header.record_count });
    }
    if header.last_offset_delta != header.record_count - 1 {
        return Err(BatchError::OffsetRangeInvalid {
            last_offset_delta: header.last_offset_delta,
            record_count: header.record_count,
        });
    }
    if header.is_log_append_time() {
        return Err(BatchError::LogAppendTimeFromClient);
    }
    check_producer(header)
}

/// A producer has an epoch and a sequence (KIP-98). Without a producer the two say nothing: kafkajs sends zeros there.
fn check_producer(header: &BatchHeader) -> Result<(), BatchError> {
    let BatchHeader { producer_id, producer_epoch, base_sequence, .. } = *header;
    if !header.has_producer() {
        return if header.is_transactional() {
            Err(BatchError::TransactionalWithoutProducer)
        } else {
            Ok(())
        };
    }
    if producer_epoch.0 < 0 || base_sequence.0 < 0 {
        return Err(BatchError::ProducerInvalid { producer_id, producer_epoch, base_sequence });
    }
    Ok(())
}

fn check_record(
    record: &RecordView<'_>,
    index: i32,
    timestamp: Timestamp,
    limits: &Limits,
) -> Result<(), BatchError> {
    if record.offset_delta != index {
        return Err(BatchError::OffsetDeltaInvalid { index, found: record.offset_delta });
    }
    let TimestampLimits { earliest, latest } = limits.timestamps;
    if timestamp != Timestamp::NONE && !(earliest..=latest).contains(&timestamp) {
        return Err(BatchError::TimestampOutOfRange { index, timestamp, earliest, latest });
    }
    if record.key.is_none() && limits.keys == Keys::Required {
        return Err(BatchError::KeyMissing { index });
    }
    Ok(())
}
