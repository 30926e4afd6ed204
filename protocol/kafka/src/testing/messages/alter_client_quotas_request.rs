// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::alter_client_quotas_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for AlterClientQuotasRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            entries: source.list(|source| EntryData::generate(source, version)),
            validate_only: source.boolean(),
        }
    }
}

impl<'a> Generate<'a> for EntryData<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            entity: source.list(|source| EntityData::generate(source, version)),
            ops: source.list(|source| OpData::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for EntityData<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { entity_type: source.string(), entity_name: source.optional(|source| source.string()) }
    }
}

impl<'a> Generate<'a> for OpData<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { key: source.string(), value: source.float64(), remove: source.boolean() }
    }
}
