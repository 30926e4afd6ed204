// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Form, Reader, Sink};
use ringlog_model::Uuid;

/// Key 4: the partitions that the group knew of, written by Apache Kafka up to 4.0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsumerGroupPartitionMetadataValue<'a> {
    pub topics: Vec<TopicMetadata<'a>>,
}

impl<'a> Decode<'a> for ConsumerGroupPartitionMetadataValue<'a> {
    fn minimum_size(_version: i16) -> usize {
        2
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topics: reader.structures(
                Form::Compact,
                version,
                "ConsumerGroupPartitionMetadataValue.topics",
            )?,
        };
        reader.skip_tags(Form::Compact, "ConsumerGroupPartitionMetadataValue")?;
        Ok(value)
    }
}

impl Encode for ConsumerGroupPartitionMetadataValue<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.structures(Form::Compact, version, &self.topics);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicMetadata<'a> {
    pub topic_id: Uuid,
    pub topic_name: &'a str,
    pub num_partitions: i32,
    pub partition_metadata: Vec<PartitionMetadata<'a>>,
}

impl<'a> Decode<'a> for TopicMetadata<'a> {
    fn minimum_size(_version: i16) -> usize {
        23
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topic_id: reader.uuid("TopicMetadata.topic_id")?,
            topic_name: reader.string(Form::Compact, "TopicMetadata.topic_name")?,
            num_partitions: reader.int32("TopicMetadata.num_partitions")?,
            partition_metadata: reader.structures(
                Form::Compact,
                version,
                "TopicMetadata.partition_metadata",
            )?,
        };
        reader.skip_tags(Form::Compact, "TopicMetadata")?;
        Ok(value)
    }
}

impl Encode for TopicMetadata<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.uuid(self.topic_id);
        sink.string(Form::Compact, self.topic_name);
        sink.int32(self.num_partitions);
        sink.structures(Form::Compact, version, &self.partition_metadata);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartitionMetadata<'a> {
    pub partition: i32,
    pub racks: Vec<&'a str>,
}

impl<'a> Decode<'a> for PartitionMetadata<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            partition: reader.int32("PartitionMetadata.partition")?,
            racks: reader.array(
                Form::Compact,
                Form::Compact.string_length_size(),
                "PartitionMetadata.racks",
                |reader| reader.string(Form::Compact, "PartitionMetadata.racks"),
            )?,
        };
        reader.skip_tags(Form::Compact, "PartitionMetadata")?;
        Ok(value)
    }
}

impl Encode for PartitionMetadata<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.partition);
        sink.array(Form::Compact, &self.racks, |sink, item| sink.string(Form::Compact, item));
        sink.no_tags(Form::Compact);
    }
}
