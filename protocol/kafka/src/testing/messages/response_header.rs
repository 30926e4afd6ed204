// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::response_header::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ResponseHeader {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { correlation_id: source.int32() }
    }
}
