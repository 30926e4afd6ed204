// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Form, Reader, Sink};
use ringlog_model::Uuid;

/// Key 7: what a member shall have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsumerGroupTargetAssignmentMemberValue {
    pub topic_partitions: Vec<TopicPartition>,
}

impl<'a> Decode<'a> for ConsumerGroupTargetAssignmentMemberValue {
    fn minimum_size(_version: i16) -> usize {
        2
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topic_partitions: reader.structures(
                Form::Compact,
                version,
                "ConsumerGroupTargetAssignmentMemberValue.topic_partitions",
            )?,
        };
        reader.skip_tags(Form::Compact, "ConsumerGroupTargetAssignmentMemberValue")?;
        Ok(value)
    }
}

impl Encode for ConsumerGroupTargetAssignmentMemberValue {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.structures(Form::Compact, version, &self.topic_partitions);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicPartition {
    pub topic_id: Uuid,
    pub partitions: Vec<i32>,
}

impl<'a> Decode<'a> for TopicPartition {
    fn minimum_size(_version: i16) -> usize {
        18
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topic_id: reader.uuid("TopicPartition.topic_id")?,
            partitions: reader.array(Form::Compact, 4, "TopicPartition.partitions", |reader| {
                reader.int32("TopicPartition.partitions")
            })?,
        };
        reader.skip_tags(Form::Compact, "TopicPartition")?;
        Ok(value)
    }
}

impl Encode for TopicPartition {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.uuid(self.topic_id);
        sink.array(Form::Compact, &self.partitions, |sink, item| sink.int32(*item));
        sink.no_tags(Form::Compact);
    }
}
