//! Metadata: nodes, topics, leaders; creates topics that clients ask for by name.

use super::{
    Answer, Asked, error,
    topics::{CLUSTER_OPERATIONS, OPERATIONS_UNKNOWN, PartitionState, TOPIC_OPERATIONS},
};
use crate::{
    cluster::View,
    groups::{OFFSETS_TOPIC, is_internal, new_offsets_topic},
    shard::Shard,
};
use ringlog_image::{Image, TopicImage};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        MetadataRequest, MetadataResponse,
        metadata_request::MetadataRequestTopic,
        metadata_response::{MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic},
    },
};
use ringlog_model::{NodeId, TopicId, Uuid};
use ringlog_native::cluster::{CreateTopicsV1, NewTopicV1, RefusalKind};
use std::collections::BTreeMap;

/// The version from which a topic's name may be missing in the response.
const NULL_NAMES_FROM: i16 = 12;

pub(super) async fn answer(asked: &Asked, request: &MetadataRequest<'_>) -> Answer {
    let shard = asked.shard();
    let refused = match &request.topics {
        Some(topics) if request.allow_auto_topic_creation => create_missing(shard, topics).await,
        _ => BTreeMap::new(),
    };
    let view = shard.view();
    let listener = &shard.node.listeners[asked.connection.listener];
    let nodes = listener.reachable_nodes(&view.image, shard.node.node);
    let cluster_id = view.image.cluster().map(|cluster| cluster.0.to_string());
    let operations = |asks: bool, all: i32| if asks { all } else { OPERATIONS_UNKNOWN };
    let brokers = nodes.iter().map(|(id, address)| MetadataResponseBroker {
        node_id: id.0,
        host: &address.host,
        port: i32::from(address.port),
        rack: None,
    });
    let mut topics = topics(asked, request, &view, &refused);
    for topic in &mut topics {
        topic.topic_authorized_operations =
            operations(request.include_topic_authorized_operations, TOPIC_OPERATIONS);
    }
    asked.respond(&MetadataResponse {
        throttle_time_ms: 0,
        brokers: brokers.collect(),
        cluster_id: cluster_id.as_deref(),
        // Always a live node; every node forwards administration to the controller.
        controller_id: nodes.first().map_or(NodeId::NONE, |(id, _)| *id).0,
        topics,
        cluster_authorized_operations: operations(
            request.include_cluster_authorized_operations,
            CLUSTER_OPERATIONS,
        ),
        error_code: ErrorCode::NONE,
    })
}

/// Creates the topics that are asked for by name and do not exist; says why where it failed.
async fn create_missing(shard: &Shard, asked: &[MetadataRequestTopic<'_>]) -> BTreeMap<String, ErrorCode> {
    let mut refused = BTreeMap::new();
    if !shard.node.defaults.auto_create {
        return refused;
    }
    let view = shard.view();
    let is_missing = |name: &&str| is_topic_name(name) && view.image.topic_by_name(name).is_none();
    let by_name = asked.iter().filter(|topic| topic.topic_id.is_zero()).filter_map(|topic| topic.name);
    let mut missing: Vec<_> = by_name.filter(is_missing).collect();
    missing.sort_unstable();
    missing.dedup();
    if missing.is_empty() {
        return refused;
    }
    let topics = missing.iter().map(|name| match *name {
        OFFSETS_TOPIC => new_offsets_topic(&shard.node.groups),
        name => NewTopicV1 {
            name: name.to_owned(),
            partitions: shard.node.defaults.partitions,
            replication_factor: -1,
            assignments: Vec::new(),
            configs: Vec::new(),
        },
    });
    let request = CreateTopicsV1 { topics: topics.collect(), validate_only: false };
    match shard.create_topics(request).await {
        Ok(reply) => {
            for created in reply.topics {
                let Some(refusal) = created.refusal else { continue };
                // Somebody else was faster.
                if refusal.kind() != Some(RefusalKind::TopicExists) {
                    refused.insert(created.name, error::of_controller(&refusal).0);
                }
            }
        }
        Err(_) => {
            // Clients ask again, as while a leader is being elected.
            let again = missing.iter().map(|name| ((*name).to_owned(), ErrorCode::LEADER_NOT_AVAILABLE));
            refused.extend(again);
        }
    }
    refused
}

fn topics<'a>(
    asked: &Asked,
    request: &MetadataRequest<'a>,
    view: &'a View,
    refused: &BTreeMap<String, ErrorCode>,
) -> Vec<MetadataResponseTopic<'a>> {
    let image = &view.image;
    let wanted = match &request.topics {
        // Before version 1 there is no null: an empty list asks for all.
        Some(topics) if asked.version > 0 || !topics.is_empty() => topics,
        _ => return image.topics().map(|topic| describe(image, topic)).collect(),
    };
    let describe_one = |wanted: &MetadataRequestTopic<'a>| {
        if !wanted.topic_id.is_zero() {
            return match image.topic(TopicId(wanted.topic_id)) {
                Some(topic) => describe(image, topic),
                None => {
                    let name = (asked.version < NULL_NAMES_FROM).then_some("");
                    nothing(ErrorCode::UNKNOWN_TOPIC_ID, name, wanted.topic_id)
                }
            };
        }
        let name = wanted.name.unwrap_or_default();
        match image.topic_by_name(name) {
            Some(topic) => describe(image, topic),
            None if !is_topic_name(name) => {
                nothing(ErrorCode::INVALID_TOPIC_EXCEPTION, Some(name), Uuid::ZERO)
            }
            None => {
                let error = refused.get(name).copied().unwrap_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
                nothing(error, Some(name), Uuid::ZERO)
            }
        }
    };
    wanted.iter().map(describe_one).collect()
}

fn nothing(error_code: ErrorCode, name: Option<&str>, topic_id: Uuid) -> MetadataResponseTopic<'_> {
    MetadataResponseTopic { error_code, name, topic_id, ..MetadataResponseTopic::default() }
}

fn describe<'a>(image: &Image, topic: &'a TopicImage) -> MetadataResponseTopic<'a> {
    let partitions = topic.partitions().map(|(id, partition)| {
        let state = PartitionState::of(image, partition);
        MetadataResponsePartition {
            error_code: state.error_code,
            partition_index: id.index.0,
            leader_id: state.leader_id,
            leader_epoch: state.leader_epoch,
            replica_nodes: state.replicas,
            isr_nodes: state.in_sync,
            offline_replicas: state.offline,
        }
    });
    MetadataResponseTopic {
        error_code: ErrorCode::NONE,
        name: Some(&topic.name),
        topic_id: topic.id.0,
        is_internal: is_internal(&topic.name),
        partitions: partitions.collect(),
        topic_authorized_operations: OPERATIONS_UNKNOWN,
    }
}

/// Kafka's rule for names: 1 to 249 of letters, digits, dot, underscore and dash, and neither `.` nor `..`.
pub(super) fn is_topic_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=249).contains(&name.len()) && name.bytes().all(is_allowed) && name != "." && name != ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topic_names_follow_kafkas_rule() {
        for (name, allowed) in [
            ("a", true),
            ("a.b_c-D9", true),
            ("", false),
            (".", false),
            ("..", false),
            ("a b", false),
            ("ä", false),
        ] {
            assert_eq!(is_topic_name(name), allowed, "{name}");
        }
        assert!(is_topic_name(&"x".repeat(249)));
        assert!(!is_topic_name(&"x".repeat(250)));
    }
}
