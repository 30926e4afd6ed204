// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Joins a classic consumer group (KIP-134, KIP-345, KIP-394, KIP-559, KIP-800).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinGroupRequest<'a> {
    pub group_id: &'a str,
    pub session_timeout_ms: i32,
    pub rebalance_timeout_ms: i32,
    pub member_id: &'a str,
    pub group_instance_id: Option<&'a str>,
    pub protocol_type: &'a str,
    pub protocols: Vec<JoinGroupRequestProtocol<'a>>,
    pub reason: Option<&'a str>,
}

impl Default for JoinGroupRequest<'_> {
    fn default() -> Self {
        Self {
            group_id: "",
            session_timeout_ms: 0,
            rebalance_timeout_ms: -1,
            member_id: "",
            group_instance_id: None,
            protocol_type: "",
            protocols: Vec::new(),
            reason: None,
        }
    }
}

impl<'a> Decode<'a> for JoinGroupRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 14,
            1..=4 => 18,
            5 => 20,
            6..=7 => 14,
            _ => 15,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 6);
        let value = Self {
            group_id: reader.string(form, "JoinGroupRequest.group_id")?,
            session_timeout_ms: reader.int32("JoinGroupRequest.session_timeout_ms")?,
            rebalance_timeout_ms: if version >= 1 {
                reader.int32("JoinGroupRequest.rebalance_timeout_ms")?
            } else {
                -1
            },
            member_id: reader.string(form, "JoinGroupRequest.member_id")?,
            group_instance_id: if version >= 5 {
                reader.nullable_string(form, "JoinGroupRequest.group_instance_id")?
            } else {
                None
            },
            protocol_type: reader.string(form, "JoinGroupRequest.protocol_type")?,
            protocols: reader.structures(form, version, "JoinGroupRequest.protocols")?,
            reason: if version >= 8 {
                reader.nullable_string(form, "JoinGroupRequest.reason")?
            } else {
                None
            },
        };
        reader.skip_tags(form, "JoinGroupRequest")?;
        Ok(value)
    }
}

impl Encode for JoinGroupRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 6);
        sink.string(form, self.group_id);
        sink.int32(self.session_timeout_ms);
        if version >= 1 {
            sink.int32(self.rebalance_timeout_ms);
        }
        sink.string(form, self.member_id);
        if version >= 5 {
            sink.nullable_string(form, self.group_instance_id);
        } else if self.group_instance_id.is_some() {
            sink.unsupported("JoinGroupRequest.group_instance_id", version);
        }
        sink.string(form, self.protocol_type);
        sink.structures(form, version, &self.protocols);
        if version >= 8 {
            sink.nullable_string(form, self.reason);
        }
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinGroupRequestProtocol<'a> {
    pub name: &'a str,
    pub metadata: &'a [u8],
}

impl<'a> Decode<'a> for JoinGroupRequestProtocol<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=5 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 6);
        let value = Self {
            name: reader.string(form, "JoinGroupRequestProtocol.name")?,
            metadata: reader.bytes(form, "JoinGroupRequestProtocol.metadata")?,
        };
        reader.skip_tags(form, "JoinGroupRequestProtocol")?;
        Ok(value)
    }
}

impl Encode for JoinGroupRequestProtocol<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 6);
        sink.string(form, self.name);
        sink.bytes(form, self.metadata);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for JoinGroupRequest<'a> {
    const API: ApiKey = ApiKey::JoinGroup;
    const VERSIONS: Versions = super::versions::JOIN_GROUP;
}
