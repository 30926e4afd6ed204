//! ApiVersions: what is served (KIP-35, KIP-511), to clients that have come to the right node (KIP-1242).

use super::{Answer, Asked, SERVED, parts, refuse};
use crate::connection::{ConnectionError, Outgoing};
use ringlog_kafka::{
    ApiKey, ErrorCode, PRODUCE_ADVERTISED_FROM, encode_unsupported_api_versions,
    messages::{
        ApiVersionsRequest, ApiVersionsResponse,
        api_versions_response::{ApiVersion, FinalizedFeatureKey, SupportedFeatureKey},
    },
};
use ringlog_model::NodeId;

/// The node of a client that means none in particular.
const NO_NODE: i32 = NodeId::NONE.0;

/// The feature by which Kafka's clients and tools see that groups of the newer protocol are served (KIP-584, KIP-848). It is always on.
const GROUP_VERSION: &str = "group.version";

/// The versions from which a client says what software it is, and which node of which cluster it means.
const SOFTWARE_FROM: i16 = 3;
const DESTINATION_FROM: i16 = 5;

pub(super) fn answer(asked: &Asked, request: &ApiVersionsRequest<'_>) -> Answer {
    let shard = asked.shard();
    // Not known before the node has registered for the first time: then nobody can be at the wrong place.
    let cluster = shard.view().image.cluster().map(|cluster| cluster.0.to_string());
    let error_code = check(asked.version, request, cluster.as_deref(), shard.node.node);
    asked.respond(&response(error_code))
}

fn check(version: i16, request: &ApiVersionsRequest<'_>, cluster: Option<&str>, node: NodeId) -> ErrorCode {
    let names = [request.client_software_name, request.client_software_version];
    if version >= SOFTWARE_FROM && !names.into_iter().all(is_software_name) {
        return ErrorCode::INVALID_REQUEST;
    }
    if version < DESTINATION_FROM {
        return ErrorCode::NONE;
    }
    match (request.cluster_id, request.node_id) {
        (None, NO_NODE) => ErrorCode::NONE,
        (None, _) | (_, NO_NODE) => ErrorCode::INVALID_REQUEST,
        (Some(meant), meant_node) => {
            let is_here = cluster.is_none_or(|cluster| cluster == meant) && meant_node == node.0;
            if is_here { ErrorCode::NONE } else { ErrorCode::REBOOTSTRAP_REQUIRED }
        }
    }
}

fn response(error_code: ErrorCode) -> ApiVersionsResponse<'static> {
    let api_keys = if error_code == ErrorCode::NONE { advertised() } else { Vec::new() };
    ApiVersionsResponse {
        error_code,
        api_keys,
        supported_features: vec![SupportedFeatureKey { name: GROUP_VERSION, min_version: 0, max_version: 1 }],
        finalized_features_epoch: 0,
        finalized_features: vec![FinalizedFeatureKey {
            name: GROUP_VERSION,
            max_version_level: 1,
            min_version_level: 1,
        }],
        ..ApiVersionsResponse::default()
    }
}

/// What a client of a version that is not served gets: error 35 in the layout of version 0.
pub(super) fn unsupported(asked: &Asked) -> Result<Outgoing, ConnectionError> {
    let advertised =
        advertised().into_iter().filter(|api| api.api_key == ApiKey::ApiVersions.code()).collect();
    let encoded = encode_unsupported_api_versions(asked.correlation_id, advertised).map_err(refuse)?;
    Ok(Outgoing { parts: parts(encoded, Vec::new()), reservation: None })
}

fn advertised() -> Vec<ApiVersion> {
    let mut advertised: Vec<_> = SERVED
        .iter()
        .filter_map(|api| {
            let versions = api.versions()?;
            let min_version = if *api == ApiKey::Produce { PRODUCE_ADVERTISED_FROM } else { versions.first };
            Some(ApiVersion { api_key: api.code(), min_version, max_version: versions.last_stable() })
        })
        .collect();
    advertised.sort_by_key(|api| api.api_key);
    advertised
}

/// Letters and digits, with dashes and dots between them (KIP-511).
fn is_software_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let is_inner = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'.';
    bytes.iter().all(is_inner)
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: NodeId = NodeId(3);

    fn named<'a>(name: &'a str) -> ApiVersionsRequest<'a> {
        ApiVersionsRequest {
            client_software_name: name,
            client_software_version: "1.0",
            ..ApiVersionsRequest::default()
        }
    }

    #[test]
    fn everything_served_is_advertised_and_produce_from_zero() {
        let response = response(ErrorCode::NONE);
        assert_eq!(response.api_keys.len(), SERVED.len());
        assert_eq!((response.api_keys[0].api_key, response.api_keys[0].min_version), (0, 0));
    }

    #[test]
    fn a_malformed_software_name_is_an_invalid_request() {
        for (name, code) in [
            ("librdkafka", ErrorCode::NONE),
            ("apache-kafka-java", ErrorCode::NONE),
            ("-x", ErrorCode::INVALID_REQUEST),
            ("a b", ErrorCode::INVALID_REQUEST),
            ("", ErrorCode::INVALID_REQUEST),
        ] {
            assert_eq!(check(3, &named(name), None, HERE), code, "{name}");
            assert_eq!(check(2, &named(name), None, HERE), ErrorCode::NONE, "{name}");
        }
    }

    #[test]
    fn a_client_that_means_another_node_or_cluster_must_bootstrap_again() {
        use ErrorCode as E;
        for (cluster_id, node_id, code) in [
            (None, -1, E::NONE),
            (Some("ours"), 3, E::NONE),
            (Some("ours"), 4, E::REBOOTSTRAP_REQUIRED),
            (Some("theirs"), 3, E::REBOOTSTRAP_REQUIRED),
            (None, 3, E::INVALID_REQUEST),
            (Some("ours"), -1, E::INVALID_REQUEST),
        ] {
            let request = ApiVersionsRequest { cluster_id, node_id, ..named("x") };
            assert_eq!(check(5, &request, Some("ours"), HERE), code, "{cluster_id:?} {node_id}");
            assert_eq!(check(4, &request, Some("ours"), HERE), E::NONE);
        }
        let request = ApiVersionsRequest { cluster_id: Some("any"), node_id: 3, ..named("x") };
        assert_eq!(check(5, &request, None, HERE), E::NONE, "not known yet");
    }
}
