//! OffsetForLeaderEpoch: where a leadership ended (KIP-101, KIP-320).

use super::{
    Asked, error,
    topics::{ByOwner, known_epoch, resolve},
};
use crate::{refusal::Refusal, shard::FindEpochEnd};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
        offset_for_leader_epoch_response::{EpochEndOffset, OffsetForLeaderTopicResult},
    },
};
use ringlog_model::{LeaderEpoch, Uuid};
use ringlog_partition::EpochEnd;

pub(super) async fn answer<'a>(
    asked: &Asked,
    request: &OffsetForLeaderEpochRequest<'a>,
) -> OffsetForLeaderEpochResponse<'a> {
    let shard = asked.shard();
    let view = shard.view();
    let mut results: Vec<Result<Option<EpochEnd>, Refusal>> = Vec::new();
    let mut by_owner = ByOwner::new();
    for topic in &request.topics {
        for partition in &topic.partitions {
            let place = results.len();
            results.push(Ok(None));
            match resolve(&view, topic.topic, Uuid::ZERO, false, partition.partition) {
                Ok((_, id)) => {
                    let leader_epoch = known_epoch(partition.current_leader_epoch);
                    let epoch = LeaderEpoch(partition.leader_epoch);
                    by_owner.push(shard, id, place, FindEpochEnd { partition: id, leader_epoch, epoch });
                }
                Err(refusal) => results[place] = Err(refusal),
            }
        }
    }
    for (owner, places, wanted) in by_owner.into_groups() {
        let found = shard.find_epoch_ends(owner, wanted).await;
        for (place, found) in places.into_iter().zip(found) {
            results[place] = found;
        }
    }
    let mut results = results.into_iter();
    let topics = request.topics.iter().map(|topic| OffsetForLeaderTopicResult {
        topic: topic.topic,
        partitions: topic
            .partitions
            .iter()
            .zip(results.by_ref())
            .map(|(partition, result)| epoch_end(partition.partition, result))
            .collect(),
    });
    OffsetForLeaderEpochResponse { throttle_time_ms: 0, topics: topics.collect() }
}

fn epoch_end(partition: i32, result: Result<Option<EpochEnd>, Refusal>) -> EpochEndOffset {
    let unknown = EpochEndOffset { error_code: ErrorCode::NONE, partition, leader_epoch: -1, end_offset: -1 };
    match result {
        Ok(Some(found)) => EpochEndOffset { leader_epoch: found.epoch.0, end_offset: found.end.0, ..unknown },
        Ok(None) => unknown,
        Err(refusal) => EpochEndOffset { error_code: error::code(&refusal), ..unknown },
    }
}
