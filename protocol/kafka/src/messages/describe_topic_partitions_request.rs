// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Topics and partitions page by page (KIP-966).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribeTopicPartitionsRequest<'a> {
    pub topics: Vec<TopicRequest<'a>>,
    pub response_partition_limit: i32,
    pub cursor: Option<Cursor<'a>>,
}

impl Default for DescribeTopicPartitionsRequest<'_> {
    fn default() -> Self {
        Self { topics: Vec::new(), response_partition_limit: 2000, cursor: None }
    }
}

impl<'a> Decode<'a> for DescribeTopicPartitionsRequest<'a> {
    fn minimum_size(_version: i16) -> usize {
        7
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topics: reader.structures(Form::Compact, version, "DescribeTopicPartitionsRequest.topics")?,
            response_partition_limit: reader
                .int32("DescribeTopicPartitionsRequest.response_partition_limit")?,
            cursor: reader.nullable_structure(version, "DescribeTopicPartitionsRequest.cursor")?,
        };
        reader.skip_tags(Form::Compact, "DescribeTopicPartitionsRequest")?;
        Ok(value)
    }
}

impl Encode for DescribeTopicPartitionsRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.structures(Form::Compact, version, &self.topics);
        sink.int32(self.response_partition_limit);
        sink.nullable_structure(version, self.cursor.as_ref());
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicRequest<'a> {
    pub name: &'a str,
}

impl<'a> Decode<'a> for TopicRequest<'a> {
    fn minimum_size(_version: i16) -> usize {
        2
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self { name: reader.string(Form::Compact, "TopicRequest.name")? };
        reader.skip_tags(Form::Compact, "TopicRequest")?;
        Ok(value)
    }
}

impl Encode for TopicRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Compact, self.name);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor<'a> {
    pub topic_name: &'a str,
    pub partition_index: i32,
}

impl<'a> Decode<'a> for Cursor<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topic_name: reader.string(Form::Compact, "Cursor.topic_name")?,
            partition_index: reader.int32("Cursor.partition_index")?,
        };
        reader.skip_tags(Form::Compact, "Cursor")?;
        Ok(value)
    }
}

impl Encode for Cursor<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Compact, self.topic_name);
        sink.int32(self.partition_index);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for DescribeTopicPartitionsRequest<'a> {
    const API: ApiKey = ApiKey::DescribeTopicPartitions;
    const VERSIONS: Versions = super::versions::DESCRIBE_TOPIC_PARTITIONS;
}
