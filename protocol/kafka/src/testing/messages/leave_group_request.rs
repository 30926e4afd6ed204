// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::leave_group_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for LeaveGroupRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            group_id: source.string(),
            member_id: if version <= 2 { source.string() } else { "" },
            members: if version >= 3 {
                source.list(|source| MemberIdentity::generate(source, version))
            } else {
                Vec::new()
            },
        }
    }
}

impl<'a> Generate<'a> for MemberIdentity<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            member_id: source.string(),
            group_instance_id: source.optional(|source| source.string()),
            reason: if version >= 5 { source.optional(|source| source.string()) } else { None },
        }
    }
}
