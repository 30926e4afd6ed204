// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Creates topics (KIP-4, KIP-464, KIP-525).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateTopicsRequest<'a> {
    pub topics: Vec<CreatableTopic<'a>>,
    pub timeout_ms: i32,
    pub validate_only: bool,
}

impl Default for CreateTopicsRequest<'_> {
    fn default() -> Self {
        Self { topics: Vec::new(), timeout_ms: 60000, validate_only: false }
    }
}

impl<'a> Decode<'a> for CreateTopicsRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=4 => 9,
            _ => 7,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 5);
        let value = Self {
            topics: reader.structures(form, version, "CreateTopicsRequest.topics")?,
            timeout_ms: reader.int32("CreateTopicsRequest.timeout_ms")?,
            validate_only: reader.boolean("CreateTopicsRequest.validate_only")?,
        };
        reader.skip_tags(form, "CreateTopicsRequest")?;
        Ok(value)
    }
}

impl Encode for CreateTopicsRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 5);
        sink.structures(form, version, &self.topics);
        sink.int32(self.timeout_ms);
        sink.boolean(self.validate_only);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreatableTopic<'a> {
    pub name: &'a str,
    /// -1: as the broker is configured, or as `assignments` say.
    pub num_partitions: i32,
    /// -1: as the broker is configured, or as `assignments` say.
    pub replication_factor: i16,
    pub assignments: Vec<CreatableReplicaAssignment>,
    pub configs: Vec<CreatableTopicConfig<'a>>,
}

impl<'a> Decode<'a> for CreatableTopic<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=4 => 16,
            _ => 10,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 5);
        let value = Self {
            name: reader.string(form, "CreatableTopic.name")?,
            num_partitions: reader.int32("CreatableTopic.num_partitions")?,
            replication_factor: reader.int16("CreatableTopic.replication_factor")?,
            assignments: reader.structures(form, version, "CreatableTopic.assignments")?,
            configs: reader.structures(form, version, "CreatableTopic.configs")?,
        };
        reader.skip_tags(form, "CreatableTopic")?;
        Ok(value)
    }
}

impl Encode for CreatableTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 5);
        sink.string(form, self.name);
        sink.int32(self.num_partitions);
        sink.int16(self.replication_factor);
        sink.structures(form, version, &self.assignments);
        sink.structures(form, version, &self.configs);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreatableReplicaAssignment {
    pub partition_index: i32,
    pub broker_ids: Vec<i32>,
}

impl<'a> Decode<'a> for CreatableReplicaAssignment {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=4 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 5);
        let value = Self {
            partition_index: reader.int32("CreatableReplicaAssignment.partition_index")?,
            broker_ids: reader.array(form, 4, "CreatableReplicaAssignment.broker_ids", |reader| {
                reader.int32("CreatableReplicaAssignment.broker_ids")
            })?,
        };
        reader.skip_tags(form, "CreatableReplicaAssignment")?;
        Ok(value)
    }
}

impl Encode for CreatableReplicaAssignment {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 5);
        sink.int32(self.partition_index);
        sink.array(form, &self.broker_ids, |sink, item| sink.int32(*item));
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreatableTopicConfig<'a> {
    pub name: &'a str,
    pub value: Option<&'a str>,
}

impl<'a> Decode<'a> for CreatableTopicConfig<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=4 => 4,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 5);
        let value = Self {
            name: reader.string(form, "CreatableTopicConfig.name")?,
            value: reader.nullable_string(form, "CreatableTopicConfig.value")?,
        };
        reader.skip_tags(form, "CreatableTopicConfig")?;
        Ok(value)
    }
}

impl Encode for CreatableTopicConfig<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 5);
        sink.string(form, self.name);
        sink.nullable_string(form, self.value);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for CreateTopicsRequest<'a> {
    const API: ApiKey = ApiKey::CreateTopics;
    const VERSIONS: Versions = super::versions::CREATE_TOPICS;
}
