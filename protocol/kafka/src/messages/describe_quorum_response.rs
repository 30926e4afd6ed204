// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};
use ringlog_model::Uuid;

/// The controllers: who leads them, and how far each has come (KIP-595, KIP-836, KIP-853).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeQuorumResponse<'a> {
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub topics: Vec<TopicData<'a>>,
    pub nodes: Vec<Node<'a>>,
}

impl<'a> Decode<'a> for DescribeQuorumResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 4,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            error_code: reader.error_code("DescribeQuorumResponse.error_code")?,
            error_message: if version >= 2 {
                reader.nullable_string(Form::Compact, "DescribeQuorumResponse.error_message")?
            } else {
                None
            },
            topics: reader.structures(Form::Compact, version, "DescribeQuorumResponse.topics")?,
            nodes: if version >= 2 {
                reader.structures(Form::Compact, version, "DescribeQuorumResponse.nodes")?
            } else {
                Vec::new()
            },
        };
        reader.skip_tags(Form::Compact, "DescribeQuorumResponse")?;
        Ok(value)
    }
}

impl Encode for DescribeQuorumResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.error_code(self.error_code);
        if version >= 2 {
            sink.nullable_string(Form::Compact, self.error_message);
        }
        sink.structures(Form::Compact, version, &self.topics);
        if version >= 2 {
            sink.structures(Form::Compact, version, &self.nodes);
        } else if !self.nodes.is_empty() {
            sink.unsupported("DescribeQuorumResponse.nodes", version);
        }
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicData<'a> {
    pub topic_name: &'a str,
    pub partitions: Vec<PartitionData<'a>>,
}

impl<'a> Decode<'a> for TopicData<'a> {
    fn minimum_size(_version: i16) -> usize {
        3
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topic_name: reader.string(Form::Compact, "TopicData.topic_name")?,
            partitions: reader.structures(Form::Compact, version, "TopicData.partitions")?,
        };
        reader.skip_tags(Form::Compact, "TopicData")?;
        Ok(value)
    }
}

impl Encode for TopicData<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.string(Form::Compact, self.topic_name);
        sink.structures(Form::Compact, version, &self.partitions);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartitionData<'a> {
    pub partition_index: i32,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub leader_id: i32,
    pub leader_epoch: i32,
    pub high_watermark: i64,
    pub current_voters: Vec<ReplicaState>,
    pub observers: Vec<ReplicaState>,
}

impl<'a> Decode<'a> for PartitionData<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 25,
            _ => 26,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            partition_index: reader.int32("PartitionData.partition_index")?,
            error_code: reader.error_code("PartitionData.error_code")?,
            error_message: if version >= 2 {
                reader.nullable_string(Form::Compact, "PartitionData.error_message")?
            } else {
                None
            },
            leader_id: reader.int32("PartitionData.leader_id")?,
            leader_epoch: reader.int32("PartitionData.leader_epoch")?,
            high_watermark: reader.int64("PartitionData.high_watermark")?,
            current_voters: reader.structures(Form::Compact, version, "PartitionData.current_voters")?,
            observers: reader.structures(Form::Compact, version, "PartitionData.observers")?,
        };
        reader.skip_tags(Form::Compact, "PartitionData")?;
        Ok(value)
    }
}

impl Encode for PartitionData<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.partition_index);
        sink.error_code(self.error_code);
        if version >= 2 {
            sink.nullable_string(Form::Compact, self.error_message);
        }
        sink.int32(self.leader_id);
        sink.int32(self.leader_epoch);
        sink.int64(self.high_watermark);
        sink.structures(Form::Compact, version, &self.current_voters);
        sink.structures(Form::Compact, version, &self.observers);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaState {
    pub replica_id: i32,
    pub replica_directory_id: Uuid,
    pub log_end_offset: i64,
    /// In milliseconds; -1 for the leader itself and where it is not known.
    pub last_fetch_timestamp: i64,
    /// In milliseconds; the present for the leader itself, -1 where it is not known.
    pub last_caught_up_timestamp: i64,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self {
            replica_id: 0,
            replica_directory_id: Uuid::ZERO,
            log_end_offset: 0,
            last_fetch_timestamp: -1,
            last_caught_up_timestamp: -1,
        }
    }
}

impl<'a> Decode<'a> for ReplicaState {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 13,
            1 => 29,
            _ => 45,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            replica_id: reader.int32("ReplicaState.replica_id")?,
            replica_directory_id: if version >= 2 {
                reader.uuid("ReplicaState.replica_directory_id")?
            } else {
                Uuid::ZERO
            },
            log_end_offset: reader.int64("ReplicaState.log_end_offset")?,
            last_fetch_timestamp: if version >= 1 {
                reader.int64("ReplicaState.last_fetch_timestamp")?
            } else {
                -1
            },
            last_caught_up_timestamp: if version >= 1 {
                reader.int64("ReplicaState.last_caught_up_timestamp")?
            } else {
                -1
            },
        };
        reader.skip_tags(Form::Compact, "ReplicaState")?;
        Ok(value)
    }
}

impl Encode for ReplicaState {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.replica_id);
        if version >= 2 {
            sink.uuid(self.replica_directory_id);
        }
        sink.int64(self.log_end_offset);
        if version >= 1 {
            sink.int64(self.last_fetch_timestamp);
        }
        if version >= 1 {
            sink.int64(self.last_caught_up_timestamp);
        }
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node<'a> {
    pub node_id: i32,
    pub listeners: Vec<Listener<'a>>,
}

impl<'a> Decode<'a> for Node<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            node_id: reader.int32("Node.node_id")?,
            listeners: reader.structures(Form::Compact, version, "Node.listeners")?,
        };
        reader.skip_tags(Form::Compact, "Node")?;
        Ok(value)
    }
}

impl Encode for Node<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.node_id);
        sink.structures(Form::Compact, version, &self.listeners);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listener<'a> {
    pub name: &'a str,
    pub host: &'a str,
    pub port: u16,
}

impl<'a> Decode<'a> for Listener<'a> {
    fn minimum_size(_version: i16) -> usize {
        5
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            name: reader.string(Form::Compact, "Listener.name")?,
            host: reader.string(Form::Compact, "Listener.host")?,
            port: reader.uint16("Listener.port")?,
        };
        reader.skip_tags(Form::Compact, "Listener")?;
        Ok(value)
    }
}

impl Encode for Listener<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Compact, self.name);
        sink.string(Form::Compact, self.host);
        sink.uint16(self.port);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for DescribeQuorumResponse<'a> {
    const API: ApiKey = ApiKey::DescribeQuorum;
    const VERSIONS: Versions = super::versions::DESCRIBE_QUORUM;
}
