// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// The producers that a partition remembers (KIP-664).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeProducersResponse<'a> {
    pub throttle_time_ms: i32,
    pub topics: Vec<TopicResponse<'a>>,
}

impl<'a> Decode<'a> for DescribeProducersResponse<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            throttle_time_ms: reader.int32("DescribeProducersResponse.throttle_time_ms")?,
            topics: reader.structures(Form::Compact, version, "DescribeProducersResponse.topics")?,
        };
        reader.skip_tags(Form::Compact, "DescribeProducersResponse")?;
        Ok(value)
    }
}

impl Encode for DescribeProducersResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.throttle_time_ms);
        sink.structures(Form::Compact, version, &self.topics);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicResponse<'a> {
    pub name: &'a str,
    pub partitions: Vec<PartitionResponse<'a>>,
}

impl<'a> Decode<'a> for TopicResponse<'a> {
    fn minimum_size(_version: i16) -> usize {
        3
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            name: reader.string(Form::Compact, "TopicResponse.name")?,
            partitions: reader.structures(Form::Compact, version, "TopicResponse.partitions")?,
        };
        reader.skip_tags(Form::Compact, "TopicResponse")?;
        Ok(value)
    }
}

impl Encode for TopicResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.string(Form::Compact, self.name);
        sink.structures(Form::Compact, version, &self.partitions);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartitionResponse<'a> {
    pub partition_index: i32,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub active_producers: Vec<ProducerState>,
}

impl<'a> Decode<'a> for PartitionResponse<'a> {
    fn minimum_size(_version: i16) -> usize {
        9
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            partition_index: reader.int32("PartitionResponse.partition_index")?,
            error_code: reader.error_code("PartitionResponse.error_code")?,
            error_message: reader.nullable_string(Form::Compact, "PartitionResponse.error_message")?,
            active_producers: reader.structures(
                Form::Compact,
                version,
                "PartitionResponse.active_producers",
            )?,
        };
        reader.skip_tags(Form::Compact, "PartitionResponse")?;
        Ok(value)
    }
}

impl Encode for PartitionResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.partition_index);
        sink.error_code(self.error_code);
        sink.nullable_string(Form::Compact, self.error_message);
        sink.structures(Form::Compact, version, &self.active_producers);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerState {
    pub producer_id: i64,
    pub producer_epoch: i32,
    pub last_sequence: i32,
    pub last_timestamp: i64,
    pub coordinator_epoch: i32,
    pub current_txn_start_offset: i64,
}

impl Default for ProducerState {
    fn default() -> Self {
        Self {
            producer_id: 0,
            producer_epoch: 0,
            last_sequence: -1,
            last_timestamp: -1,
            coordinator_epoch: 0,
            current_txn_start_offset: -1,
        }
    }
}

impl<'a> Decode<'a> for ProducerState {
    fn minimum_size(_version: i16) -> usize {
        37
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            producer_id: reader.int64("ProducerState.producer_id")?,
            producer_epoch: reader.int32("ProducerState.producer_epoch")?,
            last_sequence: reader.int32("ProducerState.last_sequence")?,
            last_timestamp: reader.int64("ProducerState.last_timestamp")?,
            coordinator_epoch: reader.int32("ProducerState.coordinator_epoch")?,
            current_txn_start_offset: reader.int64("ProducerState.current_txn_start_offset")?,
        };
        reader.skip_tags(Form::Compact, "ProducerState")?;
        Ok(value)
    }
}

impl Encode for ProducerState {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int64(self.producer_id);
        sink.int32(self.producer_epoch);
        sink.int32(self.last_sequence);
        sink.int64(self.last_timestamp);
        sink.int32(self.coordinator_epoch);
        sink.int64(self.current_txn_start_offset);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for DescribeProducersResponse<'a> {
    const API: ApiKey = ApiKey::DescribeProducers;
    const VERSIONS: Versions = super::versions::DESCRIBE_PRODUCERS;
}
