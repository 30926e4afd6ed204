// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::describe_quorum_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DescribeQuorumRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self { topics: source.list(|source| TopicData::generate(source, version)) }
    }
}

impl<'a> Generate<'a> for TopicData<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topic_name: source.string(),
            partitions: source.list(|source| PartitionData::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for PartitionData {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { partition_index: source.int32() }
    }
}
