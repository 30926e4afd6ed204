// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};
use ringlog_model::Uuid;

/// Reads a group's committed positions (KIP-709, KIP-848).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetFetchResponse<'a> {
    pub throttle_time_ms: i32,
    pub topics: Vec<OffsetFetchResponseTopic<'a>>,
    pub error_code: ErrorCode,
    pub groups: Vec<OffsetFetchResponseGroup<'a>>,
}

impl<'a> Decode<'a> for OffsetFetchResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 4,
            2 => 6,
            3..=5 => 10,
            6..=7 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 6);
        let value = Self {
            throttle_time_ms: if version >= 3 {
                reader.int32("OffsetFetchResponse.throttle_time_ms")?
            } else {
                0
            },
            topics: if version <= 7 {
                reader.structures(form, version, "OffsetFetchResponse.topics")?
            } else {
                Vec::new()
            },
            error_code: if (2..=7).contains(&version) {
                reader.error_code("OffsetFetchResponse.error_code")?
            } else {
                ErrorCode::NONE
            },
            groups: if version >= 8 {
                reader.structures(form, version, "OffsetFetchResponse.groups")?
            } else {
                Vec::new()
            },
        };
        reader.skip_tags(form, "OffsetFetchResponse")?;
        Ok(value)
    }
}

impl Encode for OffsetFetchResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 6);
        if version >= 3 {
            sink.int32(self.throttle_time_ms);
        }
        if version <= 7 {
            sink.structures(form, version, &self.topics);
        } else if !self.topics.is_empty() {
            sink.unsupported("OffsetFetchResponse.topics", version);
        }
        if (2..=7).contains(&version) {
            sink.error_code(self.error_code);
        }
        if version >= 8 {
            sink.structures(form, version, &self.groups);
        } else if !self.groups.is_empty() {
            sink.unsupported("OffsetFetchResponse.groups", version);
        }
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetFetchResponseTopic<'a> {
    pub name: &'a str,
    pub partitions: Vec<OffsetFetchResponsePartition<'a>>,
}

impl<'a> Decode<'a> for OffsetFetchResponseTopic<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=5 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 6);
        let value = Self {
            name: reader.string(form, "OffsetFetchResponseTopic.name")?,
            partitions: reader.structures(form, version, "OffsetFetchResponseTopic.partitions")?,
        };
        reader.skip_tags(form, "OffsetFetchResponseTopic")?;
        Ok(value)
    }
}

impl Encode for OffsetFetchResponseTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 6);
        sink.string(form, self.name);
        sink.structures(form, version, &self.partitions);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetFetchResponsePartition<'a> {
    pub partition_index: i32,
    pub committed_offset: i64,
    pub committed_leader_epoch: i32,
    pub metadata: Option<&'a str>,
    pub error_code: ErrorCode,
}

impl Default for OffsetFetchResponsePartition<'_> {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            metadata: None,
            error_code: ErrorCode::NONE,
        }
    }
}

impl<'a> Decode<'a> for OffsetFetchResponsePartition<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=4 => 16,
            _ => 20,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 6);
        let value = Self {
            partition_index: reader.int32("OffsetFetchResponsePartition.partition_index")?,
            committed_offset: reader.int64("OffsetFetchResponsePartition.committed_offset")?,
            committed_leader_epoch: if version >= 5 {
                reader.int32("OffsetFetchResponsePartition.committed_leader_epoch")?
            } else {
                -1
            },
            metadata: reader.nullable_string(form, "OffsetFetchResponsePartition.metadata")?,
            error_code: reader.error_code("OffsetFetchResponsePartition.error_code")?,
        };
        reader.skip_tags(form, "OffsetFetchResponsePartition")?;
        Ok(value)
    }
}

impl Encode for OffsetFetchResponsePartition<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 6);
        sink.int32(self.partition_index);
        sink.int64(self.committed_offset);
        if version >= 5 {
            sink.int32(self.committed_leader_epoch);
        }
        sink.nullable_string(form, self.metadata);
        sink.error_code(self.error_code);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetFetchResponseGroup<'a> {
    pub group_id: &'a str,
    pub topics: Vec<OffsetFetchResponseTopics<'a>>,
    pub error_code: ErrorCode,
}

impl<'a> Decode<'a> for OffsetFetchResponseGroup<'a> {
    fn minimum_size(_version: i16) -> usize {
        5
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            group_id: reader.string(Form::Compact, "OffsetFetchResponseGroup.group_id")?,
            topics: reader.structures(Form::Compact, version, "OffsetFetchResponseGroup.topics")?,
            error_code: reader.error_code("OffsetFetchResponseGroup.error_code")?,
        };
        reader.skip_tags(Form::Compact, "OffsetFetchResponseGroup")?;
        Ok(value)
    }
}

impl Encode for OffsetFetchResponseGroup<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.string(Form::Compact, self.group_id);
        sink.structures(Form::Compact, version, &self.topics);
        sink.error_code(self.error_code);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetFetchResponseTopics<'a> {
    pub name: &'a str,
    pub topic_id: Uuid,
    pub partitions: Vec<OffsetFetchResponsePartitions<'a>>,
}

impl<'a> Decode<'a> for OffsetFetchResponseTopics<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=9 => 3,
            _ => 18,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            name: if version <= 9 {
                reader.string(Form::Compact, "OffsetFetchResponseTopics.name")?
            } else {
                ""
            },
            topic_id: if version >= 10 {
                reader.uuid("OffsetFetchResponseTopics.topic_id")?
            } else {
                Uuid::ZERO
            },
            partitions: reader.structures(Form::Compact, version, "OffsetFetchResponseTopics.partitions")?,
        };
        reader.skip_tags(Form::Compact, "OffsetFetchResponseTopics")?;
        Ok(value)
    }
}

impl Encode for OffsetFetchResponseTopics<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        if version <= 9 {
            sink.string(Form::Compact, self.name);
        }
        if version >= 10 {
            sink.uuid(self.topic_id);
        }
        sink.structures(Form::Compact, version, &self.partitions);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetFetchResponsePartitions<'a> {
    pub partition_index: i32,
    pub committed_offset: i64,
    pub committed_leader_epoch: i32,
    pub metadata: Option<&'a str>,
    pub error_code: ErrorCode,
}

impl Default for OffsetFetchResponsePartitions<'_> {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            metadata: None,
            error_code: ErrorCode::NONE,
        }
    }
}

impl<'a> Decode<'a> for OffsetFetchResponsePartitions<'a> {
    fn minimum_size(_version: i16) -> usize {
        20
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            partition_index: reader.int32("OffsetFetchResponsePartitions.partition_index")?,
            committed_offset: reader.int64("OffsetFetchResponsePartitions.committed_offset")?,
            committed_leader_epoch: reader.int32("OffsetFetchResponsePartitions.committed_leader_epoch")?,
            metadata: reader.nullable_string(Form::Compact, "OffsetFetchResponsePartitions.metadata")?,
            error_code: reader.error_code("OffsetFetchResponsePartitions.error_code")?,
        };
        reader.skip_tags(Form::Compact, "OffsetFetchResponsePartitions")?;
        Ok(value)
    }
}

impl Encode for OffsetFetchResponsePartitions<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.partition_index);
        sink.int64(self.committed_offset);
        sink.int32(self.committed_leader_epoch);
        sink.nullable_string(Form::Compact, self.metadata);
        sink.error_code(self.error_code);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for OffsetFetchResponse<'a> {
    const API: ApiKey = ApiKey::OffsetFetch;
    const VERSIONS: Versions = super::versions::OFFSET_FETCH;
}
