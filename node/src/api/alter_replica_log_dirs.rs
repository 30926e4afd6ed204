//! AlterReplicaLogDirs: a log stays in the directory where it was made, so only what is so already can be asked for
//! (KIP-113).

use super::{Answer, Asked};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse,
        alter_replica_log_dirs_response::{AlterReplicaLogDirPartitionResult, AlterReplicaLogDirTopicResult},
    },
};
use ringlog_model::ShardId;
use std::{collections::BTreeMap, path::Path};

pub(super) async fn answer(asked: &Asked, request: &AlterReplicaLogDirsRequest<'_>) -> Answer {
    let shard = asked.shard();
    let view = shard.view();
    let mut places = BTreeMap::new();
    for owner in 0..shard.node.shard_count() {
        let sizes = shard.log_sizes(ShardId(owner)).await;
        places.extend(sizes.into_iter().map(|log| (log.partition, log.directory)));
    }
    let result = |directory: Option<usize>, topic: &str, index: i32| {
        let Some(directory) = directory else { return ErrorCode::LOG_DIR_NOT_FOUND };
        let partitions = view.image.topic_by_name(topic).into_iter().flat_map(|topic| topic.partitions());
        let partition = partitions.map(|(partition, _)| partition).find(|one| one.index.0 == index);
        let Some(partition) = partition else { return ErrorCode::UNKNOWN_TOPIC_OR_PARTITION };
        match places.get(&partition) {
            Some(place) if *place == directory => ErrorCode::NONE,
            Some(_) => ErrorCode::INVALID_REQUEST,
            None => ErrorCode::REPLICA_NOT_AVAILABLE,
        }
    };
    let mut results: BTreeMap<&str, Vec<AlterReplicaLogDirPartitionResult>> = BTreeMap::new();
    for wanted in &request.dirs {
        let directory = shard.node.directories.iter().position(|path| path == Path::new(wanted.path));
        for topic in &wanted.topics {
            let of_topic = topic.partitions.iter().map(|index| AlterReplicaLogDirPartitionResult {
                partition_index: *index,
                error_code: result(directory, topic.name, *index),
            });
            results.entry(topic.name).or_default().extend(of_topic);
        }
    }
    let results = results
        .into_iter()
        .map(|(topic_name, partitions)| AlterReplicaLogDirTopicResult { topic_name, partitions });
    asked.respond(&AlterReplicaLogDirsResponse { throttle_time_ms: 0, results: results.collect() })
}
