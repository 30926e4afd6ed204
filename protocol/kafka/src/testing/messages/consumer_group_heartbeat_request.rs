// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::consumer_group_heartbeat_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ConsumerGroupHeartbeatRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            group_id: source.string(),
            member_id: source.string(),
            member_epoch: source.int32(),
            instance_id: source.optional(|source| source.string()),
            rack_id: source.optional(|source| source.string()),
            rebalance_timeout_ms: source.int32(),
            subscribed_topic_names: source.optional(|source| source.list(|source| source.string())),
            subscribed_topic_regex: if version >= 1 {
                source.optional(|source| source.string())
            } else {
                None
            },
            server_assignor: source.optional(|source| source.string()),
            topic_partitions: source
                .optional(|source| source.list(|source| TopicPartitions::generate(source, version))),
        }
    }
}

impl<'a> Generate<'a> for TopicPartitions {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { topic_id: source.uuid(), partitions: source.list(|source| source.int32()) }
    }
}
