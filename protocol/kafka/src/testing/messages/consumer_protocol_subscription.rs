// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::consumer_protocol_subscription::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ConsumerProtocolSubscription<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topics: source.list(|source| source.string()),
            user_data: source.optional(|source| source.bytes()),
            owned_partitions: if version >= 1 {
                source.list(|source| TopicPartition::generate(source, version))
            } else {
                Vec::new()
            },
            generation_id: if version >= 2 { source.int32() } else { -1 },
            rack_id: if version >= 3 { source.optional(|source| source.string()) } else { None },
        }
    }
}

impl<'a> Generate<'a> for TopicPartition<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { topic: source.string(), partitions: source.list(|source| source.int32()) }
    }
}
