// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::api_versions_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ApiVersionsResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            error_code: source.error_code(),
            api_keys: source.list(|source| ApiVersion::generate(source, version)),
            throttle_time_ms: if version >= 1 { source.int32() } else { 0 },
            supported_features: if version >= 3 {
                source.list(|source| SupportedFeatureKey::generate(source, version))
            } else {
                Vec::new()
            },
            finalized_features_epoch: if version >= 3 { source.int64() } else { -1 },
            finalized_features: if version >= 3 {
                source.list(|source| FinalizedFeatureKey::generate(source, version))
            } else {
                Vec::new()
            },
            zk_migration_ready: if version >= 3 { source.boolean() } else { false },
        }
    }
}

impl<'a> Generate<'a> for ApiVersion {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { api_key: source.int16(), min_version: source.int16(), max_version: source.int16() }
    }
}

impl<'a> Generate<'a> for SupportedFeatureKey<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { name: source.string(), min_version: source.int16(), max_version: source.int16() }
    }
}

impl<'a> Generate<'a> for FinalizedFeatureKey<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { name: source.string(), max_version_level: source.int16(), min_version_level: source.int16() }
    }
}
