// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::get_telemetry_subscriptions_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for GetTelemetrySubscriptionsRequest {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { client_instance_id: source.uuid() }
    }
}
