// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::produce_request::*;
use crate::testing::{Generate, Source};
use ringlog_model::Uuid;

impl<'a> Generate<'a> for ProduceRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            transactional_id: source.optional(|source| source.string()),
            acks: source.int16(),
            timeout_ms: source.int32(),
            topic_data: source.list(|source| TopicProduceData::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for TopicProduceData<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: if version <= 12 { source.string() } else { "" },
            topic_id: if version >= 13 { source.uuid() } else { Uuid::ZERO },
            partition_data: source.list(|source| PartitionProduceData::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for PartitionProduceData<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { index: source.int32(), records: source.optional(|source| source.bytes()) }
    }
}
