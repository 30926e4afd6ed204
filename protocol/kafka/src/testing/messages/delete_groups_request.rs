// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::delete_groups_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DeleteGroupsRequest<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { groups_names: source.list(|source| source.string()) }
    }
}
