// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Form, Reader, Sink};

/// A classic group's generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMetadataValue<'a> {
    pub protocol_type: &'a str,
    pub generation: i32,
    pub protocol: Option<&'a str>,
    pub leader: Option<&'a str>,
    pub current_state_timestamp: i64,
    pub members: Vec<MemberMetadata<'a>>,
}

impl Default for GroupMetadataValue<'_> {
    fn default() -> Self {
        Self {
            protocol_type: "",
            generation: 0,
            protocol: None,
            leader: None,
            current_state_timestamp: -1,
            members: Vec::new(),
        }
    }
}

impl<'a> Decode<'a> for GroupMetadataValue<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 14,
            2..=3 => 22,
            _ => 17,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            protocol_type: reader.string(form, "GroupMetadataValue.protocol_type")?,
            generation: reader.int32("GroupMetadataValue.generation")?,
            protocol: reader.nullable_string(form, "GroupMetadataValue.protocol")?,
            leader: reader.nullable_string(form, "GroupMetadataValue.leader")?,
            current_state_timestamp: if version >= 2 {
                reader.int64("GroupMetadataValue.current_state_timestamp")?
            } else {
                -1
            },
            members: reader.structures(form, version, "GroupMetadataValue.members")?,
        };
        reader.skip_tags(form, "GroupMetadataValue")?;
        Ok(value)
    }
}

impl Encode for GroupMetadataValue<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.string(form, self.protocol_type);
        sink.int32(self.generation);
        sink.nullable_string(form, self.protocol);
        sink.nullable_string(form, self.leader);
        if version >= 2 {
            sink.int64(self.current_state_timestamp);
        }
        sink.structures(form, version, &self.members);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberMetadata<'a> {
    pub member_id: &'a str,
    pub group_instance_id: Option<&'a str>,
    pub client_id: &'a str,
    pub client_host: &'a str,
    pub rebalance_timeout: i32,
    pub session_timeout: i32,
    pub subscription: &'a [u8],
    pub assignment: &'a [u8],
}

impl Default for MemberMetadata<'_> {
    fn default() -> Self {
        Self {
            member_id: "",
            group_instance_id: None,
            client_id: "",
            client_host: "",
            rebalance_timeout: -1,
            session_timeout: 0,
            subscription: &[],
            assignment: &[],
        }
    }
}

impl<'a> Decode<'a> for MemberMetadata<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 18,
            1..=2 => 22,
            3 => 24,
            _ => 15,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            member_id: reader.string(form, "MemberMetadata.member_id")?,
            group_instance_id: if version >= 3 {
                reader.nullable_string(form, "MemberMetadata.group_instance_id")?
            } else {
                None
            },
            client_id: reader.string(form, "MemberMetadata.client_id")?,
            client_host: reader.string(form, "MemberMetadata.client_host")?,
            rebalance_timeout: if version >= 1 {
                reader.int32("MemberMetadata.rebalance_timeout")?
            } else {
                -1
            },
            session_timeout: reader.int32("MemberMetadata.session_timeout")?,
            subscription: reader.bytes(form, "MemberMetadata.subscription")?,
            assignment: reader.bytes(form, "MemberMetadata.assignment")?,
        };
        reader.skip_tags(form, "MemberMetadata")?;
        Ok(value)
    }
}

impl Encode for MemberMetadata<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.string(form, self.member_id);
        if version >= 3 {
            sink.nullable_string(form, self.group_instance_id);
        }
        sink.string(form, self.client_id);
        sink.string(form, self.client_host);
        if version >= 1 {
            sink.int32(self.rebalance_timeout);
        }
        sink.int32(self.session_timeout);
        sink.bytes(form, self.subscription);
        sink.bytes(form, self.assignment);
        sink.no_tags(form);
    }
}
