// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::sync_group_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for SyncGroupRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            group_id: source.string(),
            generation_id: source.int32(),
            member_id: source.string(),
            group_instance_id: if version >= 3 { source.optional(|source| source.string()) } else { None },
            protocol_type: if version >= 5 { source.optional(|source| source.string()) } else { None },
            protocol_name: if version >= 5 { source.optional(|source| source.string()) } else { None },
            assignments: source.list(|source| SyncGroupRequestAssignment::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for SyncGroupRequestAssignment<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { member_id: source.string(), assignment: source.bytes() }
    }
}
