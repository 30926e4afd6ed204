// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::delete_topics_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DeleteTopicsRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topics: if version >= 6 {
                source.list(|source| DeleteTopicState::generate(source, version))
            } else {
                Vec::new()
            },
            topic_names: if version <= 5 { source.list(|source| source.string()) } else { Vec::new() },
            timeout_ms: source.int32(),
        }
    }
}

impl<'a> Generate<'a> for DeleteTopicState<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { name: source.optional(|source| source.string()), topic_id: source.uuid() }
    }
}
