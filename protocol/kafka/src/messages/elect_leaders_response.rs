// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Asks for a leader election (KIP-460).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ElectLeadersResponse<'a> {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub replica_election_results: Vec<ReplicaElectionResult<'a>>,
}

impl<'a> Decode<'a> for ElectLeadersResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 8,
            1 => 10,
            _ => 8,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            throttle_time_ms: reader.int32("ElectLeadersResponse.throttle_time_ms")?,
            error_code: if version >= 1 {
                reader.error_code("ElectLeadersResponse.error_code")?
            } else {
                ErrorCode::NONE
            },
            replica_election_results: reader.structures(
                form,
                version,
                "ElectLeadersResponse.replica_election_results",
            )?,
        };
        reader.skip_tags(form, "ElectLeadersResponse")?;
        Ok(value)
    }
}

impl Encode for ElectLeadersResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.int32(self.throttle_time_ms);
        if version >= 1 {
            sink.error_code(self.error_code);
        } else if self.error_code != ErrorCode::NONE {
            sink.unsupported("ElectLeadersResponse.error_code", version);
        }
        sink.structures(form, version, &self.replica_election_results);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplicaElectionResult<'a> {
    pub topic: &'a str,
    pub partition_result: Vec<PartitionResult<'a>>,
}

impl<'a> Decode<'a> for ReplicaElectionResult<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            topic: reader.string(form, "ReplicaElectionResult.topic")?,
            partition_result: reader.structures(form, version, "ReplicaElectionResult.partition_result")?,
        };
        reader.skip_tags(form, "ReplicaElectionResult")?;
        Ok(value)
    }
}

impl Encode for ReplicaElectionResult<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.string(form, self.topic);
        sink.structures(form, version, &self.partition_result);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartitionResult<'a> {
    pub partition_id: i32,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
}

impl<'a> Decode<'a> for PartitionResult<'a> {
    fn minimum_size(_version: i16) -> usize {
        8
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            partition_id: reader.int32("PartitionResult.partition_id")?,
            error_code: reader.error_code("PartitionResult.error_code")?,
            error_message: reader.nullable_string(form, "PartitionResult.error_message")?,
        };
        reader.skip_tags(form, "PartitionResult")?;
        Ok(value)
    }
}

impl Encode for PartitionResult<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.int32(self.partition_id);
        sink.error_code(self.error_code);
        sink.nullable_string(form, self.error_message);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for ElectLeadersResponse<'a> {
    const API: ApiKey = ApiKey::ElectLeaders;
    const VERSIONS: Versions = super::versions::ELECT_LEADERS;
}
