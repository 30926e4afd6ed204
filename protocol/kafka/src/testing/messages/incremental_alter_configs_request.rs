// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::incremental_alter_configs_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for IncrementalAlterConfigsRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            resources: source.list(|source| AlterConfigsResource::generate(source, version)),
            validate_only: source.boolean(),
        }
    }
}

impl<'a> Generate<'a> for AlterConfigsResource<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            resource_type: source.int8(),
            resource_name: source.string(),
            configs: source.list(|source| AlterableConfig::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for AlterableConfig<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            name: source.string(),
            config_operation: source.int8(),
            value: source.optional(|source| source.string()),
        }
    }
}
