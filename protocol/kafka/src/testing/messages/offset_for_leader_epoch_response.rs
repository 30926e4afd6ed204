// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::offset_for_leader_epoch_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for OffsetForLeaderEpochResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            topics: source.list(|source| OffsetForLeaderTopicResult::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for OffsetForLeaderTopicResult<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topic: source.string(),
            partitions: source.list(|source| EpochEndOffset::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for EpochEndOffset {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            error_code: source.error_code(),
            partition: source.int32(),
            leader_epoch: source.int32(),
            end_offset: source.int64(),
        }
    }
}
