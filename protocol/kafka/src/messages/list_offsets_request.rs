// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Offsets of partitions by timestamp, or the first, last and other named ones (KIP-79, KIP-734, KIP-1005).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListOffsetsRequest<'a> {
    pub replica_id: i32,
    /// 0: the end is the high watermark; 1: it is the last stable offset.
    pub isolation_level: i8,
    pub topics: Vec<ListOffsetsTopic<'a>>,
    pub timeout_ms: i32,
}

impl<'a> Decode<'a> for ListOffsetsRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 8,
            2..=5 => 9,
            6..=9 => 7,
            _ => 11,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 6);
        let value = Self {
            replica_id: reader.int32("ListOffsetsRequest.replica_id")?,
            isolation_level: if version >= 2 {
                reader.int8("ListOffsetsRequest.isolation_level")?
            } else {
                0
            },
            topics: reader.structures(form, version, "ListOffsetsRequest.topics")?,
            timeout_ms: if version >= 10 { reader.int32("ListOffsetsRequest.timeout_ms")? } else { 0 },
        };
        reader.skip_tags(form, "ListOffsetsRequest")?;
        Ok(value)
    }
}

impl Encode for ListOffsetsRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 6);
        sink.int32(self.replica_id);
        if version >= 2 {
            sink.int8(self.isolation_level);
        } else if self.isolation_level != 0 {
            sink.unsupported("ListOffsetsRequest.isolation_level", version);
        }
        sink.structures(form, version, &self.topics);
        if version >= 10 {
            sink.int32(self.timeout_ms);
        }
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListOffsetsTopic<'a> {
    pub name: &'a str,
    pub partitions: Vec<ListOffsetsPartition>,
}

impl<'a> Decode<'a> for ListOffsetsTopic<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=5 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 6);
        let value = Self {
            name: reader.string(form, "ListOffsetsTopic.name")?,
            partitions: reader.structures(form, version, "ListOffsetsTopic.partitions")?,
        };
        reader.skip_tags(form, "ListOffsetsTopic")?;
        Ok(value)
    }
}

impl Encode for ListOffsetsTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 6);
        sink.string(form, self.name);
        sink.structures(form, version, &self.partitions);
        sink.no_tags(form);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListOffsetsPartition {
    pub partition_index: i32,
    pub current_leader_epoch: i32,
    /// Or -1: the end; -2: the start; -3: the record of the greatest timestamp; -4: the start of what is local;
    /// -5: the end of what is tiered; -6: the first offset not yet tiered.
    pub timestamp: i64,
}

impl Default for ListOffsetsPartition {
    fn default() -> Self {
        Self { partition_index: 0, current_leader_epoch: -1, timestamp: 0 }
    }
}

impl<'a> Decode<'a> for ListOffsetsPartition {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 12,
            4..=5 => 16,
            _ => 17,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 6);
        let value = Self {
            partition_index: reader.int32("ListOffsetsPartition.partition_index")?,
            current_leader_epoch: if version >= 4 {
                reader.int32("ListOffsetsPartition.current_leader_epoch")?
            } else {
                -1
            },
            timestamp: reader.int64("ListOffsetsPartition.timestamp")?,
        };
        reader.skip_tags(form, "ListOffsetsPartition")?;
        Ok(value)
    }
}

impl Encode for ListOffsetsPartition {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 6);
        sink.int32(self.partition_index);
        if version >= 4 {
            sink.int32(self.current_leader_epoch);
        }
        sink.int64(self.timestamp);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for ListOffsetsRequest<'a> {
    const API: ApiKey = ApiKey::ListOffsets;
    const VERSIONS: Versions = super::versions::LIST_OFFSETS;
}
