// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// The quotas of users, clients and addresses (KIP-546).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeClientQuotasRequest<'a> {
    pub components: Vec<ComponentData<'a>>,
    pub strict: bool,
}

impl<'a> Decode<'a> for DescribeClientQuotasRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 5,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 1);
        let value = Self {
            components: reader.structures(form, version, "DescribeClientQuotasRequest.components")?,
            strict: reader.boolean("DescribeClientQuotasRequest.strict")?,
        };
        reader.skip_tags(form, "DescribeClientQuotasRequest")?;
        Ok(value)
    }
}

impl Encode for DescribeClientQuotasRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 1);
        sink.structures(form, version, &self.components);
        sink.boolean(self.strict);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComponentData<'a> {
    pub entity_type: &'a str,
    /// 0: exactly this name, 1: the default, 2: any name.
    pub match_type: i8,
    pub r#match: Option<&'a str>,
}

impl<'a> Decode<'a> for ComponentData<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 5,
            _ => 4,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 1);
        let value = Self {
            entity_type: reader.string(form, "ComponentData.entity_type")?,
            match_type: reader.int8("ComponentData.match_type")?,
            r#match: reader.nullable_string(form, "ComponentData.match")?,
        };
        reader.skip_tags(form, "ComponentData")?;
        Ok(value)
    }
}

impl Encode for ComponentData<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 1);
        sink.string(form, self.entity_type);
        sink.int8(self.match_type);
        sink.nullable_string(form, self.r#match);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for DescribeClientQuotasRequest<'a> {
    const API: ApiKey = ApiKey::DescribeClientQuotas;
    const VERSIONS: Versions = super::versions::DESCRIBE_CLIENT_QUOTAS;
}
