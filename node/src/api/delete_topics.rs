//! DeleteTopics: forwarded to the controller, answered when this node no longer serves them (KIP-4, KIP-516).

use super::{Answer, Asked, error};
use ringlog_kafka::{
    ErrorCode,
    messages::{DeleteTopicsRequest, DeleteTopicsResponse, delete_topics_response::DeletableTopicResult},
};
use ringlog_model::Uuid;
use ringlog_native::cluster::{DeleteTopicsV1, DeletedTopicV1, TopicReferenceV1};

/// The version from which topics may be named by id.
const TOPIC_IDS_FROM: i16 = 6;
/// The version from which clients know that deletion can be forbidden.
const DISABLED_FROM: i16 = 3;

pub(super) async fn answer(asked: &Asked, request: &DeleteTopicsRequest<'_>) -> Answer {
    let topics = references(asked, request);
    if topics.is_empty() {
        return asked.respond(&DeleteTopicsResponse::default());
    }
    if !asked.shard().node.defaults.may_delete {
        let code = if asked.version < DISABLED_FROM {
            ErrorCode::INVALID_REQUEST
        } else {
            ErrorCode::TOPIC_DELETION_DISABLED
        };
        let responses = topics.iter().map(|topic| refused(topic, code, "Topic deletion is disabled."));
        return asked.respond(&DeleteTopicsResponse { throttle_time_ms: 0, responses: responses.collect() });
    }
    let references = topics.clone();
    let reply = asked.shard().delete_topics(DeleteTopicsV1 { topics }).await;
    let failed = reply.as_ref().err().map(error::of_cluster);
    let responses = match (&reply, &failed) {
        (Ok(reply), _) => reply.topics.iter().map(result).collect(),
        (Err(_), Some((code, message))) => {
            references.iter().map(|reference| refused(reference, *code, message)).collect()
        }
        (Err(_), None) => unreachable!("taken from the same error"),
    };
    asked.respond(&DeleteTopicsResponse { throttle_time_ms: 0, responses })
}

fn references(asked: &Asked, request: &DeleteTopicsRequest<'_>) -> Vec<TopicReferenceV1> {
    if asked.version < TOPIC_IDS_FROM {
        let by_name = |name: &&str| TopicReferenceV1 { name: Some((*name).to_owned()), topic: [0; 16] };
        return request.topic_names.iter().map(by_name).collect();
    }
    request
        .topics
        .iter()
        .map(|topic| TopicReferenceV1 { name: topic.name.map(ToOwned::to_owned), topic: topic.topic_id.0 })
        .collect()
}

fn result(deleted: &DeletedTopicV1) -> DeletableTopicResult<'_> {
    let (error_code, error_message) = match &deleted.refusal {
        Some(refusal) => (error::of_controller(refusal).0, Some(&*refusal.message)),
        None => (ErrorCode::NONE, None),
    };
    DeletableTopicResult {
        name: deleted.name.as_deref(),
        topic_id: Uuid(deleted.topic),
        error_code,
        error_message,
    }
}

fn refused<'a>(
    reference: &'a TopicReferenceV1,
    error_code: ErrorCode,
    message: &'a str,
) -> DeletableTopicResult<'a> {
    DeletableTopicResult {
        name: reference.name.as_deref(),
        topic_id: Uuid(reference.topic),
        error_code,
        error_message: Some(message),
    }
}
