// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::describe_topic_partitions_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DescribeTopicPartitionsRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topics: source.list(|source| TopicRequest::generate(source, version)),
            response_partition_limit: source.int32(),
            cursor: source.optional(|source| Cursor::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for TopicRequest<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { name: source.string() }
    }
}

impl<'a> Generate<'a> for Cursor<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { topic_name: source.string(), partition_index: source.int32() }
    }
}
