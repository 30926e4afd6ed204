// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::group_metadata_value::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for GroupMetadataValue<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            protocol_type: source.string(),
            generation: source.int32(),
            protocol: source.optional(|source| source.string()),
            leader: source.optional(|source| source.string()),
            current_state_timestamp: if version >= 2 { source.int64() } else { -1 },
            members: source.list(|source| MemberMetadata::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for MemberMetadata<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            member_id: source.string(),
            group_instance_id: if version >= 3 { source.optional(|source| source.string()) } else { None },
            client_id: source.string(),
            client_host: source.string(),
            rebalance_timeout: if version >= 1 { source.int32() } else { -1 },
            session_timeout: source.int32(),
            subscription: source.bytes(),
            assignment: source.bytes(),
        }
    }
}
