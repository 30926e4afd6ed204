// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};
use ringlog_model::Uuid;

/// Commits a group's positions (KIP-211, KIP-345, KIP-848).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetCommitRequest<'a> {
    pub group_id: &'a str,
    pub generation_id_or_member_epoch: i32,
    pub member_id: &'a str,
    pub group_instance_id: Option<&'a str>,
    pub retention_time_ms: i64,
    pub topics: Vec<OffsetCommitRequestTopic<'a>>,
}

impl Default for OffsetCommitRequest<'_> {
    fn default() -> Self {
        Self {
            group_id: "",
            generation_id_or_member_epoch: -1,
            member_id: "",
            group_instance_id: None,
            retention_time_ms: -1,
            topics: Vec::new(),
        }
    }
}

impl<'a> Decode<'a> for OffsetCommitRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=4 => 20,
            5..=6 => 12,
            7 => 14,
            _ => 9,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 8);
        let value = Self {
            group_id: reader.string(form, "OffsetCommitRequest.group_id")?,
            generation_id_or_member_epoch: reader
                .int32("OffsetCommitRequest.generation_id_or_member_epoch")?,
            member_id: reader.string(form, "OffsetCommitRequest.member_id")?,
            group_instance_id: if version >= 7 {
                reader.nullable_string(form, "OffsetCommitRequest.group_instance_id")?
            } else {
                None
            },
            retention_time_ms: if version <= 4 {
                reader.int64("OffsetCommitRequest.retention_time_ms")?
            } else {
                -1
            },
            topics: reader.structures(form, version, "OffsetCommitRequest.topics")?,
        };
        reader.skip_tags(form, "OffsetCommitRequest")?;
        Ok(value)
    }
}

impl Encode for OffsetCommitRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 8);
        sink.string(form, self.group_id);
        sink.int32(self.generation_id_or_member_epoch);
        sink.string(form, self.member_id);
        if version >= 7 {
            sink.nullable_string(form, self.group_instance_id);
        } else if self.group_instance_id.is_some() {
            sink.unsupported("OffsetCommitRequest.group_instance_id", version);
        }
        if version <= 4 {
            sink.int64(self.retention_time_ms);
        }
        sink.structures(form, version, &self.topics);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetCommitRequestTopic<'a> {
    pub name: &'a str,
    pub topic_id: Uuid,
    pub partitions: Vec<OffsetCommitRequestPartition<'a>>,
}

impl<'a> Decode<'a> for OffsetCommitRequestTopic<'a> {
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
            name: if version <= 9 { reader.string(form, "OffsetCommitRequestTopic.name")? } else { "" },
            topic_id: if version >= 10 {
                reader.uuid("OffsetCommitRequestTopic.topic_id")?
            } else {
                Uuid::ZERO
            },
            partitions: reader.structures(form, version, "OffsetCommitRequestTopic.partitions")?,
        };
        reader.skip_tags(form, "OffsetCommitRequestTopic")?;
        Ok(value)
    }
}

impl Encode for OffsetCommitRequestTopic<'_> {
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetCommitRequestPartition<'a> {
    pub partition_index: i32,
    pub committed_offset: i64,
    pub committed_leader_epoch: i32,
    pub committed_metadata: Option<&'a str>,
}

impl Default for OffsetCommitRequestPartition<'_> {
    fn default() -> Self {
        Self { partition_index: 0, committed_offset: 0, committed_leader_epoch: -1, committed_metadata: None }
    }
}

impl<'a> Decode<'a> for OffsetCommitRequestPartition<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=5 => 14,
            _ => 18,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 8);
        let value = Self {
            partition_index: reader.int32("OffsetCommitRequestPartition.partition_index")?,
            committed_offset: reader.int64("OffsetCommitRequestPartition.committed_offset")?,
            committed_leader_epoch: if version >= 6 {
                reader.int32("OffsetCommitRequestPartition.committed_leader_epoch")?
            } else {
                -1
            },
            committed_metadata: reader
                .nullable_string(form, "OffsetCommitRequestPartition.committed_metadata")?,
        };
        reader.skip_tags(form, "OffsetCommitRequestPartition")?;
        Ok(value)
    }
}

impl Encode for OffsetCommitRequestPartition<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 8);
        sink.int32(self.partition_index);
        sink.int64(self.committed_offset);
        if version >= 6 {
            sink.int32(self.committed_leader_epoch);
        }
        sink.nullable_string(form, self.committed_metadata);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for OffsetCommitRequest<'a> {
    const API: ApiKey = ApiKey::OffsetCommit;
    const VERSIONS: Versions = super::versions::OFFSET_COMMIT;
}
