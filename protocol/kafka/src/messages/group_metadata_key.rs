// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Form, Reader, Sink};

/// Key 2: a classic group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupMetadataKey<'a> {
    pub group: &'a str,
}

impl<'a> Decode<'a> for GroupMetadataKey<'a> {
    fn minimum_size(_version: i16) -> usize {
        2
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self { group: reader.string(Form::Classic, "GroupMetadataKey.group")? };
        Ok(value)
    }
}

impl Encode for GroupMetadataKey<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Classic, self.group);
    }
}
