// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::offset_commit_request::*;
use crate::testing::{Generate, Source};
use ringlog_model::Uuid;

impl<'a> Generate<'a> for OffsetCommitRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            group_id: source.string(),
            generation_id_or_member_epoch: source.int32(),
            member_id: source.string(),
            group_instance_id: if version >= 7 { source.optional(|source| source.string()) } else { None },
            retention_time_ms: if version <= 4 { source.int64() } else { -1 },
            topics: source.list(|source| OffsetCommitRequestTopic::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for OffsetCommitRequestTopic<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: if version <= 9 { source.string() } else { "" },
            topic_id: if version >= 10 { source.uuid() } else { Uuid::ZERO },
            partitions: source.list(|source| OffsetCommitRequestPartition::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for OffsetCommitRequestPartition<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            partition_index: source.int32(),
            committed_offset: source.int64(),
            committed_leader_epoch: if version >= 6 { source.int32() } else { -1 },
            committed_metadata: source.optional(|source| source.string()),
        }
    }
}
