// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};
use ringlog_model::Uuid;

/// Which metrics a client should send (KIP-714).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetTelemetrySubscriptionsResponse<'a> {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub client_instance_id: Uuid,
    pub subscription_id: i32,
    pub accepted_compression_types: Vec<i8>,
    pub push_interval_ms: i32,
    pub telemetry_max_bytes: i32,
    pub delta_temporality: bool,
    pub requested_metrics: Vec<&'a str>,
}

impl<'a> Decode<'a> for GetTelemetrySubscriptionsResponse<'a> {
    fn minimum_size(_version: i16) -> usize {
        38
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            throttle_time_ms: reader.int32("GetTelemetrySubscriptionsResponse.throttle_time_ms")?,
            error_code: reader.error_code("GetTelemetrySubscriptionsResponse.error_code")?,
            client_instance_id: reader.uuid("GetTelemetrySubscriptionsResponse.client_instance_id")?,
            subscription_id: reader.int32("GetTelemetrySubscriptionsResponse.subscription_id")?,
            accepted_compression_types: reader.array(
                Form::Compact,
                1,
                "GetTelemetrySubscriptionsResponse.accepted_compression_types",
                |reader| reader.int8("GetTelemetrySubscriptionsResponse.accepted_compression_types"),
            )?,
            push_interval_ms: reader.int32("GetTelemetrySubscriptionsResponse.push_interval_ms")?,
            telemetry_max_bytes: reader.int32("GetTelemetrySubscriptionsResponse.telemetry_max_bytes")?,
            delta_temporality: reader.boolean("GetTelemetrySubscriptionsResponse.delta_temporality")?,
            requested_metrics: reader.array(
                Form::Compact,
                Form::Compact.string_length_size(),
                "GetTelemetrySubscriptionsResponse.requested_metrics",
                |reader| reader.string(Form::Compact, "GetTelemetrySubscriptionsResponse.requested_metrics"),
            )?,
        };
        reader.skip_tags(Form::Compact, "GetTelemetrySubscriptionsResponse")?;
        Ok(value)
    }
}

impl Encode for GetTelemetrySubscriptionsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.throttle_time_ms);
        sink.error_code(self.error_code);
        sink.uuid(self.client_instance_id);
        sink.int32(self.subscription_id);
        sink.array(Form::Compact, &self.accepted_compression_types, |sink, item| sink.int8(*item));
        sink.int32(self.push_interval_ms);
        sink.int32(self.telemetry_max_bytes);
        sink.boolean(self.delta_temporality);
        sink.array(Form::Compact, &self.requested_metrics, |sink, item| sink.string(Form::Compact, item));
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for GetTelemetrySubscriptionsResponse<'a> {
    const API: ApiKey = ApiKey::GetTelemetrySubscriptions;
    const VERSIONS: Versions = super::versions::GET_TELEMETRY_SUBSCRIPTIONS;
}
