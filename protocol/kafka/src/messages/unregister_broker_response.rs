// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Forgets a broker that is gone (KIP-500).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnregisterBrokerResponse<'a> {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
}

impl<'a> Decode<'a> for UnregisterBrokerResponse<'a> {
    fn minimum_size(_version: i16) -> usize {
        8
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            throttle_time_ms: reader.int32("UnregisterBrokerResponse.throttle_time_ms")?,
            error_code: reader.error_code("UnregisterBrokerResponse.error_code")?,
            error_message: reader.nullable_string(Form::Compact, "UnregisterBrokerResponse.error_message")?,
        };
        reader.skip_tags(Form::Compact, "UnregisterBrokerResponse")?;
        Ok(value)
    }
}

impl Encode for UnregisterBrokerResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.throttle_time_ms);
        sink.error_code(self.error_code);
        sink.nullable_string(Form::Compact, self.error_message);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for UnregisterBrokerResponse<'a> {
    const API: ApiKey = ApiKey::UnregisterBroker;
    const VERSIONS: Versions = super::versions::UNREGISTER_BROKER;
}
