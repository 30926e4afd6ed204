// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Partitions that are moving between replicas (KIP-455).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPartitionReassignmentsRequest<'a> {
    pub timeout_ms: i32,
    pub topics: Option<Vec<ListPartitionReassignmentsTopics<'a>>>,
}

impl Default for ListPartitionReassignmentsRequest<'_> {
    fn default() -> Self {
        Self { timeout_ms: 60000, topics: None }
    }
}

impl<'a> Decode<'a> for ListPartitionReassignmentsRequest<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            timeout_ms: reader.int32("ListPartitionReassignmentsRequest.timeout_ms")?,
            topics: reader.nullable_structures(
                Form::Compact,
                version,
                "ListPartitionReassignmentsRequest.topics",
            )?,
        };
        reader.skip_tags(Form::Compact, "ListPartitionReassignmentsRequest")?;
        Ok(value)
    }
}

impl Encode for ListPartitionReassignmentsRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.timeout_ms);
        sink.nullable_structures(Form::Compact, version, self.topics.as_deref());
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPartitionReassignmentsTopics<'a> {
    pub name: &'a str,
    pub partition_indexes: Vec<i32>,
}

impl<'a> Decode<'a> for ListPartitionReassignmentsTopics<'a> {
    fn minimum_size(_version: i16) -> usize {
        3
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            name: reader.string(Form::Compact, "ListPartitionReassignmentsTopics.name")?,
            partition_indexes: reader.array(
                Form::Compact,
                4,
                "ListPartitionReassignmentsTopics.partition_indexes",
                |reader| reader.int32("ListPartitionReassignmentsTopics.partition_indexes"),
            )?,
        };
        reader.skip_tags(Form::Compact, "ListPartitionReassignmentsTopics")?;
        Ok(value)
    }
}

impl Encode for ListPartitionReassignmentsTopics<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Compact, self.name);
        sink.array(Form::Compact, &self.partition_indexes, |sink, item| sink.int32(*item));
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for ListPartitionReassignmentsRequest<'a> {
    const API: ApiKey = ApiKey::ListPartitionReassignments;
    const VERSIONS: Versions = super::versions::LIST_PARTITION_REASSIGNMENTS;
}
