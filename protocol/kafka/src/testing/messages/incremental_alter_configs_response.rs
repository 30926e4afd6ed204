// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::incremental_alter_configs_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for IncrementalAlterConfigsResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            responses: source.list(|source| AlterConfigsResourceResponse::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for AlterConfigsResourceResponse<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
            resource_type: source.int8(),
            resource_name: source.string(),
        }
    }
}
