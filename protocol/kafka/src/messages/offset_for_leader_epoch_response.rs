// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// The end offset of a leader epoch, to find where two logs diverge (KIP-101, KIP-320).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetForLeaderEpochResponse<'a> {
    pub throttle_time_ms: i32,
    pub topics: Vec<OffsetForLeaderTopicResult<'a>>,
}

impl<'a> Decode<'a> for OffsetForLeaderEpochResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            throttle_time_ms: reader.int32("OffsetForLeaderEpochResponse.throttle_time_ms")?,
            topics: reader.structures(form, version, "OffsetForLeaderEpochResponse.topics")?,
        };
        reader.skip_tags(form, "OffsetForLeaderEpochResponse")?;
        Ok(value)
    }
}

impl Encode for OffsetForLeaderEpochResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.int32(self.throttle_time_ms);
        sink.structures(form, version, &self.topics);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetForLeaderTopicResult<'a> {
    pub topic: &'a str,
    pub partitions: Vec<EpochEndOffset>,
}

impl<'a> Decode<'a> for OffsetForLeaderTopicResult<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            topic: reader.string(form, "OffsetForLeaderTopicResult.topic")?,
            partitions: reader.structures(form, version, "OffsetForLeaderTopicResult.partitions")?,
        };
        reader.skip_tags(form, "OffsetForLeaderTopicResult")?;
        Ok(value)
    }
}

impl Encode for OffsetForLeaderTopicResult<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.string(form, self.topic);
        sink.structures(form, version, &self.partitions);
        sink.no_tags(form);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEndOffset {
    pub error_code: ErrorCode,
    pub partition: i32,
    pub leader_epoch: i32,
    pub end_offset: i64,
}

impl Default for EpochEndOffset {
    fn default() -> Self {
        Self { error_code: ErrorCode::NONE, partition: 0, leader_epoch: -1, end_offset: -1 }
    }
}

impl<'a> Decode<'a> for EpochEndOffset {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 18,
            _ => 19,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            error_code: reader.error_code("EpochEndOffset.error_code")?,
            partition: reader.int32("EpochEndOffset.partition")?,
            leader_epoch: reader.int32("EpochEndOffset.leader_epoch")?,
            end_offset: reader.int64("EpochEndOffset.end_offset")?,
        };
        reader.skip_tags(form, "EpochEndOffset")?;
        Ok(value)
    }
}

impl Encode for EpochEndOffset {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.error_code(self.error_code);
        sink.int32(self.partition);
        sink.int32(self.leader_epoch);
        sink.int64(self.end_offset);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for OffsetForLeaderEpochResponse<'a> {
    const API: ApiKey = ApiKey::OffsetForLeaderEpoch;
    const VERSIONS: Versions = super::versions::OFFSET_FOR_LEADER_EPOCH;
}
