// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// The controllers: who leads them, and how far each has come (KIP-595, KIP-836, KIP-853).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeQuorumRequest<'a> {
    pub topics: Vec<TopicData<'a>>,
}

impl<'a> Decode<'a> for DescribeQuorumRequest<'a> {
    fn minimum_size(_version: i16) -> usize {
        2
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value =
            Self { topics: reader.structures(Form::Compact, version, "DescribeQuorumRequest.topics")? };
        reader.skip_tags(Form::Compact, "DescribeQuorumRequest")?;
        Ok(value)
    }
}

impl Encode for DescribeQuorumRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.structures(Form::Compact, version, &self.topics);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicData<'a> {
    pub topic_name: &'a str,
    pub partitions: Vec<PartitionData>,
}

impl<'a> Decode<'a> for TopicData<'a> {
    fn minimum_size(_version: i16) -> usize {
        3
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topic_name: reader.string(Form::Compact, "TopicData.topic_name")?,
            partitions: reader.structures(Form::Compact, version, "TopicData.partitions")?,
        };
        reader.skip_tags(Form::Compact, "TopicData")?;
        Ok(value)
    }
}

impl Encode for TopicData<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.string(Form::Compact, self.topic_name);
        sink.structures(Form::Compact, version, &self.partitions);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartitionData {
    pub partition_index: i32,
}

impl<'a> Decode<'a> for PartitionData {
    fn minimum_size(_version: i16) -> usize {
        5
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self { partition_index: reader.int32("PartitionData.partition_index")? };
        reader.skip_tags(Form::Compact, "PartitionData")?;
        Ok(value)
    }
}

impl Encode for PartitionData {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.partition_index);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for DescribeQuorumRequest<'a> {
    const API: ApiKey = ApiKey::DescribeQuorum;
    const VERSIONS: Versions = super::versions::DESCRIBE_QUORUM;
}
