// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Form, Reader, Sink};

/// Key 16: a regular expression that members of a group subscribe by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsumerGroupRegularExpressionKey<'a> {
    pub group_id: &'a str,
    pub regular_expression: &'a str,
}

impl<'a> Decode<'a> for ConsumerGroupRegularExpressionKey<'a> {
    fn minimum_size(_version: i16) -> usize {
        4
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            group_id: reader.string(Form::Classic, "ConsumerGroupRegularExpressionKey.group_id")?,
            regular_expression: reader
                .string(Form::Classic, "ConsumerGroupRegularExpressionKey.regular_expression")?,
        };
        Ok(value)
    }
}

impl Encode for ConsumerGroupRegularExpressionKey<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Classic, self.group_id);
        sink.string(Form::Classic, self.regular_expression);
    }
}
