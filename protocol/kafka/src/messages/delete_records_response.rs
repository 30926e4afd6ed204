// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Moves the start of partitions forward (KIP-107).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteRecordsResponse<'a> {
    pub throttle_time_ms: i32,
    pub topics: Vec<DeleteRecordsTopicResult<'a>>,
}

impl<'a> Decode<'a> for DeleteRecordsResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            throttle_time_ms: reader.int32("DeleteRecordsResponse.throttle_time_ms")?,
            topics: reader.structures(form, version, "DeleteRecordsResponse.topics")?,
        };
        reader.skip_tags(form, "DeleteRecordsResponse")?;
        Ok(value)
    }
}

impl Encode for DeleteRecordsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.int32(self.throttle_time_ms);
        sink.structures(form, version, &self.topics);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteRecordsTopicResult<'a> {
    pub name: &'a str,
    pub partitions: Vec<DeleteRecordsPartitionResult>,
}

impl<'a> Decode<'a> for DeleteRecordsTopicResult<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            name: reader.string(form, "DeleteRecordsTopicResult.name")?,
            partitions: reader.structures(form, version, "DeleteRecordsTopicResult.partitions")?,
        };
        reader.skip_tags(form, "DeleteRecordsTopicResult")?;
        Ok(value)
    }
}

impl Encode for DeleteRecordsTopicResult<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.string(form, self.name);
        sink.structures(form, version, &self.partitions);
        sink.no_tags(form);
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeleteRecordsPartitionResult {
    pub partition_index: i32,
    pub low_watermark: i64,
    pub error_code: ErrorCode,
}

impl<'a> Decode<'a> for DeleteRecordsPartitionResult {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 14,
            _ => 15,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            partition_index: reader.int32("DeleteRecordsPartitionResult.partition_index")?,
            low_watermark: reader.int64("DeleteRecordsPartitionResult.low_watermark")?,
            error_code: reader.error_code("DeleteRecordsPartitionResult.error_code")?,
        };
        reader.skip_tags(form, "DeleteRecordsPartitionResult")?;
        Ok(value)
    }
}

impl Encode for DeleteRecordsPartitionResult {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.int32(self.partition_index);
        sink.int64(self.low_watermark);
        sink.error_code(self.error_code);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for DeleteRecordsResponse<'a> {
    const API: ApiKey = ApiKey::DeleteRecords;
    const VERSIONS: Versions = super::versions::DELETE_RECORDS;
}
