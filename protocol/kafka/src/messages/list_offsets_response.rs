// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Offsets of partitions by timestamp, or the first, last and other named ones (KIP-79, KIP-734, KIP-1005).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListOffsetsResponse<'a> {
    pub throttle_time_ms: i32,
    pub topics: Vec<ListOffsetsTopicResponse<'a>>,
}

impl<'a> Decode<'a> for ListOffsetsResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 4,
            2..=5 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 6);
        let value = Self {
            throttle_time_ms: if version >= 2 {
                reader.int32("ListOffsetsResponse.throttle_time_ms")?
            } else {
                0
            },
            topics: reader.structures(form, version, "ListOffsetsResponse.topics")?,
        };
        reader.skip_tags(form, "ListOffsetsResponse")?;
        Ok(value)
    }
}

impl Encode for ListOffsetsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 6);
        if version >= 2 {
            sink.int32(self.throttle_time_ms);
        }
        sink.structures(form, version, &self.topics);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListOffsetsTopicResponse<'a> {
    pub name: &'a str,
    pub partitions: Vec<ListOffsetsPartitionResponse>,
}

impl<'a> Decode<'a> for ListOffsetsTopicResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=5 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 6);
        let value = Self {
            name: reader.string(form, "ListOffsetsTopicResponse.name")?,
            partitions: reader.structures(form, version, "ListOffsetsTopicResponse.partitions")?,
        };
        reader.skip_tags(form, "ListOffsetsTopicResponse")?;
        Ok(value)
    }
}

impl Encode for ListOffsetsTopicResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 6);
        sink.string(form, self.name);
        sink.structures(form, version, &self.partitions);
        sink.no_tags(form);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListOffsetsPartitionResponse {
    pub partition_index: i32,
    pub error_code: ErrorCode,
    pub timestamp: i64,
    pub offset: i64,
    pub leader_epoch: i32,
}

impl Default for ListOffsetsPartitionResponse {
    fn default() -> Self {
        Self { partition_index: 0, error_code: ErrorCode::NONE, timestamp: -1, offset: -1, leader_epoch: -1 }
    }
}

impl<'a> Decode<'a> for ListOffsetsPartitionResponse {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 22,
            4..=5 => 26,
            _ => 27,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 6);
        let value = Self {
            partition_index: reader.int32("ListOffsetsPartitionResponse.partition_index")?,
            error_code: reader.error_code("ListOffsetsPartitionResponse.error_code")?,
            timestamp: reader.int64("ListOffsetsPartitionResponse.timestamp")?,
            offset: reader.int64("ListOffsetsPartitionResponse.offset")?,
            leader_epoch: if version >= 4 {
                reader.int32("ListOffsetsPartitionResponse.leader_epoch")?
            } else {
                -1
            },
        };
        reader.skip_tags(form, "ListOffsetsPartitionResponse")?;
        Ok(value)
    }
}

impl Encode for ListOffsetsPartitionResponse {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 6);
        sink.int32(self.partition_index);
        sink.error_code(self.error_code);
        sink.int64(self.timestamp);
        sink.int64(self.offset);
        if version >= 4 {
            sink.int32(self.leader_epoch);
        }
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for ListOffsetsResponse<'a> {
    const API: ApiKey = ApiKey::ListOffsets;
    const VERSIONS: Versions = super::versions::LIST_OFFSETS;
}
