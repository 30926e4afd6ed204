// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// The groups that a broker coordinates (KIP-518, KIP-848).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListGroupsRequest<'a> {
    pub states_filter: Vec<&'a str>,
    pub types_filter: Vec<&'a str>,
}

impl<'a> Decode<'a> for ListGroupsRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=2 => 0,
            3 => 1,
            4 => 2,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 3);
        let value = Self {
            states_filter: if version >= 4 {
                reader.array(
                    form,
                    form.string_length_size(),
                    "ListGroupsRequest.states_filter",
                    |reader| reader.string(form, "ListGroupsRequest.states_filter"),
                )?
            } else {
                Vec::new()
            },
            types_filter: if version >= 5 {
                reader.array(form, form.string_length_size(), "ListGroupsRequest.types_filter", |reader| {
                    reader.string(form, "ListGroupsRequest.types_filter")
                })?
            } else {
                Vec::new()
            },
        };
        reader.skip_tags(form, "ListGroupsRequest")?;
        Ok(value)
    }
}

impl Encode for ListGroupsRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 3);
        if version >= 4 {
            sink.array(form, &self.states_filter, |sink, item| sink.string(form, item));
        } else if !self.states_filter.is_empty() {
            sink.unsupported("ListGroupsRequest.states_filter", version);
        }
        if version >= 5 {
            sink.array(form, &self.types_filter, |sink, item| sink.string(form, item));
        } else if !self.types_filter.is_empty() {
            sink.unsupported("ListGroupsRequest.types_filter", version);
        }
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for ListGroupsRequest<'a> {
    const API: ApiKey = ApiKey::ListGroups;
    const VERSIONS: Versions = super::versions::LIST_GROUPS;
}
