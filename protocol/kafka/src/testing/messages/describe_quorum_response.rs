// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::describe_quorum_response::*;
use crate::testing::{Generate, Source};
use ringlog_model::Uuid;

impl<'a> Generate<'a> for DescribeQuorumResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            error_code: source.error_code(),
            error_message: if version >= 2 { source.optional(|source| source.string()) } else { None },
            topics: source.list(|source| TopicData::generate(source, version)),
            nodes: if version >= 2 {
                source.list(|source| Node::generate(source, version))
            } else {
                Vec::new()
            },
        }
    }
}

impl<'a> Generate<'a> for TopicData<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topic_name: source.string(),
            partitions: source.list(|source| PartitionData::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for PartitionData<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            partition_index: source.int32(),
            error_code: source.error_code(),
            error_message: if version >= 2 { source.optional(|source| source.string()) } else { None },
            leader_id: source.int32(),
            leader_epoch: source.int32(),
            high_watermark: source.int64(),
            current_voters: source.list(|source| ReplicaState::generate(source, version)),
            observers: source.list(|source| ReplicaState::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for ReplicaState {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            replica_id: source.int32(),
            replica_directory_id: if version >= 2 { source.uuid() } else { Uuid::ZERO },
            log_end_offset: source.int64(),
            last_fetch_timestamp: if version >= 1 { source.int64() } else { -1 },
            last_caught_up_timestamp: if version >= 1 { source.int64() } else { -1 },
        }
    }
}

impl<'a> Generate<'a> for Node<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self { node_id: source.int32(), listeners: source.list(|source| Listener::generate(source, version)) }
    }
}

impl<'a> Generate<'a> for Listener<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { name: source.string(), host: source.string(), port: source.uint16() }
    }
}
