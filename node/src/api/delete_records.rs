//! DeleteRecords: drops records from the front of partitions (KIP-107).

use super::{
    Answer, Asked, error,
    topics::{ByOwner, resolve},
};
use crate::{
    refusal::Refusal,
    shard::{DeleteBefore, DeleteRecords},
};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        DeleteRecordsRequest, DeleteRecordsResponse,
        delete_records_response::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult},
    },
};
use ringlog_model::{Offset, Uuid};

/// Stands for the high watermark.
const HIGH_WATERMARK: i64 = -1;

pub(super) async fn answer(asked: &Asked, request: &DeleteRecordsRequest<'_>) -> Answer {
    let shard = asked.shard();
    let view = shard.view();
    let mut results: Vec<Result<Offset, Refusal>> = Vec::new();
    let mut by_owner = ByOwner::new();
    for topic in &request.topics {
        for partition in &topic.partitions {
            let place = results.len();
            match resolve(&view, topic.name, Uuid::ZERO, false, partition.partition_index) {
                Ok((_, id)) => {
                    let before = match partition.offset {
                        HIGH_WATERMARK => DeleteBefore::HighWatermark,
                        offset => DeleteBefore::Offset(Offset(offset)),
                    };
                    by_owner.push(shard, id, place, DeleteRecords { partition: id, before });
                    // Replaced below; a shard that gives no result stops.
                    results.push(Err(Refusal::Stopping));
                }
                Err(refusal) => results.push(Err(refusal)),
            }
        }
    }
    for (owner, places, wanted) in by_owner.into_groups() {
        let deleted = shard.delete_records(owner, wanted).await;
        for (place, deleted) in places.into_iter().zip(deleted) {
            results[place] = deleted;
        }
    }
    let mut results = results.into_iter();
    let topics = request.topics.iter().map(|topic| DeleteRecordsTopicResult {
        name: topic.name,
        partitions: topic
            .partitions
            .iter()
            .zip(results.by_ref())
            .map(|(partition, result)| {
                let (low_watermark, error_code) = match result {
                    Ok(start) => (start.0, ErrorCode::NONE),
                    Err(refusal) => (-1, error::code(&refusal)),
                };
                let partition_index = partition.partition_index;
                DeleteRecordsPartitionResult { partition_index, low_watermark, error_code }
            })
            .collect(),
    });
    asked.respond(&DeleteRecordsResponse { throttle_time_ms: 0, topics: topics.collect() })
}
