// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Deletes empty groups (KIP-229).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteGroupsRequest<'a> {
    pub groups_names: Vec<&'a str>,
}

impl<'a> Decode<'a> for DeleteGroupsRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 4,
            _ => 2,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            groups_names: reader.array(
                form,
                form.string_length_size(),
                "DeleteGroupsRequest.groups_names",
                |reader| reader.string(form, "DeleteGroupsRequest.groups_names"),
            )?,
        };
        reader.skip_tags(form, "DeleteGroupsRequest")?;
        Ok(value)
    }
}

impl Encode for DeleteGroupsRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.array(form, &self.groups_names, |sink, item| sink.string(form, item));
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for DeleteGroupsRequest<'a> {
    const API: ApiKey = ApiKey::DeleteGroups;
    const VERSIONS: Versions = super::versions::DELETE_GROUPS;
}
