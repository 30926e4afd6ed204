// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// State and members of classic groups (KIP-430, KIP-1043).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeGroupsResponse<'a> {
    pub throttle_time_ms: i32,
    pub groups: Vec<DescribedGroup<'a>>,
}

impl<'a> Decode<'a> for DescribeGroupsResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 4,
            1..=4 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 5);
        let value = Self {
            throttle_time_ms: if version >= 1 {
                reader.int32("DescribeGroupsResponse.throttle_time_ms")?
            } else {
                0
            },
            groups: reader.structures(form, version, "DescribeGroupsResponse.groups")?,
        };
        reader.skip_tags(form, "DescribeGroupsResponse")?;
        Ok(value)
    }
}

impl Encode for DescribeGroupsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 5);
        if version >= 1 {
            sink.int32(self.throttle_time_ms);
        }
        sink.structures(form, version, &self.groups);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedGroup<'a> {
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub group_id: &'a str,
    pub group_state: &'a str,
    pub protocol_type: &'a str,
    pub protocol_data: &'a str,
    pub members: Vec<DescribedGroupMember<'a>>,
    pub authorized_operations: i32,
}

impl Default for DescribedGroup<'_> {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            error_message: None,
            group_id: "",
            group_state: "",
            protocol_type: "",
            protocol_data: "",
            members: Vec::new(),
            authorized_operations: i32::MIN,
        }
    }
}

impl<'a> Decode<'a> for DescribedGroup<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=2 => 14,
            3..=4 => 18,
            5 => 12,
            _ => 13,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 5);
        let value = Self {
            error_code: reader.error_code("DescribedGroup.error_code")?,
            error_message: if version >= 6 {
                reader.nullable_string(form, "DescribedGroup.error_message")?
            } else {
                None
            },
            group_id: reader.string(form, "DescribedGroup.group_id")?,
            group_state: reader.string(form, "DescribedGroup.group_state")?,
            protocol_type: reader.string(form, "DescribedGroup.protocol_type")?,
            protocol_data: reader.string(form, "DescribedGroup.protocol_data")?,
            members: reader.structures(form, version, "DescribedGroup.members")?,
            authorized_operations: if version >= 3 {
                reader.int32("DescribedGroup.authorized_operations")?
            } else {
                i32::MIN
            },
        };
        reader.skip_tags(form, "DescribedGroup")?;
        Ok(value)
    }
}

impl Encode for DescribedGroup<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 5);
        sink.error_code(self.error_code);
        if version >= 6 {
            sink.nullable_string(form, self.error_message);
        } else if self.error_message.is_some() {
            sink.unsupported("DescribedGroup.error_message", version);
        }
        sink.string(form, self.group_id);
        sink.string(form, self.group_state);
        sink.string(form, self.protocol_type);
        sink.string(form, self.protocol_data);
        sink.structures(form, version, &self.members);
        if version >= 3 {
            sink.int32(self.authorized_operations);
        }
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribedGroupMember<'a> {
    pub member_id: &'a str,
    pub group_instance_id: Option<&'a str>,
    pub client_id: &'a str,
    pub client_host: &'a str,
    pub member_metadata: &'a [u8],
    pub member_assignment: &'a [u8],
}

impl<'a> Decode<'a> for DescribedGroupMember<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 14,
            4 => 16,
            _ => 7,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 5);
        let value = Self {
            member_id: reader.string(form, "DescribedGroupMember.member_id")?,
            group_instance_id: if version >= 4 {
                reader.nullable_string(form, "DescribedGroupMember.group_instance_id")?
            } else {
                None
            },
            client_id: reader.string(form, "DescribedGroupMember.client_id")?,
            client_host: reader.string(form, "DescribedGroupMember.client_host")?,
            member_metadata: reader.bytes(form, "DescribedGroupMember.member_metadata")?,
            member_assignment: reader.bytes(form, "DescribedGroupMember.member_assignment")?,
        };
        reader.skip_tags(form, "DescribedGroupMember")?;
        Ok(value)
    }
}

impl Encode for DescribedGroupMember<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 5);
        sink.string(form, self.member_id);
        if version >= 4 {
            sink.nullable_string(form, self.group_instance_id);
        }
        sink.string(form, self.client_id);
        sink.string(form, self.client_host);
        sink.bytes(form, self.member_metadata);
        sink.bytes(form, self.member_assignment);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for DescribeGroupsResponse<'a> {
    const API: ApiKey = ApiKey::DescribeGroups;
    const VERSIONS: Versions = super::versions::DESCRIBE_GROUPS;
}
