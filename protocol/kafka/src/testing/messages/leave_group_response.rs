// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::leave_group_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for LeaveGroupResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 1 { source.int32() } else { 0 },
            error_code: source.error_code(),
            members: if version >= 3 {
                source.list(|source| MemberResponse::generate(source, version))
            } else {
                Vec::new()
            },
        }
    }
}

impl<'a> Generate<'a> for MemberResponse<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            member_id: source.string(),
            group_instance_id: source.optional(|source| source.string()),
            error_code: source.error_code(),
        }
    }
}
