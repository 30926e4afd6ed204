// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::create_topics_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for CreateTopicsRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topics: source.list(|source| CreatableTopic::generate(source, version)),
            timeout_ms: source.int32(),
            validate_only: source.boolean(),
        }
    }
}

impl<'a> Generate<'a> for CreatableTopic<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: source.string(),
            num_partitions: source.int32(),
            replication_factor: source.int16(),
            assignments: source.list(|source| CreatableReplicaAssignment::generate(source, version)),
            configs: source.list(|source| CreatableTopicConfig::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for CreatableReplicaAssignment {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { partition_index: source.int32(), broker_ids: source.list(|source| source.int32()) }
    }
}

impl<'a> Generate<'a> for CreatableTopicConfig<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { name: source.string(), value: source.optional(|source| source.string()) }
    }
}
