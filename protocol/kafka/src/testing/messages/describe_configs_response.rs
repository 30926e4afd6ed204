// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::describe_configs_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DescribeConfigsResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            results: source.list(|source| DescribeConfigsResult::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for DescribeConfigsResult<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
            resource_type: source.int8(),
            resource_name: source.string(),
            configs: source.list(|source| DescribeConfigsResourceResult::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for DescribeConfigsResourceResult<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: source.string(),
            value: source.optional(|source| source.string()),
            read_only: source.boolean(),
            config_source: source.int8(),
            is_sensitive: source.boolean(),
            synonyms: source.list(|source| DescribeConfigsSynonym::generate(source, version)),
            config_type: if version >= 3 { source.int8() } else { 0 },
            documentation: if version >= 3 { source.optional(|source| source.string()) } else { None },
        }
    }
}

impl<'a> Generate<'a> for DescribeConfigsSynonym<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            name: source.string(),
            value: source.optional(|source| source.string()),
            source: source.int8(),
        }
    }
}
