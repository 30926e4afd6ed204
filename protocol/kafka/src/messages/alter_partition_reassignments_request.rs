// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Moves partitions between brokers, or stops a move that is under way (KIP-455).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlterPartitionReassignmentsRequest<'a> {
    pub timeout_ms: i32,
    pub allow_replication_factor_change: bool,
    pub topics: Vec<ReassignableTopic<'a>>,
}

impl Default for AlterPartitionReassignmentsRequest<'_> {
    fn default() -> Self {
        Self { timeout_ms: 60000, allow_replication_factor_change: true, topics: Vec::new() }
    }
}

impl<'a> Decode<'a> for AlterPartitionReassignmentsRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 6,
            _ => 7,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            timeout_ms: reader.int32("AlterPartitionReassignmentsRequest.timeout_ms")?,
            allow_replication_factor_change: if version >= 1 {
                reader.boolean("AlterPartitionReassignmentsRequest.allow_replication_factor_change")?
            } else {
                true
            },
            topics: reader.structures(Form::Compact, version, "AlterPartitionReassignmentsRequest.topics")?,
        };
        reader.skip_tags(Form::Compact, "AlterPartitionReassignmentsRequest")?;
        Ok(value)
    }
}

impl Encode for AlterPartitionReassignmentsRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.timeout_ms);
        if version >= 1 {
            sink.boolean(self.allow_replication_factor_change);
        } else if !self.allow_replication_factor_change {
            sink.unsupported("AlterPartitionReassignmentsRequest.allow_replication_factor_change", version);
        }
        sink.structures(Form::Compact, version, &self.topics);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReassignableTopic<'a> {
    pub name: &'a str,
    pub partitions: Vec<ReassignablePartition>,
}

impl<'a> Decode<'a> for ReassignableTopic<'a> {
    fn minimum_size(_version: i16) -> usize {
        3
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            name: reader.string(Form::Compact, "ReassignableTopic.name")?,
            partitions: reader.structures(Form::Compact, version, "ReassignableTopic.partitions")?,
        };
        reader.skip_tags(Form::Compact, "ReassignableTopic")?;
        Ok(value)
    }
}

impl Encode for ReassignableTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.string(Form::Compact, self.name);
        sink.structures(Form::Compact, version, &self.partitions);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReassignablePartition {
    pub partition_index: i32,
    /// Null stops the move that is under way.
    pub replicas: Option<Vec<i32>>,
}

impl<'a> Decode<'a> for ReassignablePartition {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            partition_index: reader.int32("ReassignablePartition.partition_index")?,
            replicas: reader.nullable_array(
                Form::Compact,
                4,
                "ReassignablePartition.replicas",
                |reader| reader.int32("ReassignablePartition.replicas"),
            )?,
        };
        reader.skip_tags(Form::Compact, "ReassignablePartition")?;
        Ok(value)
    }
}

impl Encode for ReassignablePartition {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.partition_index);
        sink.nullable_array(Form::Compact, self.replicas.as_deref(), |sink, item| sink.int32(*item));
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for AlterPartitionReassignmentsRequest<'a> {
    const API: ApiKey = ApiKey::AlterPartitionReassignments;
    const VERSIONS: Versions = super::versions::ALTER_PARTITION_REASSIGNMENTS;
}
