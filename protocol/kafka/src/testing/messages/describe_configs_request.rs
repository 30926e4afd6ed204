// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::describe_configs_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DescribeConfigsRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            resources: source.list(|source| DescribeConfigsResource::generate(source, version)),
            include_synonyms: source.boolean(),
            include_documentation: if version >= 3 { source.boolean() } else { false },
        }
    }
}

impl<'a> Generate<'a> for DescribeConfigsResource<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            resource_type: source.int8(),
            resource_name: source.string(),
            configuration_keys: source.optional(|source| source.list(|source| source.string())),
        }
    }
}
