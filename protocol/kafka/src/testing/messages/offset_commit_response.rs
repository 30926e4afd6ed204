// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::offset_commit_response::*;
use crate::testing::{Generate, Source};
use ringlog_model::Uuid;

impl<'a> Generate<'a> for OffsetCommitResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 3 { source.int32() } else { 0 },
            topics: source.list(|source| OffsetCommitResponseTopic::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for OffsetCommitResponseTopic<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: if version <= 9 { source.string() } else { "" },
            topic_id: if version >= 10 { source.uuid() } else { Uuid::ZERO },
            partitions: source.list(|source| OffsetCommitResponsePartition::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for OffsetCommitResponsePartition {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { partition_index: source.int32(), error_code: source.error_code() }
    }
}
