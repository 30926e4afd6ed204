// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::join_group_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for JoinGroupResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 2 { source.int32() } else { 0 },
            error_code: source.error_code(),
            generation_id: source.int32(),
            protocol_type: if version >= 7 { source.optional(|source| source.string()) } else { None },
            protocol_name: if version >= 7 {
                source.optional(|source| source.string())
            } else {
                Some(source.string())
            },
            leader: source.string(),
            skip_assignment: if version >= 9 { source.boolean() } else { false },
            member_id: source.string(),
            members: source.list(|source| JoinGroupResponseMember::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for JoinGroupResponseMember<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            member_id: source.string(),
            group_instance_id: if version >= 5 { source.optional(|source| source.string()) } else { None },
            metadata: source.bytes(),
        }
    }
}
