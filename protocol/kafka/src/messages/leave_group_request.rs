// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Leaves a classic group (KIP-345, KIP-800).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeaveGroupRequest<'a> {
    pub group_id: &'a str,
    pub member_id: &'a str,
    pub members: Vec<MemberIdentity<'a>>,
}

impl<'a> Decode<'a> for LeaveGroupRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=2 => 4,
            3 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            group_id: reader.string(form, "LeaveGroupRequest.group_id")?,
            member_id: if version <= 2 { reader.string(form, "LeaveGroupRequest.member_id")? } else { "" },
            members: if version >= 3 {
                reader.structures(form, version, "LeaveGroupRequest.members")?
            } else {
                Vec::new()
            },
        };
        reader.skip_tags(form, "LeaveGroupRequest")?;
        Ok(value)
    }
}

impl Encode for LeaveGroupRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.string(form, self.group_id);
        if version <= 2 {
            sink.string(form, self.member_id);
        } else if !self.member_id.is_empty() {
            sink.unsupported("LeaveGroupRequest.member_id", version);
        }
        if version >= 3 {
            sink.structures(form, version, &self.members);
        } else if !self.members.is_empty() {
            sink.unsupported("LeaveGroupRequest.members", version);
        }
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberIdentity<'a> {
    pub member_id: &'a str,
    pub group_instance_id: Option<&'a str>,
    pub reason: Option<&'a str>,
}

impl<'a> Decode<'a> for MemberIdentity<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 4,
            4 => 3,
            _ => 4,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            member_id: reader.string(form, "MemberIdentity.member_id")?,
            group_instance_id: reader.nullable_string(form, "MemberIdentity.group_instance_id")?,
            reason: if version >= 5 { reader.nullable_string(form, "MemberIdentity.reason")? } else { None },
        };
        reader.skip_tags(form, "MemberIdentity")?;
        Ok(value)
    }
}

impl Encode for MemberIdentity<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.string(form, self.member_id);
        sink.nullable_string(form, self.group_instance_id);
        if version >= 5 {
            sink.nullable_string(form, self.reason);
        }
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for LeaveGroupRequest<'a> {
    const API: ApiKey = ApiKey::LeaveGroup;
    const VERSIONS: Versions = super::versions::LEAVE_GROUP;
}
