// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::list_groups_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ListGroupsRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            states_filter: if version >= 4 { source.list(|source| source.string()) } else { Vec::new() },
            types_filter: if version >= 5 { source.list(|source| source.string()) } else { Vec::new() },
        }
    }
}
