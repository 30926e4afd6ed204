// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Tag, Versions};
use ringlog_model::Uuid;

/// Appends record batches to partitions (KIP-98, KIP-516, KIP-951).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProduceResponse<'a> {
    pub responses: Vec<TopicProduceResponse<'a>>,
    pub throttle_time_ms: i32,
    pub node_endpoints: Vec<NodeEndpoint<'a>>,
}

impl<'a> Decode<'a> for ProduceResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=8 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 9);
        let mut value = Self {
            responses: reader.structures(form, version, "ProduceResponse.responses")?,
            throttle_time_ms: reader.int32("ProduceResponse.throttle_time_ms")?,
            node_endpoints: Vec::new(),
        };
        if form == Form::Compact {
            reader.tags("ProduceResponse", |reader, tag| {
                match tag {
                    0 if version >= 10 => {
                        value.node_endpoints =
                            reader.structures(Form::Compact, version, "ProduceResponse.node_endpoints")?
                    }
                    _ => return Ok(Tag::Unknown),
                }
                Ok(Tag::Read)
            })?;
        }
        Ok(value)
    }
}

impl Encode for ProduceResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 9);
        sink.structures(form, version, &self.responses);
        sink.int32(self.throttle_time_ms);
        if form == Form::Compact {
            sink.varint(u32::from(version >= 10 && !self.node_endpoints.is_empty()));
            if version >= 10 && !self.node_endpoints.is_empty() {
                let mark = sink.begin_tag(0);
                sink.structures(Form::Compact, version, &self.node_endpoints);
                sink.end_tag(mark);
            }
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicProduceResponse<'a> {
    pub name: &'a str,
    pub topic_id: Uuid,
    pub partition_responses: Vec<PartitionProduceResponse<'a>>,
}

impl<'a> Decode<'a> for TopicProduceResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=8 => 6,
            9..=12 => 3,
            _ => 18,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 9);
        let value = Self {
            name: if version <= 12 { reader.string(form, "TopicProduceResponse.name")? } else { "" },
            topic_id: if version >= 13 { reader.uuid("TopicProduceResponse.topic_id")? } else { Uuid::ZERO },
            partition_responses: reader.structures(
                form,
                version,
                "TopicProduceResponse.partition_responses",
            )?,
        };
        reader.skip_tags(form, "TopicProduceResponse")?;
        Ok(value)
    }
}

impl Encode for TopicProduceResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 9);
        if version <= 12 {
            sink.string(form, self.name);
        }
        if version >= 13 {
            sink.uuid(self.topic_id);
        }
        sink.structures(form, version, &self.partition_responses);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionProduceResponse<'a> {
    pub index: i32,
    pub error_code: ErrorCode,
    pub base_offset: i64,
    pub log_append_time_ms: i64,
    pub log_start_offset: i64,
    /// Which records of a refused batch were at fault.
    pub record_errors: Vec<BatchIndexAndErrorMessage<'a>>,
    pub error_message: Option<&'a str>,
    /// Set with NOT_LEADER_OR_FOLLOWER: where to go instead.
    pub current_leader: LeaderIdAndEpoch,
}

impl Default for PartitionProduceResponse<'_> {
    fn default() -> Self {
        Self {
            index: 0,
            error_code: ErrorCode::NONE,
            base_offset: 0,
            log_append_time_ms: -1,
            log_start_offset: -1,
            record_errors: Vec::new(),
            error_message: None,
            current_leader: LeaderIdAndEpoch::default(),
        }
    }
}

impl<'a> Decode<'a> for PartitionProduceResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=4 => 22,
            5..=7 => 30,
            8 => 36,
            _ => 33,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 9);
        let mut value = Self {
            index: reader.int32("PartitionProduceResponse.index")?,
            error_code: reader.error_code("PartitionProduceResponse.error_code")?,
            base_offset: reader.int64("PartitionProduceResponse.base_offset")?,
            log_append_time_ms: reader.int64("PartitionProduceResponse.log_append_time_ms")?,
            log_start_offset: if version >= 5 {
                reader.int64("PartitionProduceResponse.log_start_offset")?
            } else {
                -1
            },
            record_errors: if version >= 8 {
                reader.structures(form, version, "PartitionProduceResponse.record_errors")?
            } else {
                Vec::new()
            },
            error_message: if version >= 8 {
                reader.nullable_string(form, "PartitionProduceResponse.error_message")?
            } else {
                None
            },
            current_leader: LeaderIdAndEpoch::default(),
        };
        if form == Form::Compact {
            reader.tags("PartitionProduceResponse", |reader, tag| {
                match tag {
                    0 if version >= 10 => value.current_leader = LeaderIdAndEpoch::decode(reader, version)?,
                    _ => return Ok(Tag::Unknown),
                }
                Ok(Tag::Read)
            })?;
        }
        Ok(value)
    }
}

impl Encode for PartitionProduceResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 9);
        sink.int32(self.index);
        sink.error_code(self.error_code);
        sink.int64(self.base_offset);
        sink.int64(self.log_append_time_ms);
        if version >= 5 {
            sink.int64(self.log_start_offset);
        }
        if version >= 8 {
            sink.structures(form, version, &self.record_errors);
        }
        if version >= 8 {
            sink.nullable_string(form, self.error_message);
        }
        if form == Form::Compact {
            sink.varint(u32::from(version >= 10 && self.current_leader != LeaderIdAndEpoch::default()));
            if version >= 10 && self.current_leader != LeaderIdAndEpoch::default() {
                let mark = sink.begin_tag(0);
                self.current_leader.encode(sink, version);
                sink.end_tag(mark);
            }
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchIndexAndErrorMessage<'a> {
    pub batch_index: i32,
    pub batch_index_error_message: Option<&'a str>,
}

impl<'a> Decode<'a> for BatchIndexAndErrorMessage<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 9);
        let value = Self {
            batch_index: reader.int32("BatchIndexAndErrorMessage.batch_index")?,
            batch_index_error_message: reader
                .nullable_string(form, "BatchIndexAndErrorMessage.batch_index_error_message")?,
        };
        reader.skip_tags(form, "BatchIndexAndErrorMessage")?;
        Ok(value)
    }
}

impl Encode for BatchIndexAndErrorMessage<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 9);
        sink.int32(self.batch_index);
        sink.nullable_string(form, self.batch_index_error_message);
        sink.no_tags(form);
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

impl<'a> Message<'a> for ProduceResponse<'a> {
    const API: ApiKey = ApiKey::Produce;
    const VERSIONS: Versions = super::versions::PRODUCE;
}
