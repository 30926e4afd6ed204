// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Form, Reader, Sink};

/// Keys 3, 4 and 6: something of a group as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsumerGroupKey<'a> {
    pub group_id: &'a str,
}

impl<'a> Decode<'a> for ConsumerGroupKey<'a> {
    fn minimum_size(_version: i16) -> usize {
        2
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self { group_id: reader.string(Form::Classic, "ConsumerGroupKey.group_id")? };
        Ok(value)
    }
}

impl Encode for ConsumerGroupKey<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Classic, self.group_id);
    }
}
