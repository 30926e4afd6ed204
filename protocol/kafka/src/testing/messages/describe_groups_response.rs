// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::describe_groups_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DescribeGroupsResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 1 { source.int32() } else { 0 },
            groups: source.list(|source| DescribedGroup::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for DescribedGroup<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            error_code: source.error_code(),
            error_message: if version >= 6 { source.optional(|source| source.string()) } else { None },
            group_id: source.string(),
            group_state: source.string(),
            protocol_type: source.string(),
            protocol_data: source.string(),
            members: source.list(|source| DescribedGroupMember::generate(source, version)),
            authorized_operations: if version >= 3 { source.int32() } else { i32::MIN },
        }
    }
}

impl<'a> Generate<'a> for DescribedGroupMember<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            member_id: source.string(),
            group_instance_id: if version >= 4 { source.optional(|source| source.string()) } else { None },
            client_id: source.string(),
            client_host: source.string(),
            member_metadata: source.bytes(),
            member_assignment: source.bytes(),
        }
    }
}
