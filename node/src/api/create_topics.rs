//! CreateTopics: forwarded to the controller, answered when this node serves its part (KIP-4, KIP-525).

use super::{Answer, Asked, config_resources::source_code, error};
use crate::{cluster::View, shard::NodeShared};
use ringlog_image::config::{ConfigLayers, Source, TOPIC_CONFIGS};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        CreateTopicsRequest, CreateTopicsResponse,
        create_topics_request::CreatableTopic,
        create_topics_response::{CreatableTopicConfigs, CreatableTopicResult},
    },
};
use ringlog_model::{TopicId, Uuid};
use ringlog_native::cluster::{
    ConfigEntryV1, CreateTopicsV1, CreatedTopicV1, ManualAssignmentV1, NewTopicV1,
};
use std::collections::BTreeMap;

pub(super) async fn answer(asked: &Asked, request: &CreateTopicsRequest<'_>) -> Answer {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for topic in &request.topics {
        *times.entry(topic.name).or_default() += 1;
    }
    let topics = request.topics.iter().filter(|topic| times[topic.name] == 1).map(new_topic);
    let wanted = CreateTopicsV1 { topics: topics.collect(), validate_only: request.validate_only };
    let reply = if wanted.topics.is_empty() { None } else { Some(asked.shard().create_topics(wanted).await) };
    let view = asked.shard().view();
    let failed = match &reply {
        Some(Err(error)) => Some(error::of_cluster(error)),
        _ => None,
    };
    let created: BTreeMap<&str, &CreatedTopicV1> = match &reply {
        Some(Ok(reply)) => reply.topics.iter().map(|created| (&*created.name, created)).collect(),
        _ => BTreeMap::new(),
    };
    // Each name once, in the order of the request.
    let mut results = Vec::new();
    for topic in &request.topics {
        let name = topic.name;
        if times.insert(name, 0) == Some(0) {
            continue;
        }
        results.push(match (created.get(name), &failed) {
            (Some(created), _) => result(&view, &asked.shard().node, name, created, topic),
            (None, Some((code, message))) => refused(name, *code, message),
            (None, None) => refused(name, ErrorCode::INVALID_REQUEST, "the request names the topic twice"),
        });
    }
    asked.respond(&CreateTopicsResponse { throttle_time_ms: 0, topics: results })
}

fn new_topic(topic: &CreatableTopic<'_>) -> NewTopicV1 {
    NewTopicV1 {
        name: topic.name.to_owned(),
        partitions: topic.num_partitions,
        replication_factor: topic.replication_factor,
        assignments: topic
            .assignments
            .iter()
            .map(|assignment| ManualAssignmentV1 {
                partition: assignment.partition_index,
                nodes: assignment.broker_ids.clone(),
            })
            .collect(),
        configs: topic
            .configs
            .iter()
            .map(|config| ConfigEntryV1 {
                name: config.name.to_owned(),
                value: config.value.map(ToOwned::to_owned),
            })
            .collect(),
    }
}

fn result<'a>(
    view: &'a View,
    node: &'a NodeShared,
    name: &'a str,
    created: &'a CreatedTopicV1,
    asked: &CreatableTopic<'a>,
) -> CreatableTopicResult<'a> {
    if let Some(refusal) = &created.refusal {
        let code = error::of_controller(refusal).0;
        return refused(name, code, &refusal.message);
    }
    let id = Uuid(created.topic);
    // A topic that was only validated is not in the image; what it would get is in the request.
    let exists = view.image.topic(TopicId(id)).is_some();
    let nodes = ConfigLayers { start: &view.start, ..view.image.node_layers(node.node) };
    let configs = TOPIC_CONFIGS.iter().map(|definition| {
        // Of two values for one name the later one counts.
        let set = asked.configs.iter().rev().find(|config| config.name == definition.name);
        let (value, from) = match set {
            Some(config) => (config.value, Source::Own),
            None => nodes
                .all(definition)
                .first()
                .map_or((None, Source::Default), |&(_, from, value)| (Some(value), from)),
        };
        CreatableTopicConfigs {
            name: definition.name,
            value,
            read_only: false,
            config_source: source_code(from),
            is_sensitive: false,
        }
    });
    CreatableTopicResult {
        name,
        topic_id: if exists { id } else { Uuid::ZERO },
        num_partitions: created.partitions,
        replication_factor: created.replication_factor,
        configs: Some(configs.collect()),
        ..CreatableTopicResult::default()
    }
}

fn refused<'a>(name: &'a str, error_code: ErrorCode, message: &'a str) -> CreatableTopicResult<'a> {
    CreatableTopicResult {
        name,
        error_code,
        error_message: Some(message),
        num_partitions: -1,
        replication_factor: -1,
        configs: Some(Vec::new()),
        ..CreatableTopicResult::default()
    }
}
