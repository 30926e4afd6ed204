// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// The groups that a broker coordinates (KIP-518, KIP-848).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListGroupsResponse<'a> {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub groups: Vec<ListedGroup<'a>>,
}

impl<'a> Decode<'a> for ListGroupsResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 6,
            1..=2 => 10,
            _ => 8,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 3);
        let value = Self {
            throttle_time_ms: if version >= 1 {
                reader.int32("ListGroupsResponse.throttle_time_ms")?
            } else {
                0
            },
            error_code: reader.error_code("ListGroupsResponse.error_code")?,
            groups: reader.structures(form, version, "ListGroupsResponse.groups")?,
        };
        reader.skip_tags(form, "ListGroupsResponse")?;
        Ok(value)
    }
}

impl Encode for ListGroupsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 3);
        if version >= 1 {
            sink.int32(self.throttle_time_ms);
        }
        sink.error_code(self.error_code);
        sink.structures(form, version, &self.groups);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedGroup<'a> {
    pub group_id: &'a str,
    pub protocol_type: &'a str,
    pub group_state: &'a str,
    pub group_type: &'a str,
}

impl<'a> Decode<'a> for ListedGroup<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=2 => 4,
            3 => 3,
            4 => 4,
            _ => 5,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 3);
        let value = Self {
            group_id: reader.string(form, "ListedGroup.group_id")?,
            protocol_type: reader.string(form, "ListedGroup.protocol_type")?,
            group_state: if version >= 4 { reader.string(form, "ListedGroup.group_state")? } else { "" },
            group_type: if version >= 5 { reader.string(form, "ListedGroup.group_type")? } else { "" },
        };
        reader.skip_tags(form, "ListedGroup")?;
        Ok(value)
    }
}

impl Encode for ListedGroup<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 3);
        sink.string(form, self.group_id);
        sink.string(form, self.protocol_type);
        if version >= 4 {
            sink.string(form, self.group_state);
        }
        if version >= 5 {
            sink.string(form, self.group_type);
        }
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for ListGroupsResponse<'a> {
    const API: ApiKey = ApiKey::ListGroups;
    const VERSIONS: Versions = super::versions::LIST_GROUPS;
}
