// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// The resources that have a configuration of their own (KIP-714, KIP-1142).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListConfigResourcesResponse<'a> {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub config_resources: Vec<ConfigResource<'a>>,
}

impl<'a> Decode<'a> for ListConfigResourcesResponse<'a> {
    fn minimum_size(_version: i16) -> usize {
        8
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            throttle_time_ms: reader.int32("ListConfigResourcesResponse.throttle_time_ms")?,
            error_code: reader.error_code("ListConfigResourcesResponse.error_code")?,
            config_resources: reader.structures(
                Form::Compact,
                version,
                "ListConfigResourcesResponse.config_resources",
            )?,
        };
        reader.skip_tags(Form::Compact, "ListConfigResourcesResponse")?;
        Ok(value)
    }
}

impl Encode for ListConfigResourcesResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.throttle_time_ms);
        sink.error_code(self.error_code);
        sink.structures(Form::Compact, version, &self.config_resources);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigResource<'a> {
    pub resource_name: &'a str,
    pub resource_type: i8,
}

impl Default for ConfigResource<'_> {
    fn default() -> Self {
        Self { resource_name: "", resource_type: 16 }
    }
}

impl<'a> Decode<'a> for ConfigResource<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 2,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            resource_name: reader.string(Form::Compact, "ConfigResource.resource_name")?,
            resource_type: if version >= 1 { reader.int8("ConfigResource.resource_type")? } else { 16 },
        };
        reader.skip_tags(Form::Compact, "ConfigResource")?;
        Ok(value)
    }
}

impl Encode for ConfigResource<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.string(Form::Compact, self.resource_name);
        if version >= 1 {
            sink.int8(self.resource_type);
        }
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for ListConfigResourcesResponse<'a> {
    const API: ApiKey = ApiKey::ListConfigResources;
    const VERSIONS: Versions = super::versions::LIST_CONFIG_RESOURCES;
}
