// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Deletes committed positions of a group (KIP-496).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetDeleteResponse<'a> {
    pub error_code: ErrorCode,
    pub throttle_time_ms: i32,
    pub topics: Vec<OffsetDeleteResponseTopic<'a>>,
}

impl<'a> Decode<'a> for OffsetDeleteResponse<'a> {
    fn minimum_size(_version: i16) -> usize {
        10
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            error_code: reader.error_code("OffsetDeleteResponse.error_code")?,
            throttle_time_ms: reader.int32("OffsetDeleteResponse.throttle_time_ms")?,
            topics: reader.structures(Form::Classic, version, "OffsetDeleteResponse.topics")?,
        };
        Ok(value)
    }
}

impl Encode for OffsetDeleteResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.error_code(self.error_code);
        sink.int32(self.throttle_time_ms);
        sink.structures(Form::Classic, version, &self.topics);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetDeleteResponseTopic<'a> {
    pub name: &'a str,
    pub partitions: Vec<OffsetDeleteResponsePartition>,
}

impl<'a> Decode<'a> for OffsetDeleteResponseTopic<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            name: reader.string(Form::Classic, "OffsetDeleteResponseTopic.name")?,
            partitions: reader.structures(Form::Classic, version, "OffsetDeleteResponseTopic.partitions")?,
        };
        Ok(value)
    }
}

impl Encode for OffsetDeleteResponseTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.string(Form::Classic, self.name);
        sink.structures(Form::Classic, version, &self.partitions);
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OffsetDeleteResponsePartition {
    pub partition_index: i32,
    pub error_code: ErrorCode,
}

impl<'a> Decode<'a> for OffsetDeleteResponsePartition {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            partition_index: reader.int32("OffsetDeleteResponsePartition.partition_index")?,
            error_code: reader.error_code("OffsetDeleteResponsePartition.error_code")?,
        };
        Ok(value)
    }
}

impl Encode for OffsetDeleteResponsePartition {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.partition_index);
        sink.error_code(self.error_code);
    }
}

impl<'a> Message<'a> for OffsetDeleteResponse<'a> {
    const API: ApiKey = ApiKey::OffsetDelete;
    const VERSIONS: Versions = super::versions::OFFSET_DELETE;
}
