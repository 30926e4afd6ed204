// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::get_telemetry_subscriptions_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for GetTelemetrySubscriptionsResponse<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            error_code: source.error_code(),
            client_instance_id: source.uuid(),
            subscription_id: source.int32(),
            accepted_compression_types: source.list(|source| source.int8()),
            push_interval_ms: source.int32(),
            telemetry_max_bytes: source.int32(),
            delta_temporality: source.boolean(),
            requested_metrics: source.list(|source| source.string()),
        }
    }
}
