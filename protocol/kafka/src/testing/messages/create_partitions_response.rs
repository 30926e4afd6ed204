// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::create_partitions_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for CreatePartitionsResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            results: source.list(|source| CreatePartitionsTopicResult::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for CreatePartitionsTopicResult<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            name: source.string(),
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
        }
    }
}
