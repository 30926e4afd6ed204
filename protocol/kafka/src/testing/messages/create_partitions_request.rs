// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::create_partitions_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for CreatePartitionsRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topics: source.list(|source| CreatePartitionsTopic::generate(source, version)),
            timeout_ms: source.int32(),
            validate_only: source.boolean(),
        }
    }
}

impl<'a> Generate<'a> for CreatePartitionsTopic<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: source.string(),
            count: source.int32(),
            assignments: source.optional(|source| {
                source.list(|source| CreatePartitionsAssignment::generate(source, version))
            }),
        }
    }
}

impl<'a> Generate<'a> for CreatePartitionsAssignment {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { broker_ids: source.list(|source| source.int32()) }
    }
}
