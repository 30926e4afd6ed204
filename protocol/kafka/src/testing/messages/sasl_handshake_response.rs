// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::sasl_handshake_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for SaslHandshakeResponse<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { error_code: source.error_code(), mechanisms: source.list(|source| source.string()) }
    }
}
