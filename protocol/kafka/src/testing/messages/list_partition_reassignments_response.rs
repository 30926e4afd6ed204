// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::list_partition_reassignments_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ListPartitionReassignmentsResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
            topics: source.list(|source| OngoingTopicReassignment::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for OngoingTopicReassignment<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: source.string(),
            partitions: source.list(|source| OngoingPartitionReassignment::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for OngoingPartitionReassignment {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            partition_index: source.int32(),
            replicas: source.list(|source| source.int32()),
            adding_replicas: source.list(|source| source.int32()),
            removing_replicas: source.list(|source| source.int32()),
        }
    }
}
