// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Tag, Versions};
use ringlog_model::Uuid;

/// Creates topics (KIP-4, KIP-464, KIP-525).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateTopicsResponse<'a> {
    pub throttle_time_ms: i32,
    pub topics: Vec<CreatableTopicResult<'a>>,
}

impl<'a> Decode<'a> for CreateTopicsResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=4 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 5);
        let value = Self {
            throttle_time_ms: reader.int32("CreateTopicsResponse.throttle_time_ms")?,
            topics: reader.structures(form, version, "CreateTopicsResponse.topics")?,
        };
        reader.skip_tags(form, "CreateTopicsResponse")?;
        Ok(value)
    }
}

impl Encode for CreateTopicsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 5);
        sink.int32(self.throttle_time_ms);
        sink.structures(form, version, &self.topics);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatableTopicResult<'a> {
    pub name: &'a str,
    pub topic_id: Uuid,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub topic_config_error_code: ErrorCode,
    pub num_partitions: i32,
    pub replication_factor: i16,
    pub configs: Option<Vec<CreatableTopicConfigs<'a>>>,
}

impl Default for CreatableTopicResult<'_> {
    fn default() -> Self {
        Self {
            name: "",
            topic_id: Uuid::ZERO,
            error_code: ErrorCode::NONE,
            error_message: None,
            topic_config_error_code: ErrorCode::NONE,
            num_partitions: -1,
            replication_factor: -1,
            configs: None,
        }
    }
}

impl<'a> Decode<'a> for CreatableTopicResult<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=4 => 6,
            5..=6 => 12,
            _ => 28,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 5);
        let mut value = Self {
            name: reader.string(form, "CreatableTopicResult.name")?,
            topic_id: if version >= 7 { reader.uuid("CreatableTopicResult.topic_id")? } else { Uuid::ZERO },
            error_code: reader.error_code("CreatableTopicResult.error_code")?,
            error_message: reader.nullable_string(form, "CreatableTopicResult.error_message")?,
            topic_config_error_code: ErrorCode::NONE,
            num_partitions: if version >= 5 {
                reader.int32("CreatableTopicResult.num_partitions")?
            } else {
                -1
            },
            replication_factor: if version >= 5 {
                reader.int16("CreatableTopicResult.replication_factor")?
            } else {
                -1
            },
            configs: if version >= 5 {
                reader.nullable_structures(form, version, "CreatableTopicResult.configs")?
            } else {
                None
            },
        };
        if form == Form::Compact {
            reader.tags("CreatableTopicResult", |reader, tag| {
                match tag {
                    0 => {
                        value.topic_config_error_code =
                            reader.error_code("CreatableTopicResult.topic_config_error_code")?
                    }
                    _ => return Ok(Tag::Unknown),
                }
                Ok(Tag::Read)
            })?;
        }
        Ok(value)
    }
}

impl Encode for CreatableTopicResult<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 5);
        sink.string(form, self.name);
        if version >= 7 {
            sink.uuid(self.topic_id);
        }
        sink.error_code(self.error_code);
        sink.nullable_string(form, self.error_message);
        if version >= 5 {
            sink.int32(self.num_partitions);
        }
        if version >= 5 {
            sink.int16(self.replication_factor);
        }
        if version >= 5 {
            sink.nullable_structures(form, version, self.configs.as_deref());
        }
        if form == Form::Compact {
            sink.varint(u32::from(self.topic_config_error_code != ErrorCode::NONE));
            if self.topic_config_error_code != ErrorCode::NONE {
                let mark = sink.begin_tag(0);
                sink.error_code(self.topic_config_error_code);
                sink.end_tag(mark);
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatableTopicConfigs<'a> {
    pub name: &'a str,
    pub value: Option<&'a str>,
    pub read_only: bool,
    pub config_source: i8,
    pub is_sensitive: bool,
}

impl Default for CreatableTopicConfigs<'_> {
    fn default() -> Self {
        Self { name: "", value: None, read_only: false, config_source: -1, is_sensitive: false }
    }
}

impl<'a> Decode<'a> for CreatableTopicConfigs<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            name: reader.string(Form::Compact, "CreatableTopicConfigs.name")?,
            value: reader.nullable_string(Form::Compact, "CreatableTopicConfigs.value")?,
            read_only: reader.boolean("CreatableTopicConfigs.read_only")?,
            config_source: reader.int8("CreatableTopicConfigs.config_source")?,
            is_sensitive: reader.boolean("CreatableTopicConfigs.is_sensitive")?,
        };
        reader.skip_tags(Form::Compact, "CreatableTopicConfigs")?;
        Ok(value)
    }
}

impl Encode for CreatableTopicConfigs<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Compact, self.name);
        sink.nullable_string(Form::Compact, self.value);
        sink.boolean(self.read_only);
        sink.int8(self.config_source);
        sink.boolean(self.is_sensitive);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for CreateTopicsResponse<'a> {
    const API: ApiKey = ApiKey::CreateTopics;
    const VERSIONS: Versions = super::versions::CREATE_TOPICS;
}
