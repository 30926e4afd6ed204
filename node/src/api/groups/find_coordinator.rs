//! FindCoordinator: the node that leads the partition in which a group is kept (KIP-699). Creates the topic of groups when
//! the first client asks. There are no transactions yet.
//!
//! librdkafka enables LZ4 only where this API is served.

use super::{Answer, Asked};
use crate::groups::partition_of_group;
use ringlog_image::TopicImage;
use ringlog_kafka::{
    ErrorCode,
    messages::{FindCoordinatorRequest, FindCoordinatorResponse, find_coordinator_response::Coordinator},
};
use std::sync::Arc;

/// The version from which one request asks for several keys.
const SEVERAL_KEYS_FROM: i16 = 4;

const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;

/// Where a coordinator is, or why that cannot be told.
type Found = Result<(i32, String, i32), (ErrorCode, &'static str)>;

pub(super) async fn answer(asked: &Asked, request: &FindCoordinatorRequest<'_>) -> Answer {
    let topic = match request.key_type {
        GROUP => asked.shard().ensure_offsets_topic().await.ok().flatten(),
        _ => None,
    };
    let find = |key: &str| match request.key_type {
        GROUP => of_group(asked, topic.as_ref(), key),
        TRANSACTION => {
            Err((ErrorCode::COORDINATOR_NOT_AVAILABLE, "this broker has no transaction coordinator"))
        }
        _ => Err((ErrorCode::INVALID_REQUEST, "there is no coordinator of this type")),
    };
    if asked.version < SEVERAL_KEYS_FROM {
        let found = find(request.key);
        let (error_code, error_message, node_id, host, port) = parts(&found);
        return asked.respond(&FindCoordinatorResponse {
            throttle_time_ms: 0,
            error_code,
            error_message: Some(error_message),
            node_id,
            host,
            port,
            ..FindCoordinatorResponse::default()
        });
    }
    let found: Vec<_> = request.coordinator_keys.iter().map(|key| (*key, find(key))).collect();
    let coordinators = found.iter().map(|(key, found)| {
        let (error_code, error_message, node_id, host, port) = parts(found);
        Coordinator { key, node_id, host, port, error_code, error_message: Some(error_message) }
    });
    let coordinators = coordinators.collect();
    asked.respond(&FindCoordinatorResponse { coordinators, ..FindCoordinatorResponse::default() })
}

fn parts(found: &Found) -> (ErrorCode, &str, i32, &str, i32) {
    match found {
        Ok((node, host, port)) => (ErrorCode::NONE, "", *node, host, *port),
        Err((code, message)) => (*code, message, -1, "", -1),
    }
}

fn of_group(asked: &Asked, topic: Option<&Arc<TopicImage>>, group: &str) -> Found {
    let missing = |message| Err((ErrorCode::COORDINATOR_NOT_AVAILABLE, message));
    let Some(topic) = topic else { return missing("the topic of groups could not be created yet") };
    let partition = partition_of_group(topic, group);
    let Some(leader) = topic.partition(partition.index).and_then(|state| state.leader) else {
        return missing("the partition of the group has no leader");
    };
    let shard = asked.shard();
    let listener = &shard.node.listeners[asked.connection.listener];
    let nodes = listener.reachable_nodes(&shard.view().image, shard.node.node);
    match nodes.into_iter().find(|(id, _)| *id == leader) {
        Some((id, address)) => Ok((id.0, address.host, i32::from(address.port))),
        None => missing("the coordinator is not reachable through this listener"),
    }
}
