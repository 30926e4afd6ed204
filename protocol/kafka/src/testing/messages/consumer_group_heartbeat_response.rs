// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::consumer_group_heartbeat_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ConsumerGroupHeartbeatResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
            member_id: source.optional(|source| source.string()),
            member_epoch: source.int32(),
            heartbeat_interval_ms: source.int32(),
            assignment: source.optional(|source| Assignment::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for Assignment {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self { topic_partitions: source.list(|source| TopicPartitions::generate(source, version)) }
    }
}

impl<'a> Generate<'a> for TopicPartitions {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { topic_id: source.uuid(), partitions: source.list(|source| source.int32()) }
    }
}
