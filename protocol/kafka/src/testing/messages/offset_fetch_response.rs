// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::ErrorCode;
use crate::messages::offset_fetch_response::*;
use crate::testing::{Generate, Source};
use ringlog_model::Uuid;

impl<'a> Generate<'a> for OffsetFetchResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 3 { source.int32() } else { 0 },
            topics: if version <= 7 {
                source.list(|source| OffsetFetchResponseTopic::generate(source, version))
            } else {
                Vec::new()
            },
            error_code: if (2..=7).contains(&version) { source.error_code() } else { ErrorCode::NONE },
            groups: if version >= 8 {
                source.list(|source| OffsetFetchResponseGroup::generate(source, version))
            } else {
                Vec::new()
            },
        }
    }
}

impl<'a> Generate<'a> for OffsetFetchResponseTopic<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: source.string(),
            partitions: source.list(|source| OffsetFetchResponsePartition::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for OffsetFetchResponsePartition<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            partition_index: source.int32(),
            committed_offset: source.int64(),
            committed_leader_epoch: if version >= 5 { source.int32() } else { -1 },
            metadata: source.optional(|source| source.string()),
            error_code: source.error_code(),
        }
    }
}

impl<'a> Generate<'a> for OffsetFetchResponseGroup<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            group_id: source.string(),
            topics: source.list(|source| OffsetFetchResponseTopics::generate(source, version)),
            error_code: source.error_code(),
        }
    }
}

impl<'a> Generate<'a> for OffsetFetchResponseTopics<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: if version <= 9 { source.string() } else { "" },
            topic_id: if version >= 10 { source.uuid() } else { Uuid::ZERO },
            partitions: source.list(|source| OffsetFetchResponsePartitions::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for OffsetFetchResponsePartitions<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            partition_index: source.int32(),
            committed_offset: source.int64(),
            committed_leader_epoch: source.int32(),
            metadata: source.optional(|source| source.string()),
            error_code: source.error_code(),
        }
    }
}
