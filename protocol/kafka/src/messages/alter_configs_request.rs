// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Replaces the whole configuration of resources; superseded by IncrementalAlterConfigs (KIP-133).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlterConfigsRequest<'a> {
    pub resources: Vec<AlterConfigsResource<'a>>,
    pub validate_only: bool,
}

impl<'a> Decode<'a> for AlterConfigsRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 5,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            resources: reader.structures(form, version, "AlterConfigsRequest.resources")?,
            validate_only: reader.boolean("AlterConfigsRequest.validate_only")?,
        };
        reader.skip_tags(form, "AlterConfigsRequest")?;
        Ok(value)
    }
}

impl Encode for AlterConfigsRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.structures(form, version, &self.resources);
        sink.boolean(self.validate_only);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlterConfigsResource<'a> {
    pub resource_type: i8,
    pub resource_name: &'a str,
    pub configs: Vec<AlterableConfig<'a>>,
}

impl<'a> Decode<'a> for AlterConfigsResource<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 7,
            _ => 4,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            resource_type: reader.int8("AlterConfigsResource.resource_type")?,
            resource_name: reader.string(form, "AlterConfigsResource.resource_name")?,
            configs: reader.structures(form, version, "AlterConfigsResource.configs")?,
        };
        reader.skip_tags(form, "AlterConfigsResource")?;
        Ok(value)
    }
}

impl Encode for AlterConfigsResource<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.int8(self.resource_type);
        sink.string(form, self.resource_name);
        sink.structures(form, version, &self.configs);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlterableConfig<'a> {
    pub name: &'a str,
    pub value: Option<&'a str>,
}

impl<'a> Decode<'a> for AlterableConfig<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 4,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            name: reader.string(form, "AlterableConfig.name")?,
            value: reader.nullable_string(form, "AlterableConfig.value")?,
        };
        reader.skip_tags(form, "AlterableConfig")?;
        Ok(value)
    }
}

impl Encode for AlterableConfig<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.string(form, self.name);
        sink.nullable_string(form, self.value);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for AlterConfigsRequest<'a> {
    const API: ApiKey = ApiKey::AlterConfigs;
    const VERSIONS: Versions = super::versions::ALTER_CONFIGS;
}
