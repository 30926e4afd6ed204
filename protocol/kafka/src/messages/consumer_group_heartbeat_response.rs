// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};
use ringlog_model::Uuid;

/// Joins, stays in and leaves a group of the newer protocol, and reconciles its assignment (KIP-848).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsumerGroupHeartbeatResponse<'a> {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub member_id: Option<&'a str>,
    pub member_epoch: i32,
    pub heartbeat_interval_ms: i32,
    pub assignment: Option<Assignment>,
}

impl<'a> Decode<'a> for ConsumerGroupHeartbeatResponse<'a> {
    fn minimum_size(_version: i16) -> usize {
        18
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            throttle_time_ms: reader.int32("ConsumerGroupHeartbeatResponse.throttle_time_ms")?,
            error_code: reader.error_code("ConsumerGroupHeartbeatResponse.error_code")?,
            error_message: reader
                .nullable_string(Form::Compact, "ConsumerGroupHeartbeatResponse.error_message")?,
            member_id: reader.nullable_string(Form::Compact, "ConsumerGroupHeartbeatResponse.member_id")?,
            member_epoch: reader.int32("ConsumerGroupHeartbeatResponse.member_epoch")?,
            heartbeat_interval_ms: reader.int32("ConsumerGroupHeartbeatResponse.heartbeat_interval_ms")?,
            assignment: reader.nullable_structure(version, "ConsumerGroupHeartbeatResponse.assignment")?,
        };
        reader.skip_tags(Form::Compact, "ConsumerGroupHeartbeatResponse")?;
        Ok(value)
    }
}

impl Encode for ConsumerGroupHeartbeatResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.throttle_time_ms);
        sink.error_code(self.error_code);
        sink.nullable_string(Form::Compact, self.error_message);
        sink.nullable_string(Form::Compact, self.member_id);
        sink.int32(self.member_epoch);
        sink.int32(self.heartbeat_interval_ms);
        sink.nullable_structure(version, self.assignment.as_ref());
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    pub topic_partitions: Vec<TopicPartitions>,
}

impl<'a> Decode<'a> for Assignment {
    fn minimum_size(_version: i16) -> usize {
        2
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topic_partitions: reader.structures(Form::Compact, version, "Assignment.topic_partitions")?,
        };
        reader.skip_tags(Form::Compact, "Assignment")?;
        Ok(value)
    }
}

impl Encode for Assignment {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.structures(Form::Compact, version, &self.topic_partitions);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicPartitions {
    pub topic_id: Uuid,
    pub partitions: Vec<i32>,
}

impl<'a> Decode<'a> for TopicPartitions {
    fn minimum_size(_version: i16) -> usize {
        18
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topic_id: reader.uuid("TopicPartitions.topic_id")?,
            partitions: reader.array(Form::Compact, 4, "TopicPartitions.partitions", |reader| {
                reader.int32("TopicPartitions.partitions")
            })?,
        };
        reader.skip_tags(Form::Compact, "TopicPartitions")?;
        Ok(value)
    }
}

impl Encode for TopicPartitions {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.uuid(self.topic_id);
        sink.array(Form::Compact, &self.partitions, |sink, item| sink.int32(*item));
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for ConsumerGroupHeartbeatResponse<'a> {
    const API: ApiKey = ApiKey::ConsumerGroupHeartbeat;
    const VERSIONS: Versions = super::versions::CONSUMER_GROUP_HEARTBEAT;
}
