// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Metrics of a client (KIP-714).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PushTelemetryResponse {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
}

impl<'a> Decode<'a> for PushTelemetryResponse {
    fn minimum_size(_version: i16) -> usize {
        7
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            throttle_time_ms: reader.int32("PushTelemetryResponse.throttle_time_ms")?,
            error_code: reader.error_code("PushTelemetryResponse.error_code")?,
        };
        reader.skip_tags(Form::Compact, "PushTelemetryResponse")?;
        Ok(value)
    }
}

impl Encode for PushTelemetryResponse {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.throttle_time_ms);
        sink.error_code(self.error_code);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for PushTelemetryResponse {
    const API: ApiKey = ApiKey::PushTelemetry;
    const VERSIONS: Versions = super::versions::PUSH_TELEMETRY;
}
