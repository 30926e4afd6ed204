// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::consumer_protocol_assignment::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ConsumerProtocolAssignment<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            assigned_partitions: source.list(|source| TopicPartition::generate(source, version)),
            user_data: source.optional(|source| source.bytes()),
        }
    }
}

impl<'a> Generate<'a> for TopicPartition<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { topic: source.string(), partitions: source.list(|source| source.int32()) }
    }
}
