// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::fetch_request::*;
use crate::testing::{Generate, Source};
use ringlog_model::Uuid;

impl<'a> Generate<'a> for FetchRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            cluster_id: if version >= 12 { source.optional(|source| source.string()) } else { None },
            replica_id: if version <= 14 { source.int32() } else { -1 },
            replica_state: if version >= 15 {
                ReplicaState::generate(source, version)
            } else {
                ReplicaState::default()
            },
            max_wait_ms: source.int32(),
            min_bytes: source.int32(),
            max_bytes: source.int32(),
            isolation_level: source.int8(),
            session_id: if version >= 7 { source.int32() } else { 0 },
            session_epoch: if version >= 7 { source.int32() } else { -1 },
            topics: source.list(|source| FetchTopic::generate(source, version)),
            forgotten_topics_data: if version >= 7 {
                source.list(|source| ForgottenTopic::generate(source, version))
            } else {
                Vec::new()
            },
            rack_id: if version >= 11 { source.string() } else { "" },
        }
    }
}

impl<'a> Generate<'a> for ReplicaState {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { replica_id: source.int32(), replica_epoch: source.int64() }
    }
}

impl<'a> Generate<'a> for FetchTopic<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topic: if version <= 12 { source.string() } else { "" },
            topic_id: if version >= 13 { source.uuid() } else { Uuid::ZERO },
            partitions: source.list(|source| FetchPartition::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for FetchPartition {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            partition: source.int32(),
            current_leader_epoch: if version >= 9 { source.int32() } else { -1 },
            fetch_offset: source.int64(),
            last_fetched_epoch: if version >= 12 { source.int32() } else { -1 },
            log_start_offset: if version >= 5 { source.int64() } else { -1 },
            partition_max_bytes: source.int32(),
            replica_directory_id: if version >= 17 { source.uuid() } else { Uuid::ZERO },
            high_watermark: if version >= 18 { source.int64() } else { i64::MAX },
        }
    }
}

impl<'a> Generate<'a> for ForgottenTopic<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topic: if version <= 12 { source.string() } else { "" },
            topic_id: if version >= 13 { source.uuid() } else { Uuid::ZERO },
            partitions: source.list(|source| source.int32()),
        }
    }
}
