// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::offset_fetch_request::*;
use crate::testing::{Generate, Source};
use ringlog_model::Uuid;

impl<'a> Generate<'a> for OffsetFetchRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            group_id: if version <= 7 { source.string() } else { "" },
            topics: if version <= 7 {
                if version >= 2 {
                    source.optional(|source| {
                        source.list(|source| OffsetFetchRequestTopic::generate(source, version))
                    })
                } else {
                    Some(source.list(|source| OffsetFetchRequestTopic::generate(source, version)))
                }
            } else {
                None
            },
            groups: if version >= 8 {
                source.list(|source| OffsetFetchRequestGroup::generate(source, version))
            } else {
                Vec::new()
            },
            require_stable: if version >= 7 { source.boolean() } else { false },
        }
    }
}

impl<'a> Generate<'a> for OffsetFetchRequestTopic<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { name: source.string(), partition_indexes: source.list(|source| source.int32()) }
    }
}

impl<'a> Generate<'a> for OffsetFetchRequestGroup<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            group_id: source.string(),
            member_id: if version >= 9 { source.optional(|source| source.string()) } else { None },
            member_epoch: if version >= 9 { source.int32() } else { -1 },
            topics: source
                .optional(|source| source.list(|source| OffsetFetchRequestTopics::generate(source, version))),
        }
    }
}

impl<'a> Generate<'a> for OffsetFetchRequestTopics<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: if version <= 9 { source.string() } else { "" },
            topic_id: if version >= 10 { source.uuid() } else { Uuid::ZERO },
            partition_indexes: source.list(|source| source.int32()),
        }
    }
}
