// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Forgets a broker that is gone (KIP-500).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnregisterBrokerRequest {
    pub broker_id: i32,
}

impl<'a> Decode<'a> for UnregisterBrokerRequest {
    fn minimum_size(_version: i16) -> usize {
        5
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self { broker_id: reader.int32("UnregisterBrokerRequest.broker_id")? };
        reader.skip_tags(Form::Compact, "UnregisterBrokerRequest")?;
        Ok(value)
    }
}

impl Encode for UnregisterBrokerRequest {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.broker_id);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for UnregisterBrokerRequest {
    const API: ApiKey = ApiKey::UnregisterBroker;
    const VERSIONS: Versions = super::versions::UNREGISTER_BROKER;
}
