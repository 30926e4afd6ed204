// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::request_header::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for RequestHeader<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            request_api_key: source.int16(),
            request_api_version: source.int16(),
            correlation_id: source.int32(),
            client_id: source.optional(|source| source.string()),
        }
    }
}
