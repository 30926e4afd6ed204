// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::consumer_group_partition_metadata_value::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ConsumerGroupPartitionMetadataValue<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self { topics: source.list(|source| TopicMetadata::generate(source, version)) }
    }
}

impl<'a> Generate<'a> for TopicMetadata<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topic_id: source.uuid(),
            topic_name: source.string(),
            num_partitions: source.int32(),
            partition_metadata: source.list(|source| PartitionMetadata::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for PartitionMetadata<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { partition: source.int32(), racks: source.list(|source| source.string()) }
    }
}
