//! ListOffsets: beginnings, ends, and offsets by time (KIP-79, KIP-734, KIP-405).

use super::{
    Asked, error,
    topics::{ByOwner, known_epoch, resolve},
};
use crate::{
    refusal::Refusal,
    shard::{FindOffset, FoundOffset, WantedOffset},
};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        ListOffsetsRequest, ListOffsetsResponse,
        list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse},
    },
};
use ringlog_model::{Timestamp, Uuid};
use ringlog_partition::Isolation;

type PartitionResult = Result<Option<FoundOffset>, Refusal>;

/// The version from which an offset comes with its leader epoch (KIP-320).
const EPOCHS_FROM: i16 = 4;

/// What the numbers below zero mean in the place of a timestamp.
mod special {
    pub(super) const LATEST: i64 = -1;
    pub(super) const EARLIEST: i64 = -2;
    pub(super) const MAX_TIMESTAMP: i64 = -3;
    /// The first offset on local disk: everything is local here.
    pub(super) const EARLIEST_LOCAL: i64 = -4;
    /// The last offset in tiered storage: there is none here.
    pub(super) const LATEST_TIERED: i64 = -5;
    /// The first offset that waits to be tiered: there is none here.
    pub(super) const EARLIEST_PENDING_UPLOAD: i64 = -6;
}

pub(super) async fn answer<'a>(asked: &Asked, request: &ListOffsetsRequest<'a>) -> ListOffsetsResponse<'a> {
    let shard = asked.shard();
    let view = shard.view();
    let isolation = match request.isolation_level {
        1 => Isolation::ReadCommitted,
        _ => Isolation::ReadUncommitted,
    };
    let mut results: Vec<PartitionResult> = Vec::new();
    let mut by_owner = ByOwner::new();
    for topic in &request.topics {
        for partition in &topic.partitions {
            let resolved = resolve(&view, topic.name, Uuid::ZERO, false, partition.partition_index);
            let place = results.len();
            results.push(Ok(None));
            match (resolved, wanted(partition.timestamp)) {
                (Err(refusal), _) => results[place] = Err(refusal),
                (Ok(_), None) => {}
                (Ok((_, id)), Some(wanted)) => {
                    let leader_epoch = known_epoch(partition.current_leader_epoch);
                    let find = FindOffset { partition: id, leader_epoch, isolation, wanted };
                    by_owner.push(shard, id, place, find);
                }
            }
        }
    }
    for (owner, places, wanted) in by_owner.into_groups() {
        let found = shard.find_offsets(owner, wanted).await;
        for (place, found) in places.into_iter().zip(found) {
            results[place] = found.map(Some);
        }
    }
    let mut results = results.into_iter();
    let topics = request.topics.iter().map(|topic| ListOffsetsTopicResponse {
        name: topic.name,
        partitions: topic
            .partitions
            .iter()
            .zip(results.by_ref())
            .map(|(partition, result)| {
                let response = partition_response(partition.partition_index, result);
                let leader_epoch = if asked.version < EPOCHS_FROM { -1 } else { response.leader_epoch };
                ListOffsetsPartitionResponse { leader_epoch, ..response }
            })
            .collect(),
    });
    ListOffsetsResponse { throttle_time_ms: 0, topics: topics.collect() }
}

fn wanted(timestamp: i64) -> Option<WantedOffset> {
    match timestamp {
        special::LATEST => Some(WantedOffset::Latest),
        special::EARLIEST | special::EARLIEST_LOCAL => Some(WantedOffset::Earliest),
        special::MAX_TIMESTAMP => Some(WantedOffset::MaxTimestamp),
        special::LATEST_TIERED | special::EARLIEST_PENDING_UPLOAD => None,
        time => Some(WantedOffset::AtTime(Timestamp(time))),
    }
}

fn partition_response(partition_index: i32, result: PartitionResult) -> ListOffsetsPartitionResponse {
    let nothing = ListOffsetsPartitionResponse {
        partition_index,
        error_code: ErrorCode::NONE,
        timestamp: -1,
        offset: -1,
        leader_epoch: -1,
    };
    match result {
        Ok(Some(FoundOffset { offset: Some(offset), timestamp, leader_epoch, .. })) => {
            ListOffsetsPartitionResponse {
                timestamp: timestamp.0,
                offset: offset.0,
                leader_epoch: leader_epoch.0,
                ..nothing
            }
        }
        Ok(_) => nothing,
        Err(refusal) => ListOffsetsPartitionResponse { error_code: error::code(&refusal), ..nothing },
    }
}
