// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Keeps a member of a classic group alive (KIP-345).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeartbeatRequest<'a> {
    pub group_id: &'a str,
    pub generation_id: i32,
    pub member_id: &'a str,
    pub group_instance_id: Option<&'a str>,
}

impl<'a> Decode<'a> for HeartbeatRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=2 => 8,
            3 => 10,
            _ => 8,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            group_id: reader.string(form, "HeartbeatRequest.group_id")?,
            generation_id: reader.int32("HeartbeatRequest.generation_id")?,
            member_id: reader.string(form, "HeartbeatRequest.member_id")?,
            group_instance_id: if version >= 3 {
                reader.nullable_string(form, "HeartbeatRequest.group_instance_id")?
            } else {
                None
            },
        };
        reader.skip_tags(form, "HeartbeatRequest")?;
        Ok(value)
    }
}

impl Encode for HeartbeatRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.string(form, self.group_id);
        sink.int32(self.generation_id);
        sink.string(form, self.member_id);
        if version >= 3 {
            sink.nullable_string(form, self.group_instance_id);
        } else if self.group_instance_id.is_some() {
            sink.unsupported("HeartbeatRequest.group_instance_id", version);
        }
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for HeartbeatRequest<'a> {
    const API: ApiKey = ApiKey::Heartbeat;
    const VERSIONS: Versions = super::versions::HEARTBEAT;
}
