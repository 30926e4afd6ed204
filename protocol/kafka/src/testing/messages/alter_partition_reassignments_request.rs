// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::alter_partition_reassignments_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for AlterPartitionReassignmentsRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            timeout_ms: source.int32(),
            allow_replication_factor_change: if version >= 1 { source.boolean() } else { true },
            topics: source.list(|source| ReassignableTopic::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for ReassignableTopic<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: source.string(),
            partitions: source.list(|source| ReassignablePartition::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for ReassignablePartition {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            partition_index: source.int32(),
            replicas: source.optional(|source| source.list(|source| source.int32())),
        }
    }
}
