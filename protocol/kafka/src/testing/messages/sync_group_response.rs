// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::sync_group_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for SyncGroupResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 1 { source.int32() } else { 0 },
            error_code: source.error_code(),
            protocol_type: if version >= 5 { source.optional(|source| source.string()) } else { None },
            protocol_name: if version >= 5 { source.optional(|source| source.string()) } else { None },
            assignment: source.bytes(),
        }
    }
}
