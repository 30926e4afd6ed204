// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::describe_producers_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DescribeProducersRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self { topics: source.list(|source| TopicRequest::generate(source, version)) }
    }
}

impl<'a> Generate<'a> for TopicRequest<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { name: source.string(), partition_indexes: source.list(|source| source.int32()) }
    }
}
