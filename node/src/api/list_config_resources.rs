//! ListConfigResources: what has configs of its own (KIP-1142). Version 0 was the list of client metrics subscriptions
//! (KIP-714), of which there are none.

use super::{
    Answer, Asked,
    config_resources::{named, resource},
};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        ListConfigResourcesRequest, ListConfigResourcesResponse,
        list_config_resources_response::ConfigResource,
    },
};
use std::collections::BTreeSet;

/// What may be asked for.
const TYPES: [i8; 5] =
    [resource::TOPIC, resource::NODE, resource::NODE_LOGGER, resource::CLIENT_METRICS, resource::GROUP];
/// The version from which the client says what it wants to have listed.
const TYPES_FROM: i16 = 1;

pub(super) fn answer(asked: &Asked, request: &ListConfigResourcesRequest) -> Answer {
    let types: BTreeSet<i8> = match asked.version {
        ..TYPES_FROM => [resource::CLIENT_METRICS].into(),
        _ if request.resource_types.is_empty() => TYPES.into(),
        _ => request.resource_types.iter().copied().collect(),
    };
    if !types.iter().all(|wanted| TYPES.contains(wanted)) {
        let error_code = ErrorCode::UNSUPPORTED_VERSION;
        return asked
            .respond(&ListConfigResourcesResponse { error_code, ..ListConfigResourcesResponse::default() });
    }
    let view = asked.shard().view();
    let mut found: BTreeSet<(i8, String)> = BTreeSet::new();
    found.extend(view.image.topics().map(|topic| (resource::TOPIC, topic.name.to_string())));
    for node in view.image.nodes() {
        found.insert((resource::NODE, node.id.to_string()));
        found.insert((resource::NODE_LOGGER, node.id.to_string()));
    }
    found.extend(view.image.configured().map(|(resource, _)| named(resource)));
    found.retain(|(of, _)| types.contains(of));
    let config_resources = found
        .iter()
        .map(|(resource_type, name)| ConfigResource { resource_name: name, resource_type: *resource_type });
    asked.respond(&ListConfigResourcesResponse {
        throttle_time_ms: 0,
        error_code: ErrorCode::NONE,
        config_resources: config_resources.collect(),
    })
}
