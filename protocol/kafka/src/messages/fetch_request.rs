// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Tag, Versions};
use ringlog_model::Uuid;

/// Reads record batches from partitions, waiting until there are enough (KIP-74, KIP-227, KIP-320, KIP-516,
/// KIP-903).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchRequest<'a> {
    pub cluster_id: Option<&'a str>,
    /// -1 for consumers.
    pub replica_id: i32,
    pub replica_state: ReplicaState,
    pub max_wait_ms: i32,
    /// Answer when there are so many bytes, or after `max_wait_ms`.
    pub min_bytes: i32,
    pub max_bytes: i32,
    /// 0: up to the high watermark; 1: up to the last stable offset.
    pub isolation_level: i8,
    pub session_id: i32,
    /// -1: without a session, or the end of one; 0: begin one; else the next number of `session_id`.
    pub session_epoch: i32,
    pub topics: Vec<FetchTopic<'a>>,
    /// Partitions that leave the session.
    pub forgotten_topics_data: Vec<ForgottenTopic<'a>>,
    pub rack_id: &'a str,
}

impl Default for FetchRequest<'_> {
    fn default() -> Self {
        Self {
            cluster_id: None,
            replica_id: -1,
            replica_state: ReplicaState::default(),
            max_wait_ms: 0,
            min_bytes: 0,
            max_bytes: i32::MAX,
            isolation_level: 0,
            session_id: 0,
            session_epoch: -1,
            topics: Vec::new(),
            forgotten_topics_data: Vec::new(),
            rack_id: "",
        }
    }
}

impl<'a> Decode<'a> for FetchRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=6 => 21,
            7..=10 => 33,
            11 => 35,
            12..=14 => 29,
            _ => 25,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 12);
        let mut value = Self {
            cluster_id: None,
            replica_id: if version <= 14 { reader.int32("FetchRequest.replica_id")? } else { -1 },
            replica_state: ReplicaState::default(),
            max_wait_ms: reader.int32("FetchRequest.max_wait_ms")?,
            min_bytes: reader.int32("FetchRequest.min_bytes")?,
            max_bytes: reader.int32("FetchRequest.max_bytes")?,
            isolation_level: reader.int8("FetchRequest.isolation_level")?,
            session_id: if version >= 7 { reader.int32("FetchRequest.session_id")? } else { 0 },
            session_epoch: if version >= 7 { reader.int32("FetchRequest.session_epoch")? } else { -1 },
            topics: reader.structures(form, version, "FetchRequest.topics")?,
            forgotten_topics_data: if version >= 7 {
                reader.structures(form, version, "FetchRequest.forgotten_topics_data")?
            } else {
                Vec::new()
            },
            rack_id: if version >= 11 { reader.string(form, "FetchRequest.rack_id")? } else { "" },
        };
        if form == Form::Compact {
            reader.tags("FetchRequest", |reader, tag| {
                match tag {
                    0 => {
                        value.cluster_id = reader.nullable_string(Form::Compact, "FetchRequest.cluster_id")?
                    }
                    1 if version >= 15 => value.replica_state = ReplicaState::decode(reader, version)?,
                    _ => return Ok(Tag::Unknown),
                }
                Ok(Tag::Read)
            })?;
        }
        Ok(value)
    }
}

impl Encode for FetchRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 12);
        if version <= 14 {
            sink.int32(self.replica_id);
        } else if self.replica_id != -1 {
            sink.unsupported("FetchRequest.replica_id", version);
        }
        sink.int32(self.max_wait_ms);
        sink.int32(self.min_bytes);
        sink.int32(self.max_bytes);
        sink.int8(self.isolation_level);
        if version >= 7 {
            sink.int32(self.session_id);
        }
        if version >= 7 {
            sink.int32(self.session_epoch);
        }
        sink.structures(form, version, &self.topics);
        if version >= 7 {
            sink.structures(form, version, &self.forgotten_topics_data);
        } else if !self.forgotten_topics_data.is_empty() {
            sink.unsupported("FetchRequest.forgotten_topics_data", version);
        }
        if version >= 11 {
            sink.string(form, self.rack_id);
        }
        if form == Form::Compact {
            sink.varint(
                u32::from(self.cluster_id.is_some())
                    + u32::from(version >= 15 && self.replica_state != ReplicaState::default()),
            );
            if self.cluster_id.is_some() {
                let mark = sink.begin_tag(0);
                sink.nullable_string(Form::Compact, self.cluster_id);
                sink.end_tag(mark);
            }
            if version >= 15 && self.replica_state != ReplicaState::default() {
                let mark = sink.begin_tag(1);
                self.replica_state.encode(sink, version);
                sink.end_tag(mark);
            }
        }
        if version < 15 && self.replica_state != ReplicaState::default() {
            sink.unsupported("FetchRequest.replica_state", version);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaState {
    pub replica_id: i32,
    pub replica_epoch: i64,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self { replica_id: -1, replica_epoch: -1 }
    }
}

impl<'a> Decode<'a> for ReplicaState {
    fn minimum_size(_version: i16) -> usize {
        13
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            replica_id: reader.int32("ReplicaState.replica_id")?,
            replica_epoch: reader.int64("ReplicaState.replica_epoch")?,
        };
        reader.skip_tags(Form::Compact, "ReplicaState")?;
        Ok(value)
    }
}

