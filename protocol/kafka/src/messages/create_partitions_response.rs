// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Adds partitions to topics (KIP-195, KIP-599).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreatePartitionsResponse<'a> {
    pub throttle_time_ms: i32,
    pub results: Vec<CreatePartitionsTopicResult<'a>>,
}

impl<'a> Decode<'a> for CreatePartitionsResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            throttle_time_ms: reader.int32("CreatePartitionsResponse.throttle_time_ms")?,
            results: reader.structures(form, version, "CreatePartitionsResponse.results")?,
        };
        reader.skip_tags(form, "CreatePartitionsResponse")?;
        Ok(value)
    }
}

impl Encode for CreatePartitionsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.int32(self.throttle_time_ms);
        sink.structures(form, version, &self.results);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreatePartitionsTopicResult<'a> {
    pub name: &'a str,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
}

impl<'a> Decode<'a> for CreatePartitionsTopicResult<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 6,
            _ => 5,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            name: reader.string(form, "CreatePartitionsTopicResult.name")?,
            error_code: reader.error_code("CreatePartitionsTopicResult.error_code")?,
            error_message: reader.nullable_string(form, "CreatePartitionsTopicResult.error_message")?,
        };
        reader.skip_tags(form, "CreatePartitionsTopicResult")?;
        Ok(value)
    }
}

impl Encode for CreatePartitionsTopicResult<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.string(form, self.name);
        sink.error_code(self.error_code);
        sink.nullable_string(form, self.error_message);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for CreatePartitionsResponse<'a> {
    const API: ApiKey = ApiKey::CreatePartitions;
    const VERSIONS: Versions = super::versions::CREATE_PARTITIONS;
}
