// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Replaces the whole configuration of resources; superseded by IncrementalAlterConfigs (KIP-133).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlterConfigsResponse<'a> {
    pub throttle_time_ms: i32,
    pub responses: Vec<AlterConfigsResourceResponse<'a>>,
}

impl<'a> Decode<'a> for AlterConfigsResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            throttle_time_ms: reader.int32("AlterConfigsResponse.throttle_time_ms")?,
            responses: reader.structures(form, version, "AlterConfigsResponse.responses")?,
        };
        reader.skip_tags(form, "AlterConfigsResponse")?;
        Ok(value)
    }
}

impl Encode for AlterConfigsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.int32(self.throttle_time_ms);
        sink.structures(form, version, &self.responses);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlterConfigsResourceResponse<'a> {
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub resource_type: i8,
    pub resource_name: &'a str,
}

impl<'a> Decode<'a> for AlterConfigsResourceResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 7,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            error_code: reader.error_code("AlterConfigsResourceResponse.error_code")?,
            error_message: reader.nullable_string(form, "AlterConfigsResourceResponse.error_message")?,
            resource_type: reader.int8("AlterConfigsResourceResponse.resource_type")?,
            resource_name: reader.string(form, "AlterConfigsResourceResponse.resource_name")?,
        };
        reader.skip_tags(form, "AlterConfigsResourceResponse")?;
        Ok(value)
    }
}

impl Encode for AlterConfigsResourceResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.error_code(self.error_code);
        sink.nullable_string(form, self.error_message);
        sink.int8(self.resource_type);
        sink.string(form, self.resource_name);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for AlterConfigsResponse<'a> {
    const API: ApiKey = ApiKey::AlterConfigs;
    const VERSIONS: Versions = super::versions::ALTER_CONFIGS;
}
