// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::offset_commit_key::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for OffsetCommitKey<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { group: source.string(), topic: source.string(), partition: source.int32() }
    }
}
