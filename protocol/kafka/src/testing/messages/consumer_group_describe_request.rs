// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::consumer_group_describe_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ConsumerGroupDescribeRequest<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            group_ids: source.list(|source| source.string()),
            include_authorized_operations: source.boolean(),
        }
    }
}
