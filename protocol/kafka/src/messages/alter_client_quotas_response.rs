// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Sets and takes away quotas of users, clients and addresses (KIP-546).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlterClientQuotasResponse<'a> {
    pub throttle_time_ms: i32,
    pub entries: Vec<EntryData<'a>>,
}

impl<'a> Decode<'a> for AlterClientQuotasResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 1);
        let value = Self {
            throttle_time_ms: reader.int32("AlterClientQuotasResponse.throttle_time_ms")?,
            entries: reader.structures(form, version, "AlterClientQuotasResponse.entries")?,
        };
        reader.skip_tags(form, "AlterClientQuotasResponse")?;
        Ok(value)
    }
}

impl Encode for AlterClientQuotasResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 1);
        sink.int32(self.throttle_time_ms);
        sink.structures(form, version, &self.entries);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryData<'a> {
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub entity: Vec<EntityData<'a>>,
}

impl<'a> Decode<'a> for EntryData<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 8,
            _ => 5,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 1);
        let value = Self {
            error_code: reader.error_code("EntryData.error_code")?,
            error_message: reader.nullable_string(form, "EntryData.error_message")?,
            entity: reader.structures(form, version, "EntryData.entity")?,
        };
        reader.skip_tags(form, "EntryData")?;
        Ok(value)
    }
}

impl Encode for EntryData<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 1);
        sink.error_code(self.error_code);
        sink.nullable_string(form, self.error_message);
        sink.structures(form, version, &self.entity);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntityData<'a> {
    pub entity_type: &'a str,
    /// Null for the default.
    pub entity_name: Option<&'a str>,
}

impl<'a> Decode<'a> for EntityData<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 4,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 1);
        let value = Self {
            entity_type: reader.string(form, "EntityData.entity_type")?,
            entity_name: reader.nullable_string(form, "EntityData.entity_name")?,
        };
        reader.skip_tags(form, "EntityData")?;
        Ok(value)
    }
}

impl Encode for EntityData<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 1);
        sink.string(form, self.entity_type);
        sink.nullable_string(form, self.entity_name);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for AlterClientQuotasResponse<'a> {
    const API: ApiKey = ApiKey::AlterClientQuotas;
    const VERSIONS: Versions = super::versions::ALTER_CLIENT_QUOTAS;
}
