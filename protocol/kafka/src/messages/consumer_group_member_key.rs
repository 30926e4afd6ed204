// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Form, Reader, Sink};

/// Keys 5, 7 and 8: something of a group's member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsumerGroupMemberKey<'a> {
    pub group_id: &'a str,
    pub member_id: &'a str,
}

impl<'a> Decode<'a> for ConsumerGroupMemberKey<'a> {
    fn minimum_size(_version: i16) -> usize {
        4
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            group_id: reader.string(Form::Classic, "ConsumerGroupMemberKey.group_id")?,
            member_id: reader.string(Form::Classic, "ConsumerGroupMemberKey.member_id")?,
        };
        Ok(value)
    }
}

impl Encode for ConsumerGroupMemberKey<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Classic, self.group_id);
        sink.string(Form::Classic, self.member_id);
    }
}
