// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::push_telemetry_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for PushTelemetryRequest<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            client_instance_id: source.uuid(),
            subscription_id: source.int32(),
            terminating: source.boolean(),
            compression_type: source.int8(),
            metrics: source.bytes(),
        }
    }
}
