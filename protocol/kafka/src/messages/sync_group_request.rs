// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Exchanges the assignment of a classic group's generation (KIP-345, KIP-559).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncGroupRequest<'a> {
    pub group_id: &'a str,
    pub generation_id: i32,
    pub member_id: &'a str,
    pub group_instance_id: Option<&'a str>,
    pub protocol_type: Option<&'a str>,
    pub protocol_name: Option<&'a str>,
    pub assignments: Vec<SyncGroupRequestAssignment<'a>>,
}

impl<'a> Decode<'a> for SyncGroupRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=2 => 12,
            3 => 14,
            4 => 9,
            _ => 11,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            group_id: reader.string(form, "SyncGroupRequest.group_id")?,
            generation_id: reader.int32("SyncGroupRequest.generation_id")?,
            member_id: reader.string(form, "SyncGroupRequest.member_id")?,
            group_instance_id: if version >= 3 {
                reader.nullable_string(form, "SyncGroupRequest.group_instance_id")?
            } else {
                None
            },
            protocol_type: if version >= 5 {
                reader.nullable_string(form, "SyncGroupRequest.protocol_type")?
            } else {
                None
            },
            protocol_name: if version >= 5 {
                reader.nullable_string(form, "SyncGroupRequest.protocol_name")?
            } else {
                None
            },
            assignments: reader.structures(form, version, "SyncGroupRequest.assignments")?,
        };
        reader.skip_tags(form, "SyncGroupRequest")?;
        Ok(value)
    }
}

impl Encode for SyncGroupRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.string(form, self.group_id);
        sink.int32(self.generation_id);
        sink.string(form, self.member_id);
        if version >= 3 {
            sink.nullable_string(form, self.group_instance_id);
        } else if self.group_instance_id.is_some() {
            sink.unsupported("SyncGroupRequest.group_instance_id", version);
        }
        if version >= 5 {
            sink.nullable_string(form, self.protocol_type);
        }
        if version >= 5 {
            sink.nullable_string(form, self.protocol_name);
        }
        sink.structures(form, version, &self.assignments);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncGroupRequestAssignment<'a> {
    pub member_id: &'a str,
    pub assignment: &'a [u8],
}

impl<'a> Decode<'a> for SyncGroupRequestAssignment<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            member_id: reader.string(form, "SyncGroupRequestAssignment.member_id")?,
            assignment: reader.bytes(form, "SyncGroupRequestAssignment.assignment")?,
        };
        reader.skip_tags(form, "SyncGroupRequestAssignment")?;
        Ok(value)
    }
}

impl Encode for SyncGroupRequestAssignment<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.string(form, self.member_id);
        sink.bytes(form, self.assignment);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for SyncGroupRequest<'a> {
    const API: ApiKey = ApiKey::SyncGroup;
    const VERSIONS: Versions = super::versions::SYNC_GROUP;
}
