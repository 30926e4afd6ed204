// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Form, Reader, Sink};

/// Key 16: the topics that a regular expression stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsumerGroupRegularExpressionValue<'a> {
    pub topics: Vec<&'a str>,
    pub version: i64,
    pub timestamp: i64,
}

impl<'a> Decode<'a> for ConsumerGroupRegularExpressionValue<'a> {
    fn minimum_size(_version: i16) -> usize {
        18
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topics: reader.array(
                Form::Compact,
                Form::Compact.string_length_size(),
                "ConsumerGroupRegularExpressionValue.topics",
                |reader| reader.string(Form::Compact, "ConsumerGroupRegularExpressionValue.topics"),
            )?,
            version: reader.int64("ConsumerGroupRegularExpressionValue.version")?,
            timestamp: reader.int64("ConsumerGroupRegularExpressionValue.timestamp")?,
        };
        reader.skip_tags(Form::Compact, "ConsumerGroupRegularExpressionValue")?;
        Ok(value)
    }
}

impl Encode for ConsumerGroupRegularExpressionValue<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.array(Form::Compact, &self.topics, |sink, item| sink.string(Form::Compact, item));
        sink.int64(self.version);
        sink.int64(self.timestamp);
        sink.no_tags(Form::Compact);
    }
}
