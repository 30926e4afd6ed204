// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::describe_client_quotas_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DescribeClientQuotasResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
            entries: source.optional(|source| source.list(|source| EntryData::generate(source, version))),
        }
    }
}

impl<'a> Generate<'a> for EntryData<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            entity: source.list(|source| EntityData::generate(source, version)),
            values: source.list(|source| ValueData::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for EntityData<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { entity_type: source.string(), entity_name: source.optional(|source| source.string()) }
    }
}

impl<'a> Generate<'a> for ValueData<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { key: source.string(), value: source.float64() }
    }
}
