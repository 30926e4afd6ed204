// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Float64, Form, Message, Reader, Sink, Versions};

/// Sets and takes away quotas of users, clients and addresses (KIP-546).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlterClientQuotasRequest<'a> {
    pub entries: Vec<EntryData<'a>>,
    pub validate_only: bool,
}

impl<'a> Decode<'a> for AlterClientQuotasRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 5,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 1);
        let value = Self {
            entries: reader.structures(form, version, "AlterClientQuotasRequest.entries")?,
            validate_only: reader.boolean("AlterClientQuotasRequest.validate_only")?,
        };
        reader.skip_tags(form, "AlterClientQuotasRequest")?;
        Ok(value)
    }
}

impl Encode for AlterClientQuotasRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 1);
        sink.structures(form, version, &self.entries);
        sink.boolean(self.validate_only);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryData<'a> {
    pub entity: Vec<EntityData<'a>>,
    pub ops: Vec<OpData<'a>>,
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
            ops: reader.structures(form, version, "EntryData.ops")?,
        };
        reader.skip_tags(form, "EntryData")?;
        Ok(value)
    }
}

impl Encode for EntryData<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 1);
        sink.structures(form, version, &self.entity);
        sink.structures(form, version, &self.ops);
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
pub struct OpData<'a> {
    pub key: &'a str,
    pub value: Float64,
    pub remove: bool,
}

impl<'a> Decode<'a> for OpData<'a> {
    fn minimum_size(_version: i16) -> usize {
        11
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 1);
        let value = Self {
            key: reader.string(form, "OpData.key")?,
            value: reader.float64("OpData.value")?,
            remove: reader.boolean("OpData.remove")?,
        };
        reader.skip_tags(form, "OpData")?;
        Ok(value)
    }
}

impl Encode for OpData<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 1);
        sink.string(form, self.key);
        sink.float64(self.value);
        sink.boolean(self.remove);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for AlterClientQuotasRequest<'a> {
    const API: ApiKey = ApiKey::AlterClientQuotas;
    const VERSIONS: Versions = super::versions::ALTER_CLIENT_QUOTAS;
}
