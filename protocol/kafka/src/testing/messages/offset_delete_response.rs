// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::offset_delete_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for OffsetDeleteResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            error_code: source.error_code(),
            throttle_time_ms: source.int32(),
            topics: source.list(|source| OffsetDeleteResponseTopic::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for OffsetDeleteResponseTopic<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: source.string(),
            partitions: source.list(|source| OffsetDeleteResponsePartition::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for OffsetDeleteResponsePartition {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { partition_index: source.int32(), error_code: source.error_code() }
    }
}
