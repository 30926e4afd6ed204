// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Deletes committed positions of a group (KIP-496).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetDeleteRequest<'a> {
    pub group_id: &'a str,
    pub topics: Vec<OffsetDeleteRequestTopic<'a>>,
}

impl<'a> Decode<'a> for OffsetDeleteRequest<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            group_id: reader.string(Form::Classic, "OffsetDeleteRequest.group_id")?,
            topics: reader.structures(Form::Classic, version, "OffsetDeleteRequest.topics")?,
        };
        Ok(value)
    }
}

impl Encode for OffsetDeleteRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.string(Form::Classic, self.group_id);
        sink.structures(Form::Classic, version, &self.topics);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetDeleteRequestTopic<'a> {
    pub name: &'a str,
    pub partitions: Vec<OffsetDeleteRequestPartition>,
}

impl<'a> Decode<'a> for OffsetDeleteRequestTopic<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            name: reader.string(Form::Classic, "OffsetDeleteRequestTopic.name")?,
            partitions: reader.structures(Form::Classic, version, "OffsetDeleteRequestTopic.partitions")?,
        };
        Ok(value)
    }
}

impl Encode for OffsetDeleteRequestTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.string(Form::Classic, self.name);
        sink.structures(Form::Classic, version, &self.partitions);
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OffsetDeleteRequestPartition {
    pub partition_index: i32,
}

impl<'a> Decode<'a> for OffsetDeleteRequestPartition {
    fn minimum_size(_version: i16) -> usize {
        4
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self { partition_index: reader.int32("OffsetDeleteRequestPartition.partition_index")? };
        Ok(value)
    }
}

impl Encode for OffsetDeleteRequestPartition {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.partition_index);
    }
}

impl<'a> Message<'a> for OffsetDeleteRequest<'a> {
    const API: ApiKey = ApiKey::OffsetDelete;
    const VERSIONS: Versions = super::versions::OFFSET_DELETE;
}
