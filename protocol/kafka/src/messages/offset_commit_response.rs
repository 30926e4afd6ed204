// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};
use ringlog_model::Uuid;

/// Commits a group's positions (KIP-211, KIP-345, KIP-848).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetCommitResponse<'a> {
    pub throttle_time_ms: i32,
    pub topics: Vec<OffsetCommitResponseTopic<'a>>,
}

impl<'a> Decode<'a> for OffsetCommitResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=2 => 4,
            3..=7 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 8);
        let value = Self {
            throttle_time_ms: if version >= 3 {
                reader.int32("OffsetCommitResponse.throttle_time_ms")?
            } else {
                0
            },
            topics: reader.structures(form, version, "OffsetCommitResponse.topics")?,
        };
        reader.skip_tags(form, "OffsetCommitResponse")?;
        Ok(value)
    }
}

impl Encode for OffsetCommitResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 8);
        if version >= 3 {
            sink.int32(self.throttle_time_ms);
        }
        sink.structures(form, version, &self.topics);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetCommitResponseTopic<'a> {
    pub name: &'a str,
    pub topic_id: Uuid,
    pub partitions: Vec<OffsetCommitResponsePartition>,
}

impl<'a> Decode<'a> for OffsetCommitResponseTopic<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=7 => 6,
            8..=9 => 3,
            _ => 18,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 8);
        let value = Self {
            name: if version <= 9 { reader.string(form, "OffsetCommitResponseTopic.name")? } else { "" },
            topic_id: if version >= 10 {
                reader.uuid("OffsetCommitResponseTopic.topic_id")?
            } else {
                Uuid::ZERO
            },
            partitions: reader.structures(form, version, "OffsetCommitResponseTopic.partitions")?,
        };
        reader.skip_tags(form, "OffsetCommitResponseTopic")?;
        Ok(value)
    }
}

impl Encode for OffsetCommitResponseTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 8);
        if version <= 9 {
            sink.string(form, self.name);
        }
        if version >= 10 {
            sink.uuid(self.topic_id);
        }
        sink.structures(form, version, &self.partitions);
        sink.no_tags(form);
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OffsetCommitResponsePartition {
    pub partition_index: i32,
    pub error_code: ErrorCode,
}

impl<'a> Decode<'a> for OffsetCommitResponsePartition {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=7 => 6,
            _ => 7,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 8);
        let value = Self {
            partition_index: reader.int32("OffsetCommitResponsePartition.partition_index")?,
            error_code: reader.error_code("OffsetCommitResponsePartition.error_code")?,
        };
        reader.skip_tags(form, "OffsetCommitResponsePartition")?;
        Ok(value)
    }
}

impl Encode for OffsetCommitResponsePartition {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 8);
        sink.int32(self.partition_index);
        sink.error_code(self.error_code);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for OffsetCommitResponse<'a> {
    const API: ApiKey = ApiKey::OffsetCommit;
    const VERSIONS: Versions = super::versions::OFFSET_COMMIT;
}
