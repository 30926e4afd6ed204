// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::find_coordinator_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for FindCoordinatorRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            key: if version <= 3 { source.string() } else { "" },
            key_type: if version >= 1 { source.int8() } else { 0 },
            coordinator_keys: if version >= 4 { source.list(|source| source.string()) } else { Vec::new() },
        }
    }
}
