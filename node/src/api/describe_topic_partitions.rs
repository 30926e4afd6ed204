//! DescribeTopicPartitions: metadata of topics in pages (KIP-966).

use super::{
    Answer, Asked,
    topics::{PartitionState, TOPIC_OPERATIONS},
};
use crate::groups::is_internal;
use ringlog_image::{Image, TopicImage};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse,
        describe_topic_partitions_response::{
            Cursor, DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
        },
    },
};
use ringlog_model::Uuid;

/// The most partitions in one response, whatever the client asks for. Kafka's
/// `max.request.partition.size.limit`.
pub(super) const PARTITIONS_MAX: usize = 2000;

pub(super) fn answer(asked: &Asked, request: &DescribeTopicPartitionsRequest<'_>) -> Answer {
    let view = asked.shard().view();
    let image = &view.image;
    let first = request.cursor.as_ref().map_or(("", 0), |cursor| (cursor.topic_name, cursor.partition_index));
    let Ok(first_partition) = usize::try_from(first.1) else {
        let reason = "a DescribeTopicPartitions cursor with a negative partition".to_owned();
        return Err(crate::connection::ConnectionError::Request(reason));
    };
    let names = names(image, request, first.0);
    let limit = usize::try_from(request.response_partition_limit).unwrap_or(0).clamp(1, PARTITIONS_MAX);
    let mut left = limit;
    let mut topics = Vec::new();
    let mut next_cursor = None;
    for name in &names {
        let from = if *name == first.0 { first_partition } else { 0 };
        let Some(topic) = image.topic_by_name(name) else {
            topics.push(unknown(name));
            continue;
        };
        if left == 0 {
            next_cursor = Some(Cursor { topic_name: name, partition_index: 0 });
            break;
        }
        let described = describe(image, topic, from, left);
        left -= described.partitions.len();
        let next = from + described.partitions.len();
        topics.push(described);
        if next < topic.partitions.len() {
            let partition_index = i32::try_from(next).expect("partition indexes are i32 on the wire");
            next_cursor = Some(Cursor { topic_name: name, partition_index });
            break;
        }
    }
    asked.respond(&DescribeTopicPartitionsResponse { throttle_time_ms: 0, topics, next_cursor })
}

/// The topics asked for (all, if none is named) from the cursor on, in the order of names.
fn names<'a>(image: &'a Image, request: &DescribeTopicPartitionsRequest<'a>, first: &str) -> Vec<&'a str> {
    let mut names: Vec<&str> = if request.topics.is_empty() {
        image.topics().map(|topic| &*topic.name).collect()
    } else {
        request.topics.iter().map(|topic| topic.name).collect()
    };
    names.sort_unstable();
    names.dedup();
    names.retain(|name| *name >= first);
    names
}

fn unknown(name: &str) -> DescribeTopicPartitionsResponseTopic<'_> {
    DescribeTopicPartitionsResponseTopic {
        error_code: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        name: Some(name),
        topic_id: Uuid::ZERO,
        ..DescribeTopicPartitionsResponseTopic::default()
    }
}

fn describe<'a>(
    image: &Image,
    topic: &'a TopicImage,
    from: usize,
    limit: usize,
) -> DescribeTopicPartitionsResponseTopic<'a> {
    let partitions = topic.partitions().skip(from).take(limit).map(|(id, partition)| {
        let state = PartitionState::of(image, partition);
        DescribeTopicPartitionsResponsePartition {
            error_code: state.error_code,
            partition_index: id.index.0,
            leader_id: state.leader_id,
            leader_epoch: state.leader_epoch,
            replica_nodes: state.replicas,
            isr_nodes: state.in_sync,
            eligible_leader_replicas: Some(Vec::new()),
            last_known_elr: Some(Vec::new()),
            offline_replicas: state.offline,
        }
    });
    DescribeTopicPartitionsResponseTopic {
        error_code: ErrorCode::NONE,
        name: Some(&topic.name),
        topic_id: topic.id.0,
        is_internal: is_internal(&topic.name),
        partitions: partitions.collect(),
        topic_authorized_operations: TOPIC_OPERATIONS,
    }
}
