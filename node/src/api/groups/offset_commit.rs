//! OffsetCommit.

use super::{super::topics::known_epoch, Answer, Asked, code_of, error, name};
use crate::cluster::View;
use ringlog_coordinator::{CommitOffset, Name, OffsetCommit, Request, Response};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        OffsetCommitRequest, OffsetCommitResponse,
        offset_commit_request::OffsetCommitRequestTopic,
        offset_commit_response::{OffsetCommitResponsePartition, OffsetCommitResponseTopic},
    },
};
use ringlog_model::{Offset, TopicId};

/// The version from which topics are named by id.
const TOPIC_IDS_FROM: i16 = 10;

pub(super) async fn answer(asked: &Asked, request: &OffsetCommitRequest<'_>) -> Answer {
    let view = asked.shard().view();
    let topics: Vec<_> = request.topics.iter().map(|topic| resolve(&view, asked.version, topic)).collect();
    let mut offsets = Vec::new();
    for (topic, resolved) in request.topics.iter().zip(&topics) {
        let Ok((name, id)) = resolved else { continue };
        offsets.extend(topic.partitions.iter().map(|partition| CommitOffset {
            topic: name.clone(),
            topic_id: *id,
            partition: partition.partition_index,
            offset: Offset(partition.committed_offset),
            leader_epoch: known_epoch(partition.committed_leader_epoch),
            metadata: partition.committed_metadata.unwrap_or_default().into(),
        }));
    }
    let mut outcome = commit(asked, request, offsets).await.into_iter();
    let mut responses = Vec::with_capacity(request.topics.len());
    for (topic, resolved) in request.topics.iter().zip(&topics) {
        let partitions = topic.partitions.iter().map(|partition| OffsetCommitResponsePartition {
            partition_index: partition.partition_index,
            error_code: match resolved {
                Ok(_) => outcome.next().expect("one result per position"),
                Err(code) => *code,
            },
        });
        let partitions = partitions.collect();
        responses.push(OffsetCommitResponseTopic { name: topic.name, topic_id: topic.topic_id, partitions });
    }
    asked.respond(&OffsetCommitResponse { throttle_time_ms: 0, topics: responses })
}

fn resolve(
    view: &View,
    version: i16,
    topic: &OffsetCommitRequestTopic<'_>,
) -> Result<(Name, TopicId), ErrorCode> {
    let found = if version >= TOPIC_IDS_FROM {
        view.image.topic(TopicId(topic.topic_id)).ok_or(ErrorCode::UNKNOWN_TOPIC_ID)?
    } else {
        view.image.topic_by_name(topic.name).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?
    };
    Ok((found.name.clone(), found.id))
}

/// Commits; one code per position.
async fn commit(
    asked: &Asked,
    request: &OffsetCommitRequest<'_>,
    offsets: Vec<CommitOffset>,
) -> Vec<ErrorCode> {
    let count = offsets.len();
    if count == 0 {
        return Vec::new();
    }
    let commit = OffsetCommit {
        group: request.group_id.into(),
        member: request.member_id.into(),
        instance: name(request.group_instance_id),
        generation: request.generation_id_or_member_epoch,
        version: asked.version,
        retention_ms: (request.retention_time_ms >= 0).then_some(request.retention_time_ms),
        offsets,
    };
    match asked.shard().coordinate(request.group_id, Request::OffsetCommit(commit)).await {
        Ok(Response::OffsetCommit(results)) => results.iter().map(code_of).collect(),
        other => vec![error::of_coordination(&other); count],
    }
}
