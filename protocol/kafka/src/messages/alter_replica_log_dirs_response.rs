// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Moves replicas from one data directory of a broker to another (KIP-113).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlterReplicaLogDirsResponse<'a> {
    pub throttle_time_ms: i32,
    pub results: Vec<AlterReplicaLogDirTopicResult<'a>>,
}

impl<'a> Decode<'a> for AlterReplicaLogDirsResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            throttle_time_ms: reader.int32("AlterReplicaLogDirsResponse.throttle_time_ms")?,
            results: reader.structures(form, version, "AlterReplicaLogDirsResponse.results")?,
        };
        reader.skip_tags(form, "AlterReplicaLogDirsResponse")?;
        Ok(value)
    }
}

impl Encode for AlterReplicaLogDirsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.int32(self.throttle_time_ms);
        sink.structures(form, version, &self.results);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlterReplicaLogDirTopicResult<'a> {
    pub topic_name: &'a str,
    pub partitions: Vec<AlterReplicaLogDirPartitionResult>,
}

impl<'a> Decode<'a> for AlterReplicaLogDirTopicResult<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            topic_name: reader.string(form, "AlterReplicaLogDirTopicResult.topic_name")?,
            partitions: reader.structures(form, version, "AlterReplicaLogDirTopicResult.partitions")?,
        };
        reader.skip_tags(form, "AlterReplicaLogDirTopicResult")?;
        Ok(value)
    }
}

impl Encode for AlterReplicaLogDirTopicResult<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.string(form, self.topic_name);
        sink.structures(form, version, &self.partitions);
        sink.no_tags(form);
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlterReplicaLogDirPartitionResult {
    pub partition_index: i32,
    pub error_code: ErrorCode,
}

impl<'a> Decode<'a> for AlterReplicaLogDirPartitionResult {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 6,
            _ => 7,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            partition_index: reader.int32("AlterReplicaLogDirPartitionResult.partition_index")?,
            error_code: reader.error_code("AlterReplicaLogDirPartitionResult.error_code")?,
        };
        reader.skip_tags(form, "AlterReplicaLogDirPartitionResult")?;
        Ok(value)
    }
}

impl Encode for AlterReplicaLogDirPartitionResult {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.int32(self.partition_index);
        sink.error_code(self.error_code);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for AlterReplicaLogDirsResponse<'a> {
    const API: ApiKey = ApiKey::AlterReplicaLogDirs;
    const VERSIONS: Versions = super::versions::ALTER_REPLICA_LOG_DIRS;
}
