// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::list_groups_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ListGroupsResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 1 { source.int32() } else { 0 },
            error_code: source.error_code(),
            groups: source.list(|source| ListedGroup::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for ListedGroup<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            group_id: source.string(),
            protocol_type: source.string(),
            group_state: if version >= 4 { source.string() } else { "" },
            group_type: if version >= 5 { source.string() } else { "" },
        }
    }
}
