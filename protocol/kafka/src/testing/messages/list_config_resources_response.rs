// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::list_config_resources_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ListConfigResourcesResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            error_code: source.error_code(),
            config_resources: source.list(|source| ConfigResource::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for ConfigResource<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self { resource_name: source.string(), resource_type: if version >= 1 { source.int8() } else { 16 } }
    }
}
