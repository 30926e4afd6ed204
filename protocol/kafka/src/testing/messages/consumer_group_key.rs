// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::consumer_group_key::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ConsumerGroupKey<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { group_id: source.string() }
    }
}
