// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{
    ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Records, Sink, Tag, Versions,
};
use ringlog_model::Uuid;

/// Reads record batches from partitions, waiting until there are enough (KIP-74, KIP-227, KIP-320, KIP-516,
/// KIP-903).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchResponse<'a> {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    /// 0 if there is no session.
    pub session_id: i32,
    pub responses: Vec<FetchableTopicResponse<'a>>,
    /// Addresses of the leaders that partitions with errors name.
    pub node_endpoints: Vec<NodeEndpoint<'a>>,
}

impl<'a> Decode<'a> for FetchResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=6 => 8,
            7..=11 => 14,
            _ => 12,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 12);
        let mut value = Self {
            throttle_time_ms: reader.int32("FetchResponse.throttle_time_ms")?,
            error_code: if version >= 7 {
                reader.error_code("FetchResponse.error_code")?
            } else {
                ErrorCode::NONE
            },
            session_id: if version >= 7 { reader.int32("FetchResponse.session_id")? } else { 0 },
            responses: reader.structures(form, version, "FetchResponse.responses")?,
            node_endpoints: Vec::new(),
        };
        if form == Form::Compact {
            reader.tags("FetchResponse", |reader, tag| {
                match tag {
                    0 if version >= 16 => {
                        value.node_endpoints =
                            reader.structures(Form::Compact, version, "FetchResponse.node_endpoints")?
                    }
                    _ => return Ok(Tag::Unknown),
                }
                Ok(Tag::Read)
            })?;
        }
        Ok(value)
    }
}

impl Encode for FetchResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 12);
        sink.int32(self.throttle_time_ms);
        if version >= 7 {
            sink.error_code(self.error_code);
        }
        if version >= 7 {
            sink.int32(self.session_id);
        }
        sink.structures(form, version, &self.responses);
        if form == Form::Compact {
            sink.varint(u32::from(version >= 16 && !self.node_endpoints.is_empty()));
            if version >= 16 && !self.node_endpoints.is_empty() {
                let mark = sink.begin_tag(0);
                sink.structures(Form::Compact, version, &self.node_endpoints);
                sink.end_tag(mark);
            }
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchableTopicResponse<'a> {
    pub topic: &'a str,
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionData<'a>>,
}

impl<'a> Decode<'a> for FetchableTopicResponse<'a> {
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
            topic: if version <= 12 { reader.string(form, "FetchableTopicResponse.topic")? } else { "" },
            topic_id: if version >= 13 {
                reader.uuid("FetchableTopicResponse.topic_id")?
            } else {
                Uuid::ZERO
            },
            partitions: reader.structures(form, version, "FetchableTopicResponse.partitions")?,
        };
        reader.skip_tags(form, "FetchableTopicResponse")?;
        Ok(value)
    }
}

impl Encode for FetchableTopicResponse<'_> {
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionData<'a> {
    pub partition_index: i32,
    pub error_code: ErrorCode,
    pub high_watermark: i64,
    pub last_stable_offset: i64,
    pub log_start_offset: i64,
    /// Set if the log of the asking replica differs from this epoch on.
    pub diverging_epoch: EpochEndOffset,
    pub current_leader: LeaderIdAndEpoch,
    pub snapshot_id: SnapshotId,
    /// To be left out by readers of committed records, who are told of them; null for others.
    pub aborted_transactions: Option<Vec<AbortedTransaction>>,
    /// A nearer replica to fetch from; -1 for none (KIP-392).
    pub preferred_read_replica: i32,
    pub records: Option<Records<'a>>,
}

impl Default for PartitionData<'_> {
    fn default() -> Self {
        Self {
            partition_index: 0,
            error_code: ErrorCode::NONE,
            high_watermark: 0,
            last_stable_offset: -1,
            log_start_offset: -1,
            diverging_epoch: EpochEndOffset::default(),
            current_leader: LeaderIdAndEpoch::default(),
            snapshot_id: SnapshotId::default(),
            aborted_transactions: None,
            preferred_read_replica: -1,
            records: None,
        }
    }
}

impl<'a> Decode<'a> for PartitionData<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=4 => 30,
            5..=10 => 38,
            11 => 42,
            _ => 37,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 12);
        let mut value = Self {
            partition_index: reader.int32("PartitionData.partition_index")?,
            error_code: reader.error_code("PartitionData.error_code")?,
            high_watermark: reader.int64("PartitionData.high_watermark")?,
            last_stable_offset: reader.int64("PartitionData.last_stable_offset")?,
            log_start_offset: if version >= 5 { reader.int64("PartitionData.log_start_offset")? } else { -1 },
            diverging_epoch: EpochEndOffset::default(),
            current_leader: LeaderIdAndEpoch::default(),
            snapshot_id: SnapshotId::default(),
            aborted_transactions: reader.nullable_structures(
                form,
                version,
                "PartitionData.aborted_transactions",
            )?,
            preferred_read_replica: if version >= 11 {
                reader.int32("PartitionData.preferred_read_replica")?
            } else {
                -1
            },
            records: reader.nullable_records(form, "PartitionData.records")?,
        };
        if form == Form::Compact {
            reader.tags("PartitionData", |reader, tag| {
                match tag {
                    0 => value.diverging_epoch = EpochEndOffset::decode(reader, version)?,
                    1 => value.current_leader = LeaderIdAndEpoch::decode(reader, version)?,
                    2 => value.snapshot_id = SnapshotId::decode(reader, version)?,
                    _ => return Ok(Tag::Unknown),
                }
                Ok(Tag::Read)
            })?;
        }
        Ok(value)
    }
}

