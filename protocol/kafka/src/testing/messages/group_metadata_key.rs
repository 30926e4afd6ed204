// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::group_metadata_key::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for GroupMetadataKey<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { group: source.string() }
    }
}
