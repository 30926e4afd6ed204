// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::offset_delete_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for OffsetDeleteRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            group_id: source.string(),
            topics: source.list(|source| OffsetDeleteRequestTopic::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for OffsetDeleteRequestTopic<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: source.string(),
            partitions: source.list(|source| OffsetDeleteRequestPartition::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for OffsetDeleteRequestPartition {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { partition_index: source.int32() }
    }
}
