//! Which records a batch was refused for: since Produce version 8 a response names them, so that a producer can send the
//! others again (KIP-467).

use crate::refusal::Refusal;
use ringlog_batch::{BatchError, BatchView, RecordView, Scratch};
use ringlog_kafka::messages::produce_response::BatchIndexAndErrorMessage;

/// Records named at most; a producer counts the others of the batch as refused all the same.
const NAMED_MAX: usize = 1_000;

/// What a batch's records may decode to here: it was decoded once already, under the topic's bound.
const DECODED_MAX: usize = 64 << 20;

/// The records that a batch was refused for, by their places in it.
pub(super) struct RejectedRecords {
    indexes: Vec<i32>,
    message: String,
}

impl RejectedRecords {
    /// Looks at a refused batch again; `None` if it was refused for something else than some of its records.
    pub(super) fn find(
        refusal: &Refusal,
        batch: &[u8],
        topic: &str,
        partition: i32,
    ) -> Option<RejectedRecords> {
        let view = BatchView::parse_only(batch).ok()?;
        let Refusal::Batch(error) = refusal else { return None };
        match error {
            BatchError::KeyMissing { .. } => Some(RejectedRecords {
                indexes: indexes(&view, |record| record.key.is_none()),
                message: format!(
                    "Compacted topic cannot accept message without key in topic partition {topic}-{partition}."
                ),
            }),
            BatchError::TimestampOutOfRange { earliest, latest, .. } => Some(RejectedRecords {
                indexes: indexes(&view, |record| !(*earliest..=*latest).contains(&view.timestamp_of(record))),
                message: format!(
                    "The timestamp of the message is out of range. It should be within [{}, {}].",
                    earliest.0, latest.0
                ),
            }),
            _ => None,
        }
    }

    /// As a response has them.
    pub(super) fn named(&self) -> Vec<BatchIndexAndErrorMessage<'_>> {
        let named = |&batch_index| BatchIndexAndErrorMessage {
            batch_index,
            batch_index_error_message: Some(&self.message),
        };
        self.indexes.iter().map(named).collect()
    }
}

fn indexes(view: &BatchView<'_>, is_rejected: impl Fn(&RecordView<'_>) -> bool) -> Vec<i32> {
    let mut scratch = Scratch::new();
    let Ok(records) = view.records(&mut scratch, DECODED_MAX) else { return Vec::new() };
    let rejected = (0..).zip(records).filter(|(_, record)| record.as_ref().is_ok_and(&is_rejected));
    rejected.map(|(index, _)| index).take(NAMED_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringlog_batch::{BatchBuilder, Compression};
    use ringlog_model::Timestamp;

    fn batch() -> Vec<u8> {
        let mut builder = BatchBuilder::new();
        for number in 0..6_i64 {
            let key = (number % 2 == 0).then_some(b"key".as_slice());
            builder.append(Timestamp(100 * number), key, Some(b"value"), &[]).unwrap();
        }
        builder.build(Compression::Gzip).unwrap()
    }

    fn found(error: BatchError) -> Vec<i32> {
        let rejected = RejectedRecords::find(&Refusal::Batch(error), &batch(), "topic", 3);
        rejected
            .map_or_else(Vec::new, |rejected| rejected.named().iter().map(|one| one.batch_index).collect())
    }

    #[test]
    fn every_record_at_fault_is_named_by_its_place() {
        assert_eq!(found(BatchError::KeyMissing { index: 1 }), [1, 3, 5]);
        let (timestamp, earliest, latest) = (Timestamp(0), Timestamp(150), Timestamp(420));
        assert_eq!(
            found(BatchError::TimestampOutOfRange { index: 0, timestamp, earliest, latest }),
            [0, 1, 5]
        );
        assert_eq!(found(BatchError::ControlBatch), [0; 0]);
        let rejected =
            RejectedRecords::find(&Refusal::Batch(BatchError::KeyMissing { index: 1 }), &batch(), "topic", 3);
        assert_eq!(
            rejected.unwrap().named()[0].batch_index_error_message,
            Some("Compacted topic cannot accept message without key in topic partition topic-3.")
        );
    }
}
