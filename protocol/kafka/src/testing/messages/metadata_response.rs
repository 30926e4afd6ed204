// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::ErrorCode;
use crate::messages::metadata_response::*;
use crate::testing::{Generate, Source};
use ringlog_model::Uuid;

impl<'a> Generate<'a> for MetadataResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 3 { source.int32() } else { 0 },
            brokers: source.list(|source| MetadataResponseBroker::generate(source, version)),
            cluster_id: if version >= 2 { source.optional(|source| source.string()) } else { None },
            controller_id: if version >= 1 { source.int32() } else { -1 },
            topics: source.list(|source| MetadataResponseTopic::generate(source, version)),
            cluster_authorized_operations: if (8..=10).contains(&version) {
                source.int32()
            } else {
                i32::MIN
            },
            error_code: if version >= 13 { source.error_code() } else { ErrorCode::NONE },
        }
    }
}

impl<'a> Generate<'a> for MetadataResponseBroker<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            node_id: source.int32(),
            host: source.string(),
            port: source.int32(),
            rack: if version >= 1 { source.optional(|source| source.string()) } else { None },
        }
    }
}

impl<'a> Generate<'a> for MetadataResponseTopic<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            error_code: source.error_code(),
            name: if version >= 12 {
                source.optional(|source| source.string())
            } else {
                Some(source.string())
            },
            topic_id: if version >= 10 { source.uuid() } else { Uuid::ZERO },
            is_internal: if version >= 1 { source.boolean() } else { false },
            partitions: source.list(|source| MetadataResponsePartition::generate(source, version)),
            topic_authorized_operations: if version >= 8 { source.int32() } else { i32::MIN },
        }
    }
}

impl<'a> Generate<'a> for MetadataResponsePartition {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            error_code: source.error_code(),
            partition_index: source.int32(),
            leader_id: source.int32(),
            leader_epoch: if version >= 7 { source.int32() } else { -1 },
            replica_nodes: source.list(|source| source.int32()),
            isr_nodes: source.list(|source| source.int32()),
            offline_replicas: if version >= 5 { source.list(|source| source.int32()) } else { Vec::new() },
        }
    }
}
