// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// The end offset of a leader epoch, to find where two logs diverge (KIP-101, KIP-320).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetForLeaderEpochRequest<'a> {
    /// -1 for consumers.
    pub replica_id: i32,
    pub topics: Vec<OffsetForLeaderTopic<'a>>,
}

impl Default for OffsetForLeaderEpochRequest<'_> {
    fn default() -> Self {
        Self { replica_id: -2, topics: Vec::new() }
    }
}

impl<'a> Decode<'a> for OffsetForLeaderEpochRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=2 => 4,
            3 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            replica_id: if version >= 3 {
                reader.int32("OffsetForLeaderEpochRequest.replica_id")?
            } else {
                -2
            },
            topics: reader.structures(form, version, "OffsetForLeaderEpochRequest.topics")?,
        };
        reader.skip_tags(form, "OffsetForLeaderEpochRequest")?;
        Ok(value)
    }
}

impl Encode for OffsetForLeaderEpochRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        if version >= 3 {
            sink.int32(self.replica_id);
        }
        sink.structures(form, version, &self.topics);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetForLeaderTopic<'a> {
    pub topic: &'a str,
    pub partitions: Vec<OffsetForLeaderPartition>,
}

impl<'a> Decode<'a> for OffsetForLeaderTopic<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            topic: reader.string(form, "OffsetForLeaderTopic.topic")?,
            partitions: reader.structures(form, version, "OffsetForLeaderTopic.partitions")?,
        };
        reader.skip_tags(form, "OffsetForLeaderTopic")?;
        Ok(value)
    }
}

impl Encode for OffsetForLeaderTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.string(form, self.topic);
        sink.structures(form, version, &self.partitions);
        sink.no_tags(form);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetForLeaderPartition {
    pub partition: i32,
    pub current_leader_epoch: i32,
    pub leader_epoch: i32,
}

impl Default for OffsetForLeaderPartition {
    fn default() -> Self {
        Self { partition: 0, current_leader_epoch: -1, leader_epoch: 0 }
    }
}

impl<'a> Decode<'a> for OffsetForLeaderPartition {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 12,
            _ => 13,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            partition: reader.int32("OffsetForLeaderPartition.partition")?,
            current_leader_epoch: reader.int32("OffsetForLeaderPartition.current_leader_epoch")?,
            leader_epoch: reader.int32("OffsetForLeaderPartition.leader_epoch")?,
        };
        reader.skip_tags(form, "OffsetForLeaderPartition")?;
        Ok(value)
    }
}

impl Encode for OffsetForLeaderPartition {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.int32(self.partition);
        sink.int32(self.current_leader_epoch);
        sink.int32(self.leader_epoch);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for OffsetForLeaderEpochRequest<'a> {
    const API: ApiKey = ApiKey::OffsetForLeaderEpoch;
    const VERSIONS: Versions = super::versions::OFFSET_FOR_LEADER_EPOCH;
}
