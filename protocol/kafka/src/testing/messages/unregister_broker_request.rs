// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::unregister_broker_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for UnregisterBrokerRequest {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { broker_id: source.int32() }
    }
}
