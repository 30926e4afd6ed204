// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};
use ringlog_model::Uuid;

/// Deletes topics by name or id (KIP-4, KIP-516).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteTopicsResponse<'a> {
    pub throttle_time_ms: i32,
    pub responses: Vec<DeletableTopicResult<'a>>,
}

impl<'a> Decode<'a> for DeleteTopicsResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            throttle_time_ms: reader.int32("DeleteTopicsResponse.throttle_time_ms")?,
            responses: reader.structures(form, version, "DeleteTopicsResponse.responses")?,
        };
        reader.skip_tags(form, "DeleteTopicsResponse")?;
        Ok(value)
    }
}

impl Encode for DeleteTopicsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.int32(self.throttle_time_ms);
        sink.structures(form, version, &self.responses);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeletableTopicResult<'a> {
    pub name: Option<&'a str>,
    pub topic_id: Uuid,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
}

impl<'a> Decode<'a> for DeletableTopicResult<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=4 => 4,
            5 => 5,
            _ => 21,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            name: if version >= 6 {
                reader.nullable_string(form, "DeletableTopicResult.name")?
            } else {
                Some(reader.string(form, "DeletableTopicResult.name")?)
            },
            topic_id: if version >= 6 { reader.uuid("DeletableTopicResult.topic_id")? } else { Uuid::ZERO },
            error_code: reader.error_code("DeletableTopicResult.error_code")?,
            error_message: if version >= 5 {
                reader.nullable_string(form, "DeletableTopicResult.error_message")?
            } else {
                None
            },
        };
        reader.skip_tags(form, "DeletableTopicResult")?;
        Ok(value)
    }
}

impl Encode for DeletableTopicResult<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        if version >= 6 {
            sink.nullable_string(form, self.name);
        } else {
            let value = sink.required("DeletableTopicResult.name", version, self.name);
            sink.string(form, value);
        }
        if version >= 6 {
            sink.uuid(self.topic_id);
        }
        sink.error_code(self.error_code);
        if version >= 5 {
            sink.nullable_string(form, self.error_message);
        }
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for DeleteTopicsResponse<'a> {
    const API: ApiKey = ApiKey::DeleteTopics;
    const VERSIONS: Versions = super::versions::DELETE_TOPICS;
}
