// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::describe_producers_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DescribeProducersResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            topics: source.list(|source| TopicResponse::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for TopicResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: source.string(),
            partitions: source.list(|source| PartitionResponse::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for PartitionResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            partition_index: source.int32(),
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
            active_producers: source.list(|source| ProducerState::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for ProducerState {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            producer_id: source.int64(),
            producer_epoch: source.int32(),
            last_sequence: source.int32(),
            last_timestamp: source.int64(),
            coordinator_epoch: source.int32(),
            current_txn_start_offset: source.int64(),
        }
    }
}
