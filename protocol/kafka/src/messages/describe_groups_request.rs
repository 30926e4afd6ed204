// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// State and members of classic groups (KIP-430, KIP-1043).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeGroupsRequest<'a> {
    pub groups: Vec<&'a str>,
    pub include_authorized_operations: bool,
}

impl<'a> Decode<'a> for DescribeGroupsRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=2 => 4,
            3..=4 => 5,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 5);
        let value = Self {
            groups: reader.array(
                form,
                form.string_length_size(),
                "DescribeGroupsRequest.groups",
                |reader| reader.string(form, "DescribeGroupsRequest.groups"),
            )?,
            include_authorized_operations: if version >= 3 {
                reader.boolean("DescribeGroupsRequest.include_authorized_operations")?
            } else {
                false
            },
        };
        reader.skip_tags(form, "DescribeGroupsRequest")?;
        Ok(value)
    }
}

impl Encode for DescribeGroupsRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 5);
        sink.array(form, &self.groups, |sink, item| sink.string(form, item));
        if version >= 3 {
            sink.boolean(self.include_authorized_operations);
        } else if self.include_authorized_operations {
            sink.unsupported("DescribeGroupsRequest.include_authorized_operations", version);
        }
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for DescribeGroupsRequest<'a> {
    const API: ApiKey = ApiKey::DescribeGroups;
    const VERSIONS: Versions = super::versions::DESCRIBE_GROUPS;
}
