//! AlterPartitionReassignments: partitions stay with the nodes that hold them, so only what is so already can be asked for
//! (KIP-455).

use super::{Answer, Asked, config_resources::Refused};
use ringlog_image::Image;
use ringlog_kafka::{
    ErrorCode,
    messages::{
        AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
        alter_partition_reassignments_request::ReassignablePartition,
        alter_partition_reassignments_response::{ReassignablePartitionResponse, ReassignableTopicResponse},
    },
};
use ringlog_model::{NodeId, PartitionIndex};
use std::collections::BTreeSet;

pub(super) fn answer(asked: &Asked, request: &AlterPartitionReassignmentsRequest<'_>) -> Answer {
    let view = asked.shard().view();
    let decided: Vec<Vec<Result<(), Refused>>> = request
        .topics
        .iter()
        .map(|topic| topic.partitions.iter().map(|wanted| decide(&view.image, topic.name, wanted)).collect())
        .collect();
    let responses = request.topics.iter().zip(&decided).map(|(topic, decided)| {
        let partitions = topic.partitions.iter().zip(decided).map(|(partition, decided)| {
            let (error_code, error_message) = match decided {
                Ok(()) => (ErrorCode::NONE, None),
                Err((code, message)) => (*code, Some(&**message)),
            };
            ReassignablePartitionResponse {
                partition_index: partition.partition_index,
                error_code,
                error_message,
            }
        });
        ReassignableTopicResponse { name: topic.name, partitions: partitions.collect() }
    });
    asked.respond(&AlterPartitionReassignmentsResponse {
        throttle_time_ms: 0,
        allow_replication_factor_change: request.allow_replication_factor_change,
        error_code: ErrorCode::NONE,
        error_message: None,
        responses: responses.collect(),
    })
}

fn decide(image: &Image, topic: &str, wanted: &ReassignablePartition) -> Result<(), Refused> {
    let topic = image.topic_by_name(topic);
    let partition = topic.and_then(|topic| topic.partition(PartitionIndex(wanted.partition_index)));
    let Some(partition) = partition else {
        let reason = "This server does not host this topic-partition.".to_owned();
        return Err((ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, reason));
    };
    let Some(replicas) = &wanted.replicas else {
        let reason = "No partition reassignment is in progress.".to_owned();
        return Err((ErrorCode::NO_REASSIGNMENT_IN_PROGRESS, reason));
    };
    check(image, replicas).map_err(|reason| (ErrorCode::INVALID_REPLICA_ASSIGNMENT, reason))?;
    if partition.replicas.iter().map(|node| node.0).eq(replicas.iter().copied()) {
        return Ok(());
    }
    let reason = "Partitions cannot be moved between nodes here.".to_owned();
    Err((ErrorCode::INVALID_REPLICA_ASSIGNMENT, reason))
}

/// Whether these could be replicas at all; if not, why, in Kafka's words.
fn check(image: &Image, replicas: &[i32]) -> Result<(), String> {
    if replicas.is_empty() {
        return Err("The manual partition assignment includes an empty replica list.".to_owned());
    }
    let mut seen = BTreeSet::new();
    for &replica in replicas {
        if replica < 0 {
            return Err(format!("The manual partition assignment includes an invalid broker id {replica}."));
        }
        if !seen.insert(replica) {
            return Err(format!(
                "The manual partition assignment includes the broker {replica} more than once."
            ));
        }
        if image.node(NodeId(replica)).is_none() {
            return Err(format!(
                "The manual partition assignment includes broker {replica}, but no such broker is registered."
            ));
        }
    }
    Ok(())
}
