// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::consumer_group_metadata_value::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ConsumerGroupMetadataValue {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { epoch: source.int32(), metadata_hash: source.int64() }
    }
}
