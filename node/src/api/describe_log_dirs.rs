//! DescribeLogDirs: the data directories, their space, and what each partition takes there (KIP-113, KIP-827).

use super::{Answer, Asked};
use crate::shard::LogSize;
use ringlog_image::TopicImage;
use ringlog_kafka::{
    ErrorCode,
    messages::{
        DescribeLogDirsRequest, DescribeLogDirsResponse,
        describe_log_dirs_response::{DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic},
    },
};
use ringlog_model::{PartitionIndex, ShardId, TopicId};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The topics that a directory holds logs of, with the size of each.
type Directory = BTreeMap<TopicId, (Arc<TopicImage>, BTreeMap<PartitionIndex, u64>)>;

pub(super) async fn answer(asked: &Asked, request: &DescribeLogDirsRequest<'_>) -> Answer {
    let shard = asked.shard();
    let view = shard.view();
    let wanted: Option<BTreeMap<&str, BTreeSet<i32>>> = request.topics.as_ref().map(|topics| {
        let mut wanted: BTreeMap<&str, BTreeSet<i32>> = BTreeMap::new();
        for topic in topics {
            wanted.entry(topic.topic).or_default().extend(&topic.partitions);
        }
        wanted
    });
    let is_wanted = |topic: &TopicImage, index: PartitionIndex| {
        wanted.as_ref().is_none_or(|wanted| {
            wanted.get(&*topic.name).is_some_and(|partitions| partitions.contains(&index.0))
        })
    };
    let mut directories: Vec<Directory> = vec![Directory::new(); shard.node.directories.len()];
    for owner in 0..shard.node.shard_count() {
        for LogSize { partition, directory, bytes } in shard.log_sizes(ShardId(owner)).await {
            let Some(topic) = view.image.topic(partition.topic) else { continue };
            if is_wanted(topic, partition.index) {
                let (_, sizes) = directories[directory]
                    .entry(topic.id)
                    .or_insert_with(|| (topic.clone(), BTreeMap::new()));
                sizes.insert(partition.index, bytes);
            }
        }
    }
    let paths: Vec<String> = shard.node.directories.iter().map(|path| path.display().to_string()).collect();
    let mut results = Vec::with_capacity(paths.len());
    for ((path, shown), topics) in shard.node.directories.iter().zip(&paths).zip(&directories) {
        let space = shard.reactor.space(path).await;
        let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        let (total_bytes, usable_bytes) = match space {
            Ok(space) => (bytes(space.total), bytes(space.free)),
            Err(error) => {
                tracing::warn!(path = %shown, %error, "the space of a data directory cannot be asked for");
                (-1, -1)
            }
        };
        let topics = topics.values().map(|(topic, sizes)| DescribeLogDirsTopic {
            name: &topic.name,
            partitions: sizes
                .iter()
                .map(|(index, size)| DescribeLogDirsPartition {
                    partition_index: index.0,
                    partition_size: bytes(*size),
                    offset_lag: 0,
                    is_future_key: false,
                })
                .collect(),
        });
        results.push(DescribeLogDirsResult {
            error_code: ErrorCode::NONE,
            log_dir: shown,
            topics: topics.collect(),
            total_bytes,
            usable_bytes,
            is_cordoned: false,
        });
    }
    asked.respond(&DescribeLogDirsResponse { throttle_time_ms: 0, error_code: ErrorCode::NONE, results })
}
