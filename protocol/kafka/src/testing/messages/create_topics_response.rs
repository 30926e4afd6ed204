// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::ErrorCode;
use crate::messages::create_topics_response::*;
use crate::testing::{Generate, Source};
use ringlog_model::Uuid;

impl<'a> Generate<'a> for CreateTopicsResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            topics: source.list(|source| CreatableTopicResult::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for CreatableTopicResult<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: source.string(),
            topic_id: if version >= 7 { source.uuid() } else { Uuid::ZERO },
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
            topic_config_error_code: if version >= 5 { source.error_code() } else { ErrorCode::NONE },
            num_partitions: if version >= 5 { source.int32() } else { -1 },
            replication_factor: if version >= 5 { source.int16() } else { -1 },
            configs: if version >= 5 {
                source
                    .optional(|source| source.list(|source| CreatableTopicConfigs::generate(source, version)))
            } else {
                None
            },
        }
    }
}

impl<'a> Generate<'a> for CreatableTopicConfigs<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            name: source.string(),
            value: source.optional(|source| source.string()),
            read_only: source.boolean(),
            config_source: source.int8(),
            is_sensitive: source.boolean(),
        }
    }
}
