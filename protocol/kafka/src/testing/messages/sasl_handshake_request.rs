// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::sasl_handshake_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for SaslHandshakeRequest<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { mechanism: source.string() }
    }
}
