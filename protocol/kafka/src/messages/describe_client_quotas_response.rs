// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Float64, Form, Message, Reader, Sink, Versions};

/// The quotas of users, clients and addresses (KIP-546).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeClientQuotasResponse<'a> {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub entries: Option<Vec<EntryData<'a>>>,
}

impl<'a> Decode<'a> for DescribeClientQuotasResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 12,
            _ => 9,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 1);
        let value = Self {
            throttle_time_ms: reader.int32("DescribeClientQuotasResponse.throttle_time_ms")?,
            error_code: reader.error_code("DescribeClientQuotasResponse.error_code")?,
            error_message: reader.nullable_string(form, "DescribeClientQuotasResponse.error_message")?,
            entries: reader.nullable_structures(form, version, "DescribeClientQuotasResponse.entries")?,
        };
        reader.skip_tags(form, "DescribeClientQuotasResponse")?;
        Ok(value)
    }
}

impl Encode for DescribeClientQuotasResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 1);
        sink.int32(self.throttle_time_ms);
        sink.error_code(self.error_code);
        sink.nullable_string(form, self.error_message);
        sink.nullable_structures(form, version, self.entries.as_deref());
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryData<'a> {
    pub entity: Vec<EntityData<'a>>,
    pub values: Vec<ValueData<'a>>,
}

impl<'a> Decode<'a> for EntryData<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 8,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 1);
        let value = Self {
            entity: reader.structures(form, version, "EntryData.entity")?,
            values: reader.structures(form, version, "EntryData.values")?,
        };
        reader.skip_tags(form, "EntryData")?;
        Ok(value)
    }
}

impl Encode for EntryData<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 1);
        sink.structures(form, version, &self.entity);
        sink.structures(form, version, &self.values);
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

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueData<'a> {
    pub key: &'a str,
    pub value: Float64,
}

impl<'a> Decode<'a> for ValueData<'a> {
    fn minimum_size(_version: i16) -> usize {
        10
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 1);
        let value =
            Self { key: reader.string(form, "ValueData.key")?, value: reader.float64("ValueData.value")? };
        reader.skip_tags(form, "ValueData")?;
        Ok(value)
    }
}

impl Encode for ValueData<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 1);
        sink.string(form, self.key);
        sink.float64(self.value);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for DescribeClientQuotasResponse<'a> {
    const API: ApiKey = ApiKey::DescribeClientQuotas;
    const VERSIONS: Versions = super::versions::DESCRIBE_CLIENT_QUOTAS;
}
