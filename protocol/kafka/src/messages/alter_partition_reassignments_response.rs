// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Moves partitions between brokers, or stops a move that is under way (KIP-455).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlterPartitionReassignmentsResponse<'a> {
    pub throttle_time_ms: i32,
    pub allow_replication_factor_change: bool,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub responses: Vec<ReassignableTopicResponse<'a>>,
}

impl Default for AlterPartitionReassignmentsResponse<'_> {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            allow_replication_factor_change: true,
            error_code: ErrorCode::NONE,
            error_message: None,
            responses: Vec::new(),
        }
    }
}

impl<'a> Decode<'a> for AlterPartitionReassignmentsResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 9,
            _ => 10,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            throttle_time_ms: reader.int32("AlterPartitionReassignmentsResponse.throttle_time_ms")?,
            allow_replication_factor_change: if version >= 1 {
                reader.boolean("AlterPartitionReassignmentsResponse.allow_replication_factor_change")?
            } else {
                true
            },
            error_code: reader.error_code("AlterPartitionReassignmentsResponse.error_code")?,
            error_message: reader
                .nullable_string(Form::Compact, "AlterPartitionReassignmentsResponse.error_message")?,
            responses: reader.structures(
                Form::Compact,
                version,
                "AlterPartitionReassignmentsResponse.responses",
            )?,
        };
        reader.skip_tags(Form::Compact, "AlterPartitionReassignmentsResponse")?;
        Ok(value)
    }
}

impl Encode for AlterPartitionReassignmentsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.throttle_time_ms);
        if version >= 1 {
            sink.boolean(self.allow_replication_factor_change);
        }
        sink.error_code(self.error_code);
        sink.nullable_string(Form::Compact, self.error_message);
        sink.structures(Form::Compact, version, &self.responses);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReassignableTopicResponse<'a> {
    pub name: &'a str,
    pub partitions: Vec<ReassignablePartitionResponse<'a>>,
}

impl<'a> Decode<'a> for ReassignableTopicResponse<'a> {
    fn minimum_size(_version: i16) -> usize {
        3
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            name: reader.string(Form::Compact, "ReassignableTopicResponse.name")?,
            partitions: reader.structures(Form::Compact, version, "ReassignableTopicResponse.partitions")?,
        };
        reader.skip_tags(Form::Compact, "ReassignableTopicResponse")?;
        Ok(value)
    }
}

impl Encode for ReassignableTopicResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.string(Form::Compact, self.name);
        sink.structures(Form::Compact, version, &self.partitions);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReassignablePartitionResponse<'a> {
    pub partition_index: i32,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
}

impl<'a> Decode<'a> for ReassignablePartitionResponse<'a> {
    fn minimum_size(_version: i16) -> usize {
        8
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            partition_index: reader.int32("ReassignablePartitionResponse.partition_index")?,
            error_code: reader.error_code("ReassignablePartitionResponse.error_code")?,
            error_message: reader
                .nullable_string(Form::Compact, "ReassignablePartitionResponse.error_message")?,
        };
        reader.skip_tags(Form::Compact, "ReassignablePartitionResponse")?;
        Ok(value)
    }
}

impl Encode for ReassignablePartitionResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.partition_index);
        sink.error_code(self.error_code);
        sink.nullable_string(Form::Compact, self.error_message);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for AlterPartitionReassignmentsResponse<'a> {
    const API: ApiKey = ApiKey::AlterPartitionReassignments;
    const VERSIONS: Versions = super::versions::ALTER_PARTITION_REASSIGNMENTS;
}
