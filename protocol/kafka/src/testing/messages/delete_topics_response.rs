// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::delete_topics_response::*;
use crate::testing::{Generate, Source};
use ringlog_model::Uuid;

impl<'a> Generate<'a> for DeleteTopicsResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            responses: source.list(|source| DeletableTopicResult::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for DeletableTopicResult<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: if version >= 6 {
                source.optional(|source| source.string())
            } else {
                Some(source.string())
            },
            topic_id: if version >= 6 { source.uuid() } else { Uuid::ZERO },
            error_code: source.error_code(),
            error_message: if version >= 5 { source.optional(|source| source.string()) } else { None },
        }
    }
}
