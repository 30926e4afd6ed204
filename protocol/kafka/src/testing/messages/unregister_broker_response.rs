// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::unregister_broker_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for UnregisterBrokerResponse<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
        }
    }
}
