// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Form, Reader, Sink, Tag};
use ringlog_model::Uuid;

/// Key 8: what a member has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsumerGroupCurrentMemberAssignmentValue {
    pub member_epoch: i32,
    pub previous_member_epoch: i32,
    pub state: i8,
    pub assigned_partitions: Vec<TopicPartitions>,
    pub partitions_pending_revocation: Vec<TopicPartitions>,
}

impl<'a> Decode<'a> for ConsumerGroupCurrentMemberAssignmentValue {
    fn minimum_size(_version: i16) -> usize {
        12
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            member_epoch: reader.int32("ConsumerGroupCurrentMemberAssignmentValue.member_epoch")?,
            previous_member_epoch: reader
                .int32("ConsumerGroupCurrentMemberAssignmentValue.previous_member_epoch")?,
            state: reader.int8("ConsumerGroupCurrentMemberAssignmentValue.state")?,
            assigned_partitions: reader.structures(
                Form::Compact,
                version,
                "ConsumerGroupCurrentMemberAssignmentValue.assigned_partitions",
            )?,
            partitions_pending_revocation: reader.structures(
                Form::Compact,
                version,
                "ConsumerGroupCurrentMemberAssignmentValue.partitions_pending_revocation",
            )?,
        };
        reader.skip_tags(Form::Compact, "ConsumerGroupCurrentMemberAssignmentValue")?;
        Ok(value)
    }
}

impl Encode for ConsumerGroupCurrentMemberAssignmentValue {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.member_epoch);
        sink.int32(self.previous_member_epoch);
        sink.int8(self.state);
        sink.structures(Form::Compact, version, &self.assigned_partitions);
        sink.structures(Form::Compact, version, &self.partitions_pending_revocation);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicPartitions {
    pub topic_id: Uuid,
    pub partitions: Vec<i32>,
    pub assignment_epochs: Option<Vec<i32>>,
}

impl<'a> Decode<'a> for TopicPartitions {
    fn minimum_size(_version: i16) -> usize {
        18
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let mut value = Self {
            topic_id: reader.uuid("TopicPartitions.topic_id")?,
            partitions: reader.array(Form::Compact, 4, "TopicPartitions.partitions", |reader| {
                reader.int32("TopicPartitions.partitions")
            })?,
            assignment_epochs: None,
        };
        reader.tags("TopicPartitions", |reader, tag| {
            match tag {
                0 => {
                    value.assignment_epochs = reader.nullable_array(
                        Form::Compact,
                        4,
                        "TopicPartitions.assignment_epochs",
                        |reader| reader.int32("TopicPartitions.assignment_epochs"),
                    )?
                }
                _ => return Ok(Tag::Unknown),
            }
            Ok(Tag::Read)
        })?;
        Ok(value)
    }
}

impl Encode for TopicPartitions {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.uuid(self.topic_id);
        sink.array(Form::Compact, &self.partitions, |sink, item| sink.int32(*item));
        sink.varint(u32::from(self.assignment_epochs.is_some()));
        if self.assignment_epochs.is_some() {
            let mark = sink.begin_tag(0);
            sink.nullable_array(Form::Compact, self.assignment_epochs.as_deref(), |sink, item| {
                sink.int32(*item)
            });
            sink.end_tag(mark);
        }
    }
}
