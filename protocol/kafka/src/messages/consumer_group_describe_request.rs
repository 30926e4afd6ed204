// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// State and members of groups of the newer protocol (KIP-848, KIP-1099).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsumerGroupDescribeRequest<'a> {
    pub group_ids: Vec<&'a str>,
    pub include_authorized_operations: bool,
}

impl<'a> Decode<'a> for ConsumerGroupDescribeRequest<'a> {
    fn minimum_size(_version: i16) -> usize {
        3
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            group_ids: reader.array(
                Form::Compact,
                Form::Compact.string_length_size(),
                "ConsumerGroupDescribeRequest.group_ids",
                |reader| reader.string(Form::Compact, "ConsumerGroupDescribeRequest.group_ids"),
            )?,
            include_authorized_operations: reader
                .boolean("ConsumerGroupDescribeRequest.include_authorized_operations")?,
        };
        reader.skip_tags(Form::Compact, "ConsumerGroupDescribeRequest")?;
        Ok(value)
    }
}

impl Encode for ConsumerGroupDescribeRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.array(Form::Compact, &self.group_ids, |sink, item| sink.string(Form::Compact, item));
        sink.boolean(self.include_authorized_operations);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for ConsumerGroupDescribeRequest<'a> {
    const API: ApiKey = ApiKey::ConsumerGroupDescribe;
    const VERSIONS: Versions = super::versions::CONSUMER_GROUP_DESCRIBE;
}
