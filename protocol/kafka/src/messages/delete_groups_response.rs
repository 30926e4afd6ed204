// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Deletes empty groups (KIP-229).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteGroupsResponse<'a> {
    pub throttle_time_ms: i32,
    pub results: Vec<DeletableGroupResult<'a>>,
}

impl<'a> Decode<'a> for DeleteGroupsResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            throttle_time_ms: reader.int32("DeleteGroupsResponse.throttle_time_ms")?,
            results: reader.structures(form, version, "DeleteGroupsResponse.results")?,
        };
        reader.skip_tags(form, "DeleteGroupsResponse")?;
        Ok(value)
    }
}

impl Encode for DeleteGroupsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.int32(self.throttle_time_ms);
        sink.structures(form, version, &self.results);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeletableGroupResult<'a> {
    pub group_id: &'a str,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
}

impl<'a> Decode<'a> for DeletableGroupResult<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=2 => 4,
            _ => 5,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            group_id: reader.string(form, "DeletableGroupResult.group_id")?,
            error_code: reader.error_code("DeletableGroupResult.error_code")?,
            error_message: if version >= 3 {
                reader.nullable_string(form, "DeletableGroupResult.error_message")?
            } else {
                None
            },
        };
        reader.skip_tags(form, "DeletableGroupResult")?;
        Ok(value)
    }
}

impl Encode for DeletableGroupResult<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.string(form, self.group_id);
        sink.error_code(self.error_code);
        if version >= 3 {
            sink.nullable_string(form, self.error_message);
        }
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for DeleteGroupsResponse<'a> {
    const API: ApiKey = ApiKey::DeleteGroups;
    const VERSIONS: Versions = super::versions::DELETE_GROUPS;
}
