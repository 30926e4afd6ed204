// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Partitions that are moving between replicas (KIP-455).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPartitionReassignmentsResponse<'a> {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub topics: Vec<OngoingTopicReassignment<'a>>,
}

impl<'a> Decode<'a> for ListPartitionReassignmentsResponse<'a> {
    fn minimum_size(_version: i16) -> usize {
        9
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            throttle_time_ms: reader.int32("ListPartitionReassignmentsResponse.throttle_time_ms")?,
            error_code: reader.error_code("ListPartitionReassignmentsResponse.error_code")?,
            error_message: reader
                .nullable_string(Form::Compact, "ListPartitionReassignmentsResponse.error_message")?,
            topics: reader.structures(Form::Compact, version, "ListPartitionReassignmentsResponse.topics")?,
        };
        reader.skip_tags(Form::Compact, "ListPartitionReassignmentsResponse")?;
        Ok(value)
    }
}

impl Encode for ListPartitionReassignmentsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.throttle_time_ms);
        sink.error_code(self.error_code);
        sink.nullable_string(Form::Compact, self.error_message);
        sink.structures(Form::Compact, version, &self.topics);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OngoingTopicReassignment<'a> {
    pub name: &'a str,
    pub partitions: Vec<OngoingPartitionReassignment>,
}

impl<'a> Decode<'a> for OngoingTopicReassignment<'a> {
    fn minimum_size(_version: i16) -> usize {
        3
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            name: reader.string(Form::Compact, "OngoingTopicReassignment.name")?,
            partitions: reader.structures(Form::Compact, version, "OngoingTopicReassignment.partitions")?,
        };
        reader.skip_tags(Form::Compact, "OngoingTopicReassignment")?;
        Ok(value)
    }
}

impl Encode for OngoingTopicReassignment<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.string(Form::Compact, self.name);
        sink.structures(Form::Compact, version, &self.partitions);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OngoingPartitionReassignment {
    pub partition_index: i32,
    pub replicas: Vec<i32>,
    pub adding_replicas: Vec<i32>,
    pub removing_replicas: Vec<i32>,
}

impl<'a> Decode<'a> for OngoingPartitionReassignment {
    fn minimum_size(_version: i16) -> usize {
        8
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            partition_index: reader.int32("OngoingPartitionReassignment.partition_index")?,
            replicas: reader.array(Form::Compact, 4, "OngoingPartitionReassignment.replicas", |reader| {
                reader.int32("OngoingPartitionReassignment.replicas")
            })?,
            adding_replicas: reader.array(
                Form::Compact,
                4,
                "OngoingPartitionReassignment.adding_replicas",
                |reader| reader.int32("OngoingPartitionReassignment.adding_replicas"),
            )?,
            removing_replicas: reader.array(
                Form::Compact,
                4,
                "OngoingPartitionReassignment.removing_replicas",
                |reader| reader.int32("OngoingPartitionReassignment.removing_replicas"),
            )?,
        };
        reader.skip_tags(Form::Compact, "OngoingPartitionReassignment")?;
        Ok(value)
    }
}

impl Encode for OngoingPartitionReassignment {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.partition_index);
        sink.array(Form::Compact, &self.replicas, |sink, item| sink.int32(*item));
        sink.array(Form::Compact, &self.adding_replicas, |sink, item| sink.int32(*item));
        sink.array(Form::Compact, &self.removing_replicas, |sink, item| sink.int32(*item));
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for ListPartitionReassignmentsResponse<'a> {
    const API: ApiKey = ApiKey::ListPartitionReassignments;
    const VERSIONS: Versions = super::versions::LIST_PARTITION_REASSIGNMENTS;
}
