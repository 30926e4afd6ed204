// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::consumer_group_regular_expression_value::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ConsumerGroupRegularExpressionValue<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            topics: source.list(|source| source.string()),
            version: source.int64(),
            timestamp: source.int64(),
        }
    }
}
