// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::elect_leaders_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ElectLeadersRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            election_type: if version >= 1 { source.int8() } else { 0 },
            topic_partitions: source
                .optional(|source| source.list(|source| TopicPartitions::generate(source, version))),
            timeout_ms: source.int32(),
        }
    }
}

impl<'a> Generate<'a> for TopicPartitions<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { topic: source.string(), partitions: source.list(|source| source.int32()) }
    }
}
