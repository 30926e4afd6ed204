// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};
use ringlog_model::Uuid;

/// Topics and partitions page by page (KIP-966).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeTopicPartitionsResponse<'a> {
    pub throttle_time_ms: i32,
    pub topics: Vec<DescribeTopicPartitionsResponseTopic<'a>>,
    /// Where the next page begins; null on the last.
    pub next_cursor: Option<Cursor<'a>>,
}

impl<'a> Decode<'a> for DescribeTopicPartitionsResponse<'a> {
    fn minimum_size(_version: i16) -> usize {
        7
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            throttle_time_ms: reader.int32("DescribeTopicPartitionsResponse.throttle_time_ms")?,
            topics: reader.structures(Form::Compact, version, "DescribeTopicPartitionsResponse.topics")?,
            next_cursor: reader.nullable_structure(version, "DescribeTopicPartitionsResponse.next_cursor")?,
        };
        reader.skip_tags(Form::Compact, "DescribeTopicPartitionsResponse")?;
        Ok(value)
    }
}

impl Encode for DescribeTopicPartitionsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.throttle_time_ms);
        sink.structures(Form::Compact, version, &self.topics);
        sink.nullable_structure(version, self.next_cursor.as_ref());
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribeTopicPartitionsResponseTopic<'a> {
    pub error_code: ErrorCode,
    pub name: Option<&'a str>,
    pub topic_id: Uuid,
    pub is_internal: bool,
    pub partitions: Vec<DescribeTopicPartitionsResponsePartition>,
    pub topic_authorized_operations: i32,
}

impl Default for DescribeTopicPartitionsResponseTopic<'_> {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            name: None,
            topic_id: Uuid::ZERO,
            is_internal: false,
            partitions: Vec::new(),
            topic_authorized_operations: i32::MIN,
        }
    }
}

impl<'a> Decode<'a> for DescribeTopicPartitionsResponseTopic<'a> {
    fn minimum_size(_version: i16) -> usize {
        26
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            error_code: reader.error_code("DescribeTopicPartitionsResponseTopic.error_code")?,
            name: reader.nullable_string(Form::Compact, "DescribeTopicPartitionsResponseTopic.name")?,
            topic_id: reader.uuid("DescribeTopicPartitionsResponseTopic.topic_id")?,
            is_internal: reader.boolean("DescribeTopicPartitionsResponseTopic.is_internal")?,
            partitions: reader.structures(
                Form::Compact,
                version,
                "DescribeTopicPartitionsResponseTopic.partitions",
            )?,
            topic_authorized_operations: reader
                .int32("DescribeTopicPartitionsResponseTopic.topic_authorized_operations")?,
        };
        reader.skip_tags(Form::Compact, "DescribeTopicPartitionsResponseTopic")?;
        Ok(value)
    }
}

impl Encode for DescribeTopicPartitionsResponseTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.error_code(self.error_code);
        sink.nullable_string(Form::Compact, self.name);
        sink.uuid(self.topic_id);
        sink.boolean(self.is_internal);
        sink.structures(Form::Compact, version, &self.partitions);
        sink.int32(self.topic_authorized_operations);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribeTopicPartitionsResponsePartition {
    pub error_code: ErrorCode,
    pub partition_index: i32,
    pub leader_id: i32,
    pub leader_epoch: i32,
    pub replica_nodes: Vec<i32>,
    pub isr_nodes: Vec<i32>,
    pub eligible_leader_replicas: Option<Vec<i32>>,
    pub last_known_elr: Option<Vec<i32>>,
    pub offline_replicas: Vec<i32>,
}

impl Default for DescribeTopicPartitionsResponsePartition {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            partition_index: 0,
            leader_id: 0,
            leader_epoch: -1,
            replica_nodes: Vec::new(),
            isr_nodes: Vec::new(),
            eligible_leader_replicas: None,
            last_known_elr: None,
            offline_replicas: Vec::new(),
        }
    }
}

impl<'a> Decode<'a> for DescribeTopicPartitionsResponsePartition {
    fn minimum_size(_version: i16) -> usize {
        20
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            error_code: reader.error_code("DescribeTopicPartitionsResponsePartition.error_code")?,
            partition_index: reader.int32("DescribeTopicPartitionsResponsePartition.partition_index")?,
            leader_id: reader.int32("DescribeTopicPartitionsResponsePartition.leader_id")?,
            leader_epoch: reader.int32("DescribeTopicPartitionsResponsePartition.leader_epoch")?,
            replica_nodes: reader.array(
                Form::Compact,
                4,
                "DescribeTopicPartitionsResponsePartition.replica_nodes",
                |reader| reader.int32("DescribeTopicPartitionsResponsePartition.replica_nodes"),
            )?,
            isr_nodes: reader.array(
                Form::Compact,
                4,
                "DescribeTopicPartitionsResponsePartition.isr_nodes",
                |reader| reader.int32("DescribeTopicPartitionsResponsePartition.isr_nodes"),
            )?,
            eligible_leader_replicas: reader.nullable_array(
                Form::Compact,
                4,
                "DescribeTopicPartitionsResponsePartition.eligible_leader_replicas",
                |reader| reader.int32("DescribeTopicPartitionsResponsePartition.eligible_leader_replicas"),
            )?,
            last_known_elr: reader.nullable_array(
                Form::Compact,
                4,
                "DescribeTopicPartitionsResponsePartition.last_known_elr",
                |reader| reader.int32("DescribeTopicPartitionsResponsePartition.last_known_elr"),
            )?,
            offline_replicas: reader.array(
                Form::Compact,
                4,
                "DescribeTopicPartitionsResponsePartition.offline_replicas",
                |reader| reader.int32("DescribeTopicPartitionsResponsePartition.offline_replicas"),
            )?,
        };
        reader.skip_tags(Form::Compact, "DescribeTopicPartitionsResponsePartition")?;
        Ok(value)
    }
}

impl Encode for DescribeTopicPartitionsResponsePartition {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.error_code(self.error_code);
        sink.int32(self.partition_index);
        sink.int32(self.leader_id);
        sink.int32(self.leader_epoch);
        sink.array(Form::Compact, &self.replica_nodes, |sink, item| sink.int32(*item));
        sink.array(Form::Compact, &self.isr_nodes, |sink, item| sink.int32(*item));
        sink.nullable_array(Form::Compact, self.eligible_leader_replicas.as_deref(), |sink, item| {
            sink.int32(*item)
        });
        sink.nullable_array(Form::Compact, self.last_known_elr.as_deref(), |sink, item| sink.int32(*item));
        sink.array(Form::Compact, &self.offline_replicas, |sink, item| sink.int32(*item));
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor<'a> {
    pub topic_name: &'a str,
    pub partition_index: i32,
}

impl<'a> Decode<'a> for Cursor<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topic_name: reader.string(Form::Compact, "Cursor.topic_name")?,
            partition_index: reader.int32("Cursor.partition_index")?,
        };
        reader.skip_tags(Form::Compact, "Cursor")?;
        Ok(value)
    }
}

impl Encode for Cursor<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Compact, self.topic_name);
        sink.int32(self.partition_index);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for DescribeTopicPartitionsResponse<'a> {
    const API: ApiKey = ApiKey::DescribeTopicPartitions;
    const VERSIONS: Versions = super::versions::DESCRIBE_TOPIC_PARTITIONS;
}
