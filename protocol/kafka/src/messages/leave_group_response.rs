// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Leaves a classic group (KIP-345, KIP-800).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeaveGroupResponse<'a> {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub members: Vec<MemberResponse<'a>>,
}

impl<'a> Decode<'a> for LeaveGroupResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 2,
            1..=2 => 6,
            3 => 10,
            _ => 8,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            throttle_time_ms: if version >= 1 {
                reader.int32("LeaveGroupResponse.throttle_time_ms")?
            } else {
                0
            },
            error_code: reader.error_code("LeaveGroupResponse.error_code")?,
            members: if version >= 3 {
                reader.structures(form, version, "LeaveGroupResponse.members")?
            } else {
                Vec::new()
            },
        };
        reader.skip_tags(form, "LeaveGroupResponse")?;
        Ok(value)
    }
}

impl Encode for LeaveGroupResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        if version >= 1 {
            sink.int32(self.throttle_time_ms);
        }
        sink.error_code(self.error_code);
        if version >= 3 {
            sink.structures(form, version, &self.members);
        } else if !self.members.is_empty() {
            sink.unsupported("LeaveGroupResponse.members", version);
        }
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberResponse<'a> {
    pub member_id: &'a str,
    pub group_instance_id: Option<&'a str>,
    pub error_code: ErrorCode,
}

impl<'a> Decode<'a> for MemberResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 6,
            _ => 5,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            member_id: reader.string(form, "MemberResponse.member_id")?,
            group_instance_id: reader.nullable_string(form, "MemberResponse.group_instance_id")?,
            error_code: reader.error_code("MemberResponse.error_code")?,
        };
        reader.skip_tags(form, "MemberResponse")?;
        Ok(value)
    }
}

impl Encode for MemberResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.string(form, self.member_id);
        sink.nullable_string(form, self.group_instance_id);
        sink.error_code(self.error_code);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for LeaveGroupResponse<'a> {
    const API: ApiKey = ApiKey::LeaveGroup;
    const VERSIONS: Versions = super::versions::LEAVE_GROUP;
}
