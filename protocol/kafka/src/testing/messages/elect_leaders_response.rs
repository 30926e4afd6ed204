// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::ErrorCode;
use crate::messages::elect_leaders_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ElectLeadersResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            error_code: if version >= 1 { source.error_code() } else { ErrorCode::NONE },
            replica_election_results: source.list(|source| ReplicaElectionResult::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for ReplicaElectionResult<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topic: source.string(),
            partition_result: source.list(|source| PartitionResult::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for PartitionResult<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            partition_id: source.int32(),
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
        }
    }
}
