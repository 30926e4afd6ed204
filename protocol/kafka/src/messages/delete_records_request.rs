// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Moves the start of partitions forward (KIP-107).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteRecordsRequest<'a> {
    pub topics: Vec<DeleteRecordsTopic<'a>>,
    pub timeout_ms: i32,
}

impl<'a> Decode<'a> for DeleteRecordsRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            topics: reader.structures(form, version, "DeleteRecordsRequest.topics")?,
            timeout_ms: reader.int32("DeleteRecordsRequest.timeout_ms")?,
        };
        reader.skip_tags(form, "DeleteRecordsRequest")?;
        Ok(value)
    }
}

impl Encode for DeleteRecordsRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.structures(form, version, &self.topics);
        sink.int32(self.timeout_ms);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteRecordsTopic<'a> {
    pub name: &'a str,
    pub partitions: Vec<DeleteRecordsPartition>,
}

impl<'a> Decode<'a> for DeleteRecordsTopic<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            name: reader.string(form, "DeleteRecordsTopic.name")?,
            partitions: reader.structures(form, version, "DeleteRecordsTopic.partitions")?,
        };
        reader.skip_tags(form, "DeleteRecordsTopic")?;
        Ok(value)
    }
}

impl Encode for DeleteRecordsTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.string(form, self.name);
        sink.structures(form, version, &self.partitions);
        sink.no_tags(form);
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeleteRecordsPartition {
    pub partition_index: i32,
    pub offset: i64,
}

impl<'a> Decode<'a> for DeleteRecordsPartition {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 12,
            _ => 13,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            partition_index: reader.int32("DeleteRecordsPartition.partition_index")?,
            offset: reader.int64("DeleteRecordsPartition.offset")?,
        };
        reader.skip_tags(form, "DeleteRecordsPartition")?;
        Ok(value)
    }
}

impl Encode for DeleteRecordsPartition {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.int32(self.partition_index);
        sink.int64(self.offset);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for DeleteRecordsRequest<'a> {
    const API: ApiKey = ApiKey::DeleteRecords;
    const VERSIONS: Versions = super::versions::DELETE_RECORDS;
}
