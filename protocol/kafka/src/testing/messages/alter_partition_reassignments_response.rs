// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::alter_partition_reassignments_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for AlterPartitionReassignmentsResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            allow_replication_factor_change: if version >= 1 { source.boolean() } else { true },
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
            responses: source.list(|source| ReassignableTopicResponse::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for ReassignableTopicResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: source.string(),
            partitions: source.list(|source| ReassignablePartitionResponse::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for ReassignablePartitionResponse<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            partition_index: source.int32(),
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
        }
    }
}
