//! Topics as several APIs show them.

use crate::{cluster::View, refusal::Refusal, shard::Shard};
use ringlog_image::{Image, PartitionImage, TopicImage};
use ringlog_kafka::ErrorCode;
use ringlog_model::{LeaderEpoch, NodeId, PartitionId, PartitionIndex, ShardId, TopicId, Uuid};
use std::{collections::BTreeMap, sync::Arc};

/// "Not asked for" in fields of permitted operations.
pub(super) const OPERATIONS_UNKNOWN: i32 = i32::MIN;
/// All operations on a topic: there is no authoriser yet. Bits by the operation's number.
pub(super) const TOPIC_OPERATIONS: i32 = bits(&[3, 4, 5, 6, 7, 8, 10, 11]);
/// All operations on the cluster.
pub(super) const CLUSTER_OPERATIONS: i32 = bits(&[5, 7, 8, 9, 10, 11, 12]);

const fn bits(operations: &[u32]) -> i32 {
    let mut bits = 0;
    let mut at = 0;
    while at < operations.len() {
        bits |= 1 << operations[at];
        at += 1;
    }
    bits
}

/// A partition of a request: by topic name, or by id where the version has ids.
pub(crate) fn resolve(
    view: &View,
    name: &str,
    id: Uuid,
    by_id: bool,
    index: i32,
) -> Result<(Arc<TopicImage>, PartitionId), Refusal> {
    let topic = if by_id {
        view.image.topic(TopicId(id)).ok_or(Refusal::UnknownTopicId)?
    } else {
        view.image.topic_by_name(name).ok_or(Refusal::UnknownTopicOrPartition)?
    };
    let index = PartitionIndex(index);
    topic.partition(index).ok_or(Refusal::UnknownTopicOrPartition)?;
    Ok((topic.clone(), PartitionId { topic: topic.id, index }))
}

/// A leader epoch of a request, where -1 means that the client knows none.
pub(crate) fn known_epoch(epoch: i32) -> Option<LeaderEpoch> {
    (epoch >= 0).then_some(LeaderEpoch(epoch))
}

/// What a topic's metadata says of a partition.
pub(super) struct PartitionState {
    pub(super) error_code: ErrorCode,
    pub(super) leader_id: i32,
    pub(super) leader_epoch: i32,
    pub(super) replicas: Vec<i32>,
    pub(super) in_sync: Vec<i32>,
    pub(super) offline: Vec<i32>,
}

impl PartitionState {
    pub(super) fn of(image: &Image, partition: &PartitionImage) -> PartitionState {
        let is_offline = |node: &&NodeId| !image.node(**node).is_some_and(|node| node.is_alive());
        PartitionState {
            error_code: match partition.leader {
                Some(_) => ErrorCode::NONE,
                None => ErrorCode::LEADER_NOT_AVAILABLE,
            },
            leader_id: partition.leader.unwrap_or(NodeId::NONE).0,
            leader_epoch: partition.leader_epoch.0,
            replicas: partition.replicas.iter().map(|node| node.0).collect(),
            in_sync: partition.isr.iter().map(|node| node.0).collect(),
            offline: partition.replicas.iter().filter(is_offline).map(|node| node.0).collect(),
        }
    }
}

/// Requests of one kind, grouped by the shard that owns their partitions, each with its place among the results.
pub(super) struct ByOwner<T> {
    groups: BTreeMap<ShardId, (Vec<usize>, Vec<T>)>,
}

impl<T> ByOwner<T> {
    pub(super) fn new() -> ByOwner<T> {
        ByOwner { groups: BTreeMap::new() }
    }

    pub(super) fn push(&mut self, shard: &Shard, partition: PartitionId, place: usize, item: T) {
        let (places, items) = self.groups.entry(shard.owner(partition)).or_default();
        places.push(place);
        items.push(item);
    }

    /// The groups, in the order of shards.
    pub(super) fn into_groups(self) -> impl Iterator<Item = (ShardId, Vec<usize>, Vec<T>)> {
        self.groups.into_iter().map(|(shard, (places, items))| (shard, places, items))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permitted_operations_are_kafkas_bit_fields() {
        assert_eq!(TOPIC_OPERATIONS, 3576);
        assert_eq!(CLUSTER_OPERATIONS, 8096);
    }
}
