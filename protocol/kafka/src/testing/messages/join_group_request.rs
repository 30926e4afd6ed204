// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::join_group_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for JoinGroupRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            group_id: source.string(),
            session_timeout_ms: source.int32(),
            rebalance_timeout_ms: if version >= 1 { source.int32() } else { -1 },
            member_id: source.string(),
            group_instance_id: if version >= 5 { source.optional(|source| source.string()) } else { None },
            protocol_type: source.string(),
            protocols: source.list(|source| JoinGroupRequestProtocol::generate(source, version)),
            reason: if version >= 8 { source.optional(|source| source.string()) } else { None },
        }
    }
}

impl<'a> Generate<'a> for JoinGroupRequestProtocol<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { name: source.string(), metadata: source.bytes() }
    }
}
