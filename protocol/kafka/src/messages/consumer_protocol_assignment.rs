// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Form, Reader, Sink};

/// What the leader of a classic group gives a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsumerProtocolAssignment<'a> {
    pub assigned_partitions: Vec<TopicPartition<'a>>,
    pub user_data: Option<&'a [u8]>,
}

impl<'a> Decode<'a> for ConsumerProtocolAssignment<'a> {
    fn minimum_size(_version: i16) -> usize {
        8
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            assigned_partitions: reader.structures(
                Form::Classic,
                version,
                "ConsumerProtocolAssignment.assigned_partitions",
            )?,
            user_data: reader.nullable_bytes(Form::Classic, "ConsumerProtocolAssignment.user_data")?,
        };
        Ok(value)
    }
}

impl Encode for ConsumerProtocolAssignment<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.structures(Form::Classic, version, &self.assigned_partitions);
        sink.nullable_bytes(Form::Classic, self.user_data);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicPartition<'a> {
    pub topic: &'a str,
    pub partitions: Vec<i32>,
}

impl<'a> Decode<'a> for TopicPartition<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topic: reader.string(Form::Classic, "TopicPartition.topic")?,
            partitions: reader.array(Form::Classic, 4, "TopicPartition.partitions", |reader| {
                reader.int32("TopicPartition.partitions")
            })?,
        };
        Ok(value)
    }
}

impl Encode for TopicPartition<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Classic, self.topic);
        sink.array(Form::Classic, &self.partitions, |sink, item| sink.int32(*item));
    }
}
