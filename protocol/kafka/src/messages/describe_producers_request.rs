// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// The producers that a partition remembers (KIP-664).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeProducersRequest<'a> {
    pub topics: Vec<TopicRequest<'a>>,
}

impl<'a> Decode<'a> for DescribeProducersRequest<'a> {
    fn minimum_size(_version: i16) -> usize {
        2
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value =
            Self { topics: reader.structures(Form::Compact, version, "DescribeProducersRequest.topics")? };
        reader.skip_tags(Form::Compact, "DescribeProducersRequest")?;
        Ok(value)
    }
}

impl Encode for DescribeProducersRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.structures(Form::Compact, version, &self.topics);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicRequest<'a> {
    pub name: &'a str,
    pub partition_indexes: Vec<i32>,
}

impl<'a> Decode<'a> for TopicRequest<'a> {
    fn minimum_size(_version: i16) -> usize {
        3
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            name: reader.string(Form::Compact, "TopicRequest.name")?,
            partition_indexes: reader.array(
                Form::Compact,
                4,
                "TopicRequest.partition_indexes",
                |reader| reader.int32("TopicRequest.partition_indexes"),
            )?,
        };
        reader.skip_tags(Form::Compact, "TopicRequest")?;
        Ok(value)
    }
}

impl Encode for TopicRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Compact, self.name);
        sink.array(Form::Compact, &self.partition_indexes, |sink, item| sink.int32(*item));
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for DescribeProducersRequest<'a> {
    const API: ApiKey = ApiKey::DescribeProducers;
    const VERSIONS: Versions = super::versions::DESCRIBE_PRODUCERS;
}
