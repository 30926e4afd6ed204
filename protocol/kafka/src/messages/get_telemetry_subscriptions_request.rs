// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};
use ringlog_model::Uuid;

/// Which metrics a client should send (KIP-714).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetTelemetrySubscriptionsRequest {
    pub client_instance_id: Uuid,
}

impl<'a> Decode<'a> for GetTelemetrySubscriptionsRequest {
    fn minimum_size(_version: i16) -> usize {
        17
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value =
            Self { client_instance_id: reader.uuid("GetTelemetrySubscriptionsRequest.client_instance_id")? };
        reader.skip_tags(Form::Compact, "GetTelemetrySubscriptionsRequest")?;
        Ok(value)
    }
}

impl Encode for GetTelemetrySubscriptionsRequest {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.uuid(self.client_instance_id);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for GetTelemetrySubscriptionsRequest {
    const API: ApiKey = ApiKey::GetTelemetrySubscriptions;
    const VERSIONS: Versions = super::versions::GET_TELEMETRY_SUBSCRIPTIONS;
}
