// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Joins a classic consumer group (KIP-134, KIP-345, KIP-394, KIP-559, KIP-800).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinGroupResponse<'a> {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub generation_id: i32,
    pub protocol_type: Option<&'a str>,
    pub protocol_name: Option<&'a str>,
    pub leader: &'a str,
    pub skip_assignment: bool,
    pub member_id: &'a str,
    pub members: Vec<JoinGroupResponseMember<'a>>,
}

impl Default for JoinGroupResponse<'_> {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            generation_id: -1,
            protocol_type: None,
            protocol_name: None,
            leader: "",
            skip_assignment: false,
            member_id: "",
            members: Vec::new(),
        }
    }
}

impl<'a> Decode<'a> for JoinGroupResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 16,
            2..=5 => 20,
            6 => 15,
            7..=8 => 16,
            _ => 17,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 6);
        let value = Self {
            throttle_time_ms: if version >= 2 {
                reader.int32("JoinGroupResponse.throttle_time_ms")?
            } else {
                0
            },
            error_code: reader.error_code("JoinGroupResponse.error_code")?,
            generation_id: reader.int32("JoinGroupResponse.generation_id")?,
            protocol_type: if version >= 7 {
                reader.nullable_string(form, "JoinGroupResponse.protocol_type")?
            } else {
                None
            },
            protocol_name: if version >= 7 {
                reader.nullable_string(form, "JoinGroupResponse.protocol_name")?
            } else {
                Some(reader.string(form, "JoinGroupResponse.protocol_name")?)
            },
            leader: reader.string(form, "JoinGroupResponse.leader")?,
            skip_assignment: if version >= 9 {
                reader.boolean("JoinGroupResponse.skip_assignment")?
            } else {
                false
            },
            member_id: reader.string(form, "JoinGroupResponse.member_id")?,
            members: reader.structures(form, version, "JoinGroupResponse.members")?,
        };
        reader.skip_tags(form, "JoinGroupResponse")?;
        Ok(value)
    }
}

impl Encode for JoinGroupResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 6);
        if version >= 2 {
            sink.int32(self.throttle_time_ms);
        }
        sink.error_code(self.error_code);
        sink.int32(self.generation_id);
        if version >= 7 {
            sink.nullable_string(form, self.protocol_type);
        }
        if version >= 7 {
            sink.nullable_string(form, self.protocol_name);
        } else {
            let value = sink.required("JoinGroupResponse.protocol_name", version, self.protocol_name);
            sink.string(form, value);
        }
        sink.string(form, self.leader);
        if version >= 9 {
            sink.boolean(self.skip_assignment);
        }
        sink.string(form, self.member_id);
        sink.structures(form, version, &self.members);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinGroupResponseMember<'a> {
    pub member_id: &'a str,
    pub group_instance_id: Option<&'a str>,
    pub metadata: &'a [u8],
}

impl<'a> Decode<'a> for JoinGroupResponseMember<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=4 => 6,
            5 => 8,
            _ => 4,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 6);
        let value = Self {
            member_id: reader.string(form, "JoinGroupResponseMember.member_id")?,
            group_instance_id: if version >= 5 {
                reader.nullable_string(form, "JoinGroupResponseMember.group_instance_id")?
            } else {
                None
            },
            metadata: reader.bytes(form, "JoinGroupResponseMember.metadata")?,
        };
        reader.skip_tags(form, "JoinGroupResponseMember")?;
        Ok(value)
    }
}

impl Encode for JoinGroupResponseMember<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 6);
        sink.string(form, self.member_id);
        if version >= 5 {
            sink.nullable_string(form, self.group_instance_id);
        }
        sink.bytes(form, self.metadata);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for JoinGroupResponse<'a> {
    const API: ApiKey = ApiKey::JoinGroup;
    const VERSIONS: Versions = super::versions::JOIN_GROUP;
}
