// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::heartbeat_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for HeartbeatRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            group_id: source.string(),
            generation_id: source.int32(),
            member_id: source.string(),
            group_instance_id: if version >= 3 { source.optional(|source| source.string()) } else { None },
        }
    }
}
