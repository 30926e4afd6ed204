// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::list_config_resources_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ListConfigResourcesRequest {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self { resource_types: if version >= 1 { source.list(|source| source.int8()) } else { Vec::new() } }
    }
}
