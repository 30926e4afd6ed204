// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};
use ringlog_model::Uuid;

/// Deletes topics by name or id (KIP-4, KIP-516).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteTopicsRequest<'a> {
    pub topics: Vec<DeleteTopicState<'a>>,
    pub topic_names: Vec<&'a str>,
    pub timeout_ms: i32,
}

impl<'a> Decode<'a> for DeleteTopicsRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            topics: if version >= 6 {
                reader.structures(form, version, "DeleteTopicsRequest.topics")?
            } else {
                Vec::new()
            },
            topic_names: if version <= 5 {
                reader.array(
                    form,
                    form.string_length_size(),
                    "DeleteTopicsRequest.topic_names",
                    |reader| reader.string(form, "DeleteTopicsRequest.topic_names"),
                )?
            } else {
                Vec::new()
            },
            timeout_ms: reader.int32("DeleteTopicsRequest.timeout_ms")?,
        };
        reader.skip_tags(form, "DeleteTopicsRequest")?;
        Ok(value)
    }
}

impl Encode for DeleteTopicsRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        if version >= 6 {
            sink.structures(form, version, &self.topics);
        } else if !self.topics.is_empty() {
            sink.unsupported("DeleteTopicsRequest.topics", version);
        }
        if version <= 5 {
            sink.array(form, &self.topic_names, |sink, item| sink.string(form, item));
        }
        sink.int32(self.timeout_ms);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteTopicState<'a> {
    pub name: Option<&'a str>,
    pub topic_id: Uuid,
}

impl<'a> Decode<'a> for DeleteTopicState<'a> {
    fn minimum_size(_version: i16) -> usize {
        18
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            name: reader.nullable_string(Form::Compact, "DeleteTopicState.name")?,
            topic_id: reader.uuid("DeleteTopicState.topic_id")?,
        };
        reader.skip_tags(Form::Compact, "DeleteTopicState")?;
        Ok(value)
    }
}

impl Encode for DeleteTopicState<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.nullable_string(Form::Compact, self.name);
        sink.uuid(self.topic_id);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for DeleteTopicsRequest<'a> {
    const API: ApiKey = ApiKey::DeleteTopics;
    const VERSIONS: Versions = super::versions::DELETE_TOPICS;
}
