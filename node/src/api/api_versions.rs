//! ApiVersions: what is served (KIP-35, KIP-511).

use super::{Asked, SERVED, parts, refuse};
use crate::connection::{ConnectionError, Outgoing};
use ringlog_kafka::{
    ApiKey, ErrorCode, PRODUCE_ADVERTISED_FROM, encode_unsupported_api_versions,
    messages::{
        ApiVersionsRequest, ApiVersionsResponse,
        api_versions_response::{ApiVersion, FinalizedFeatureKey, SupportedFeatureKey},
    },
};

/// The feature by which Kafka's clients and tools see that groups of the newer protocol are served (KIP-584, KIP-848). It is always on.
const GROUP_VERSION: &str = "group.version";

pub(super) fn answer(request: &ApiVersionsRequest<'_>) -> ApiVersionsResponse<'static> {
    let names = [request.client_software_name, request.client_software_version];
    // Empty in the versions that do not have them.
    let is_valid = |name: &&str| name.is_empty() || is_software_name(name);
    let error_code = if names.iter().all(is_valid) { ErrorCode::NONE } else { ErrorCode::INVALID_REQUEST };
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

    #[test]
    fn everything_served_is_advertised_and_produce_from_zero() {
        let response = answer(&ApiVersionsRequest::default());
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
        ] {
            let request = ApiVersionsRequest { client_software_name: name, ..ApiVersionsRequest::default() };
            assert_eq!(answer(&request).error_code, code, "{name}");
        }
    }
}
