// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::metadata_request::*;
use crate::testing::{Generate, Source};
use ringlog_model::Uuid;

impl<'a> Generate<'a> for MetadataRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topics: if version >= 1 {
                source
                    .optional(|source| source.list(|source| MetadataRequestTopic::generate(source, version)))
            } else {
                Some(source.list(|source| MetadataRequestTopic::generate(source, version)))
            },
            allow_auto_topic_creation: if version >= 4 { source.boolean() } else { true },
            include_cluster_authorized_operations: if (8..=10).contains(&version) {
                source.boolean()
            } else {
                false
            },
            include_topic_authorized_operations: if version >= 8 { source.boolean() } else { false },
        }
    }
}

impl<'a> Generate<'a> for MetadataRequestTopic<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topic_id: if version >= 10 { source.uuid() } else { Uuid::ZERO },
            name: if version >= 10 {
                source.optional(|source| source.string())
            } else {
                Some(source.string())
            },
        }
    }
}
