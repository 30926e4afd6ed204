// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::alter_client_quotas_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for AlterClientQuotasResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            entries: source.list(|source| EntryData::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for EntryData<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
            entity: source.list(|source| EntityData::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for EntityData<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { entity_type: source.string(), entity_name: source.optional(|source| source.string()) }
    }
}
