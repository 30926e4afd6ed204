//! What the machine knows of a batch: its header's facts, never its bytes.

use ringlog_batch::BatchHeader;
use ringlog_model::{Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

/// Who wrote a batch, and where it stands in that producer's sequence (KIP-98).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerStamp {
    /// The producer.
    pub id: ProducerId,
    /// Its epoch; a higher one fences this one.
    pub epoch: ProducerEpoch,
    /// Sequence of the batch's first record.
    pub base_sequence: Sequence,
}

/// A batch that has passed [`BatchView::validate`](ringlog_batch::BatchView::validate), without its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchFacts {
    /// Number of records, which is also the number of offsets; positive.
    pub record_count: i32,
    /// Size of the whole batch in bytes.
    pub size: u32,
    /// Largest record timestamp.
    pub max_timestamp: Timestamp,
    /// The idempotent producer, if it is one.
    pub producer: Option<ProducerStamp>,
    /// Whether the batch claims to belong to a transaction.
    pub is_transactional: bool,
}

impl BatchFacts {
    /// The facts in a header that was validated (or written by a leader).
    #[must_use]
    pub fn of(header: &BatchHeader) -> BatchFacts {
        let producer = header.has_producer().then_some(ProducerStamp {
            id: header.producer_id,
            epoch: header.producer_epoch,
            base_sequence: header.base_sequence,
        });
        BatchFacts {
            // Compaction may have removed records; the offsets they had still belong to the batch.
            record_count: header.last_offset_delta.saturating_add(1),
            size: u32::try_from(header.size()).unwrap_or(u32::MAX),
            max_timestamp: header.max_timestamp,
            producer,
            is_transactional: header.is_transactional(),
        }
    }
}

/// A batch that stands in the log, as recovery tells of it after the producer snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoggedBatch {
    /// Offset of its first record.
    pub base_offset: Offset,
    /// The broker's clock at its append, if the topic stamps batches; [`Timestamp::NONE`] otherwise.
    pub log_append_time: Timestamp,
    /// The rest.
    pub facts: BatchFacts,
}

impl LoggedBatch {
    /// The facts in a header read from the log.
    #[must_use]
    pub fn of(header: &BatchHeader) -> LoggedBatch {
        let log_append_time =
            if header.is_log_append_time() { header.max_timestamp } else { Timestamp::NONE };
        LoggedBatch { base_offset: header.base_offset, log_append_time, facts: BatchFacts::of(header) }
    }

    /// One past the last record's offset.
    #[must_use]
    pub fn end(&self) -> Offset {
        self.base_offset.plus(i64::from(self.facts.record_count))
    }
}
