// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::list_offsets_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ListOffsetsResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 2 { source.int32() } else { 0 },
            topics: source.list(|source| ListOffsetsTopicResponse::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for ListOffsetsTopicResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: source.string(),
            partitions: source.list(|source| ListOffsetsPartitionResponse::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for ListOffsetsPartitionResponse {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            partition_index: source.int32(),
            error_code: source.error_code(),
            timestamp: source.int64(),
            offset: source.int64(),
            leader_epoch: if version >= 4 { source.int32() } else { -1 },
        }
    }
}
