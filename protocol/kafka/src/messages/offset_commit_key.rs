// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Form, Reader, Sink};

/// Key 0 and 1: a group's position in a partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetCommitKey<'a> {
    pub group: &'a str,
    pub topic: &'a str,
    pub partition: i32,
}

impl<'a> Decode<'a> for OffsetCommitKey<'a> {
    fn minimum_size(_version: i16) -> usize {
        8
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            group: reader.string(Form::Classic, "OffsetCommitKey.group")?,
            topic: reader.string(Form::Classic, "OffsetCommitKey.topic")?,
            partition: reader.int32("OffsetCommitKey.partition")?,
        };
        Ok(value)
    }
}

impl Encode for OffsetCommitKey<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Classic, self.group);
        sink.string(Form::Classic, self.topic);
        sink.int32(self.partition);
    }
}
