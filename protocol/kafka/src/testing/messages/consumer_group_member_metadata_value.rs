// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::consumer_group_member_metadata_value::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ConsumerGroupMemberMetadataValue<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            instance_id: source.optional(|source| source.string()),
            rack_id: source.optional(|source| source.string()),
            client_id: source.string(),
            client_host: source.string(),
            subscribed_topic_names: source.list(|source| source.string()),
            subscribed_topic_regex: source.optional(|source| source.string()),
            rebalance_timeout_ms: source.int32(),
            server_assignor: source.optional(|source| source.string()),
            classic_member_metadata: source
                .optional(|source| ClassicMemberMetadata::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for ClassicMemberMetadata<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            session_timeout_ms: source.int32(),
            supported_protocols: source.list(|source| ClassicProtocol::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for ClassicProtocol<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { name: source.string(), metadata: source.bytes() }
    }
}
