// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::delete_groups_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DeleteGroupsResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            results: source.list(|source| DeletableGroupResult::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for DeletableGroupResult<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            group_id: source.string(),
            error_code: source.error_code(),
            error_message: if version >= 3 { source.optional(|source| source.string()) } else { None },
        }
    }
}
