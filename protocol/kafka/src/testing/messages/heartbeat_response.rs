// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::heartbeat_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for HeartbeatResponse {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 1 { source.int32() } else { 0 },
            error_code: source.error_code(),
        }
    }
}
