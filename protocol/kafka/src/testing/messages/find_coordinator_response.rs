// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::ErrorCode;
use crate::messages::find_coordinator_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for FindCoordinatorResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 1 { source.int32() } else { 0 },
            error_code: if version <= 3 { source.error_code() } else { ErrorCode::NONE },
            error_message: if (1..=3).contains(&version) {
                source.optional(|source| source.string())
            } else {
                None
            },
            node_id: if version <= 3 { source.int32() } else { 0 },
            host: if version <= 3 { source.string() } else { "" },
            port: if version <= 3 { source.int32() } else { 0 },
            coordinators: if version >= 4 {
                source.list(|source| Coordinator::generate(source, version))
            } else {
                Vec::new()
            },
        }
    }
}

impl<'a> Generate<'a> for Coordinator<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            key: source.string(),
            node_id: source.int32(),
            host: source.string(),
            port: source.int32(),
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
        }
    }
}
