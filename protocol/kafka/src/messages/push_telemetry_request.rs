// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};
use ringlog_model::Uuid;

/// Metrics of a client (KIP-714).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushTelemetryRequest<'a> {
    pub client_instance_id: Uuid,
    pub subscription_id: i32,
    pub terminating: bool,
    pub compression_type: i8,
    pub metrics: &'a [u8],
}

impl<'a> Decode<'a> for PushTelemetryRequest<'a> {
    fn minimum_size(_version: i16) -> usize {
        24
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            client_instance_id: reader.uuid("PushTelemetryRequest.client_instance_id")?,
            subscription_id: reader.int32("PushTelemetryRequest.subscription_id")?,
            terminating: reader.boolean("PushTelemetryRequest.terminating")?,
            compression_type: reader.int8("PushTelemetryRequest.compression_type")?,
            metrics: reader.bytes(Form::Compact, "PushTelemetryRequest.metrics")?,
        };
        reader.skip_tags(Form::Compact, "PushTelemetryRequest")?;
        Ok(value)
    }
}

impl Encode for PushTelemetryRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.uuid(self.client_instance_id);
        sink.int32(self.subscription_id);
        sink.boolean(self.terminating);
        sink.int8(self.compression_type);
        sink.bytes(Form::Compact, self.metrics);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for PushTelemetryRequest<'a> {
    const API: ApiKey = ApiKey::PushTelemetry;
    const VERSIONS: Versions = super::versions::PUSH_TELEMETRY;
}