impl Encode for ReplicaState {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.replica_id);
        sink.int64(self.replica_epoch);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchTopic<'a> {
    /// Empty where the version names topics by id.
    pub topic: &'a str,
    pub topic_id: Uuid,
    pub partitions: Vec<FetchPartition>,
}

impl<'a> Decode<'a> for FetchTopic<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=11 => 6,
            12 => 3,
            _ => 18,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 12);
        let value = Self {
            topic: if version <= 12 { reader.string(form, "FetchTopic.topic")? } else { "" },
            topic_id: if version >= 13 { reader.uuid("FetchTopic.topic_id")? } else { Uuid::ZERO },
            partitions: reader.structures(form, version, "FetchTopic.partitions")?,
        };
        reader.skip_tags(form, "FetchTopic")?;
        Ok(value)
    }
}

impl Encode for FetchTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 12);
        if version <= 12 {
            sink.string(form, self.topic);
        }
        if version >= 13 {
            sink.uuid(self.topic_id);
        }
        sink.structures(form, version, &self.partitions);
        sink.no_tags(form);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchPartition {
    pub partition: i32,
    pub current_leader_epoch: i32,
    pub fetch_offset: i64,
    pub last_fetched_epoch: i32,
    /// The start of a follower's own log.
    pub log_start_offset: i64,
    pub partition_max_bytes: i32,
    pub replica_directory_id: Uuid,
    pub high_watermark: i64,
}

impl Default for FetchPartition {
    fn default() -> Self {
        Self {
            partition: 0,
            current_leader_epoch: -1,
            fetch_offset: 0,
            last_fetched_epoch: -1,
            log_start_offset: -1,
            partition_max_bytes: 0,
            replica_directory_id: Uuid::ZERO,
            high_watermark: i64::MAX,
        }
    }
}

impl<'a> Decode<'a> for FetchPartition {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=4 => 16,
            5..=8 => 24,
            9..=11 => 28,
            _ => 33,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 12);
        let mut value = Self {
            partition: reader.int32("FetchPartition.partition")?,
            current_leader_epoch: if version >= 9 {
                reader.int32("FetchPartition.current_leader_epoch")?
            } else {
                -1
            },
            fetch_offset: reader.int64("FetchPartition.fetch_offset")?,
            last_fetched_epoch: if version >= 12 {
                reader.int32("FetchPartition.last_fetched_epoch")?
            } else {
                -1
            },
            log_start_offset: if version >= 5 {
                reader.int64("FetchPartition.log_start_offset")?
            } else {
                -1
            },
            partition_max_bytes: reader.int32("FetchPartition.partition_max_bytes")?,
            replica_directory_id: Uuid::ZERO,
            high_watermark: i64::MAX,
        };
        if form == Form::Compact {
            reader.tags("FetchPartition", |reader, tag| {
                match tag {
                    0 if version >= 17 => {
                        value.replica_directory_id = reader.uuid("FetchPartition.replica_directory_id")?
                    }
                    1 if version >= 18 => {
                        value.high_watermark = reader.int64("FetchPartition.high_watermark")?
                    }
                    _ => return Ok(Tag::Unknown),
                }
                Ok(Tag::Read)
            })?;
        }
        Ok(value)
    }
}

impl Encode for FetchPartition {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 12);
        sink.int32(self.partition);
        if version >= 9 {
            sink.int32(self.current_leader_epoch);
        }
        sink.int64(self.fetch_offset);
        if version >= 12 {
            sink.int32(self.last_fetched_epoch);
        } else if self.last_fetched_epoch != -1 {
            sink.unsupported("FetchPartition.last_fetched_epoch", version);
        }
        if version >= 5 {
            sink.int64(self.log_start_offset);
        }
        sink.int32(self.partition_max_bytes);
        if form == Form::Compact {
            sink.varint(
                u32::from(version >= 17 && self.replica_directory_id != Uuid::ZERO)
                    + u32::from(version >= 18 && self.high_watermark != i64::MAX),
            );
            if version >= 17 && self.replica_directory_id != Uuid::ZERO {
                let mark = sink.begin_tag(0);
                sink.uuid(self.replica_directory_id);
                sink.end_tag(mark);
            }
            if version >= 18 && self.high_watermark != i64::MAX {
                let mark = sink.begin_tag(1);
                sink.int64(self.high_watermark);
                sink.end_tag(mark);
            }
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForgottenTopic<'a> {
    pub topic: &'a str,
    pub topic_id: Uuid,
    pub partitions: Vec<i32>,
}

impl<'a> Decode<'a> for ForgottenTopic<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=11 => 6,
            12 => 3,
            _ => 18,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 12);
        let value = Self {
            topic: if version <= 12 { reader.string(form, "ForgottenTopic.topic")? } else { "" },
            topic_id: if version >= 13 { reader.uuid("ForgottenTopic.topic_id")? } else { Uuid::ZERO },
            partitions: reader.array(form, 4, "ForgottenTopic.partitions", |reader| {
                reader.int32("ForgottenTopic.partitions")
            })?,
        };
        reader.skip_tags(form, "ForgottenTopic")?;
        Ok(value)
    }
}

impl Encode for ForgottenTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 12);
        if version <= 12 {
            sink.string(form, self.topic);
        }
        if version >= 13 {
            sink.uuid(self.topic_id);
        }
        sink.array(form, &self.partitions, |sink, item| sink.int32(*item));
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for FetchRequest<'a> {
    const API: ApiKey = ApiKey::Fetch;
    const VERSIONS: Versions = super::versions::FETCH;
}
