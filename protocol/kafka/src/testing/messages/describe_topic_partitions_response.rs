// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::describe_topic_partitions_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DescribeTopicPartitionsResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            topics: source.list(|source| DescribeTopicPartitionsResponseTopic::generate(source, version)),
            next_cursor: source.optional(|source| Cursor::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for DescribeTopicPartitionsResponseTopic<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            error_code: source.error_code(),
            name: source.optional(|source| source.string()),
            topic_id: source.uuid(),
            is_internal: source.boolean(),
            partitions: source
                .list(|source| DescribeTopicPartitionsResponsePartition::generate(source, version)),
            topic_authorized_operations: source.int32(),
        }
    }
}

impl<'a> Generate<'a> for DescribeTopicPartitionsResponsePartition {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            error_code: source.error_code(),
            partition_index: source.int32(),
            leader_id: source.int32(),
            leader_epoch: source.int32(),
            replica_nodes: source.list(|source| source.int32()),
            isr_nodes: source.list(|source| source.int32()),
            eligible_leader_replicas: source.optional(|source| source.list(|source| source.int32())),
            last_known_elr: source.optional(|source| source.list(|source| source.int32())),
            offline_replicas: source.list(|source| source.int32()),
        }
    }
}

impl<'a> Generate<'a> for Cursor<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { topic_name: source.string(), partition_index: source.int32() }
    }
}