impl Encode for PartitionData<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 12);
        sink.int32(self.partition_index);
        sink.error_code(self.error_code);
        sink.int64(self.high_watermark);
        sink.int64(self.last_stable_offset);
        if version >= 5 {
            sink.int64(self.log_start_offset);
        }
        sink.nullable_structures(form, version, self.aborted_transactions.as_deref());
        if version >= 11 {
            sink.int32(self.preferred_read_replica);
        }
        sink.nullable_records(form, self.records.as_ref());
        if form == Form::Compact {
            sink.varint(
                u32::from(self.diverging_epoch != EpochEndOffset::default())
                    + u32::from(self.current_leader != LeaderIdAndEpoch::default())
                    + u32::from(self.snapshot_id != SnapshotId::default()),
            );
            if self.diverging_epoch != EpochEndOffset::default() {
                let mark = sink.begin_tag(0);
                self.diverging_epoch.encode(sink, version);
                sink.end_tag(mark);
            }
            if self.current_leader != LeaderIdAndEpoch::default() {
                let mark = sink.begin_tag(1);
                self.current_leader.encode(sink, version);
                sink.end_tag(mark);
            }
            if self.snapshot_id != SnapshotId::default() {
                let mark = sink.begin_tag(2);
                self.snapshot_id.encode(sink, version);
                sink.end_tag(mark);
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEndOffset {
    pub epoch: i32,
    pub end_offset: i64,
}

impl Default for EpochEndOffset {
    fn default() -> Self {
        Self { epoch: -1, end_offset: -1 }
    }
}

impl<'a> Decode<'a> for EpochEndOffset {
    fn minimum_size(_version: i16) -> usize {
        13
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            epoch: reader.int32("EpochEndOffset.epoch")?,
            end_offset: reader.int64("EpochEndOffset.end_offset")?,
        };
        reader.skip_tags(Form::Compact, "EpochEndOffset")?;
        Ok(value)
    }
}

impl Encode for EpochEndOffset {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.epoch);
        sink.int64(self.end_offset);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaderIdAndEpoch {
    pub leader_id: i32,
    pub leader_epoch: i32,
}

impl Default for LeaderIdAndEpoch {
    fn default() -> Self {
        Self { leader_id: -1, leader_epoch: -1 }
    }
}

impl<'a> Decode<'a> for LeaderIdAndEpoch {
    fn minimum_size(_version: i16) -> usize {
        9
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            leader_id: reader.int32("LeaderIdAndEpoch.leader_id")?,
            leader_epoch: reader.int32("LeaderIdAndEpoch.leader_epoch")?,
        };
        reader.skip_tags(Form::Compact, "LeaderIdAndEpoch")?;
        Ok(value)
    }
}

impl Encode for LeaderIdAndEpoch {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.leader_id);
        sink.int32(self.leader_epoch);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotId {
    pub end_offset: i64,
    pub epoch: i32,
}

impl Default for SnapshotId {
    fn default() -> Self {
        Self { end_offset: -1, epoch: -1 }
    }
}

impl<'a> Decode<'a> for SnapshotId {
    fn minimum_size(_version: i16) -> usize {
        13
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            end_offset: reader.int64("SnapshotId.end_offset")?,
            epoch: reader.int32("SnapshotId.epoch")?,
        };
        reader.skip_tags(Form::Compact, "SnapshotId")?;
        Ok(value)
    }
}

impl Encode for SnapshotId {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int64(self.end_offset);
        sink.int32(self.epoch);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AbortedTransaction {
    pub producer_id: i64,
    pub first_offset: i64,
}

impl<'a> Decode<'a> for AbortedTransaction {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=11 => 16,
            _ => 17,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 12);
        let value = Self {
            producer_id: reader.int64("AbortedTransaction.producer_id")?,
            first_offset: reader.int64("AbortedTransaction.first_offset")?,
        };
        reader.skip_tags(form, "AbortedTransaction")?;
        Ok(value)
    }
}

impl Encode for AbortedTransaction {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 12);
        sink.int64(self.producer_id);
        sink.int64(self.first_offset);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeEndpoint<'a> {
    pub node_id: i32,
    pub host: &'a str,
    pub port: i32,
    pub rack: Option<&'a str>,
}

impl<'a> Decode<'a> for NodeEndpoint<'a> {
    fn minimum_size(_version: i16) -> usize {
        11
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            node_id: reader.int32("NodeEndpoint.node_id")?,
            host: reader.string(Form::Compact, "NodeEndpoint.host")?,
            port: reader.int32("NodeEndpoint.port")?,
            rack: reader.nullable_string(Form::Compact, "NodeEndpoint.rack")?,
        };
        reader.skip_tags(Form::Compact, "NodeEndpoint")?;
        Ok(value)
    }
}

impl Encode for NodeEndpoint<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.node_id);
        sink.string(Form::Compact, self.host);
        sink.int32(self.port);
        sink.nullable_string(Form::Compact, self.rack);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for FetchResponse<'a> {
    const API: ApiKey = ApiKey::Fetch;
    const VERSIONS: Versions = super::versions::FETCH;
}
