// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Exchanges the assignment of a classic group's generation (KIP-345, KIP-559).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncGroupResponse<'a> {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub protocol_type: Option<&'a str>,
    pub protocol_name: Option<&'a str>,
    pub assignment: &'a [u8],
}

impl<'a> Decode<'a> for SyncGroupResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 6,
            1..=3 => 10,
            4 => 8,
            _ => 10,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            throttle_time_ms: if version >= 1 {
                reader.int32("SyncGroupResponse.throttle_time_ms")?
            } else {
                0
            },
            error_code: reader.error_code("SyncGroupResponse.error_code")?,
            protocol_type: if version >= 5 {
                reader.nullable_string(form, "SyncGroupResponse.protocol_type")?
            } else {
                None
            },
            protocol_name: if version >= 5 {
                reader.nullable_string(form, "SyncGroupResponse.protocol_name")?
            } else {
                None
            },
            assignment: reader.bytes(form, "SyncGroupResponse.assignment")?,
        };
        reader.skip_tags(form, "SyncGroupResponse")?;
        Ok(value)
    }
}

impl Encode for SyncGroupResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        if version >= 1 {
            sink.int32(self.throttle_time_ms);
        }
        sink.error_code(self.error_code);
        if version >= 5 {
            sink.nullable_string(form, self.protocol_type);
        }
        if version >= 5 {
            sink.nullable_string(form, self.protocol_name);
        }
        sink.bytes(form, self.assignment);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for SyncGroupResponse<'a> {
    const API: ApiKey = ApiKey::SyncGroup;
    const VERSIONS: Versions = super::versions::SYNC_GROUP;
}
