// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::describe_client_quotas_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DescribeClientQuotasRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            components: source.list(|source| ComponentData::generate(source, version)),
            strict: source.boolean(),
        }
    }
}

impl<'a> Generate<'a> for ComponentData<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            entity_type: source.string(),
            match_type: source.int8(),
            r#match: source.optional(|source| source.string()),
        }
    }
}
