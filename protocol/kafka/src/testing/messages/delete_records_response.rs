// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::delete_records_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DeleteRecordsResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            topics: source.list(|source| DeleteRecordsTopicResult::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for DeleteRecordsTopicResult<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: source.string(),
            partitions: source.list(|source| DeleteRecordsPartitionResult::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for DeleteRecordsPartitionResult {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            partition_index: source.int32(),
            low_watermark: source.int64(),
            error_code: source.error_code(),
        }
    }
}
