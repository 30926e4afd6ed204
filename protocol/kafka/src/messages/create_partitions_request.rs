// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Adds partitions to topics (KIP-195, KIP-599).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreatePartitionsRequest<'a> {
    pub topics: Vec<CreatePartitionsTopic<'a>>,
    pub timeout_ms: i32,
    pub validate_only: bool,
}

impl<'a> Decode<'a> for CreatePartitionsRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 9,
            _ => 7,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            topics: reader.structures(form, version, "CreatePartitionsRequest.topics")?,
            timeout_ms: reader.int32("CreatePartitionsRequest.timeout_ms")?,
            validate_only: reader.boolean("CreatePartitionsRequest.validate_only")?,
        };
        reader.skip_tags(form, "CreatePartitionsRequest")?;
        Ok(value)
    }
}

impl Encode for CreatePartitionsRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.structures(form, version, &self.topics);
        sink.int32(self.timeout_ms);
        sink.boolean(self.validate_only);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreatePartitionsTopic<'a> {
    pub name: &'a str,
    pub count: i32,
    pub assignments: Option<Vec<CreatePartitionsAssignment>>,
}

impl<'a> Decode<'a> for CreatePartitionsTopic<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 10,
            _ => 7,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            name: reader.string(form, "CreatePartitionsTopic.name")?,
            count: reader.int32("CreatePartitionsTopic.count")?,
            assignments: reader.nullable_structures(form, version, "CreatePartitionsTopic.assignments")?,
        };
        reader.skip_tags(form, "CreatePartitionsTopic")?;
        Ok(value)
    }
}

impl Encode for CreatePartitionsTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.string(form, self.name);
        sink.int32(self.count);
        sink.nullable_structures(form, version, self.assignments.as_deref());
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreatePartitionsAssignment {
    pub broker_ids: Vec<i32>,
}

impl<'a> Decode<'a> for CreatePartitionsAssignment {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 4,
            _ => 2,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            broker_ids: reader.array(form, 4, "CreatePartitionsAssignment.broker_ids", |reader| {
                reader.int32("CreatePartitionsAssignment.broker_ids")
            })?,
        };
        reader.skip_tags(form, "CreatePartitionsAssignment")?;
        Ok(value)
    }
}

impl Encode for CreatePartitionsAssignment {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.array(form, &self.broker_ids, |sink, item| sink.int32(*item));
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for CreatePartitionsRequest<'a> {
    const API: ApiKey = ApiKey::CreatePartitions;
    const VERSIONS: Versions = super::versions::CREATE_PARTITIONS;
}
