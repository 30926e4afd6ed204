// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Keeps a member of a classic group alive (KIP-345).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeartbeatResponse {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
}

impl<'a> Decode<'a> for HeartbeatResponse {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 2,
            1..=3 => 6,
            _ => 7,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            throttle_time_ms: if version >= 1 {
                reader.int32("HeartbeatResponse.throttle_time_ms")?
            } else {
                0
            },
            error_code: reader.error_code("HeartbeatResponse.error_code")?,
        };
        reader.skip_tags(form, "HeartbeatResponse")?;
        Ok(value)
    }
}

impl Encode for HeartbeatResponse {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        if version >= 1 {
            sink.int32(self.throttle_time_ms);
        }
        sink.error_code(self.error_code);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for HeartbeatResponse {
    const API: ApiKey = ApiKey::Heartbeat;
    const VERSIONS: Versions = super::versions::HEARTBEAT;
}
