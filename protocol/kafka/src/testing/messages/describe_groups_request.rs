// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::describe_groups_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DescribeGroupsRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            groups: source.list(|source| source.string()),
            include_authorized_operations: if version >= 3 { source.boolean() } else { false },
        }
    }
}
