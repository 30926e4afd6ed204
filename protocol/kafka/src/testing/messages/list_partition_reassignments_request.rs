// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::list_partition_reassignments_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ListPartitionReassignmentsRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            timeout_ms: source.int32(),
            topics: source.optional(|source| {
                source.list(|source| ListPartitionReassignmentsTopics::generate(source, version))
            }),
        }
    }
}

impl<'a> Generate<'a> for ListPartitionReassignmentsTopics<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { name: source.string(), partition_indexes: source.list(|source| source.int32()) }
    }
}
