// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::sasl_authenticate_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for SaslAuthenticateResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
            auth_bytes: source.bytes(),
            session_lifetime_ms: if version >= 1 { source.int64() } else { 0 },
        }
    }
}
