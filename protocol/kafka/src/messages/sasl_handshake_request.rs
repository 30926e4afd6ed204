// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Chooses a SASL mechanism (KIP-12, KIP-43).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SaslHandshakeRequest<'a> {
    pub mechanism: &'a str,
}

impl<'a> Decode<'a> for SaslHandshakeRequest<'a> {
    fn minimum_size(_version: i16) -> usize {
        2
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self { mechanism: reader.string(Form::Classic, "SaslHandshakeRequest.mechanism")? };
        Ok(value)
    }
}

impl Encode for SaslHandshakeRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Classic, self.mechanism);
    }
}

impl<'a> Message<'a> for SaslHandshakeRequest<'a> {
    const API: ApiKey = ApiKey::SaslHandshake;
    const VERSIONS: Versions = super::versions::SASL_HANDSHAKE;
}
