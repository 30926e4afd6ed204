// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Chooses a SASL mechanism (KIP-12, KIP-43).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SaslHandshakeResponse<'a> {
    pub error_code: ErrorCode,
    pub mechanisms: Vec<&'a str>,
}

impl<'a> Decode<'a> for SaslHandshakeResponse<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            error_code: reader.error_code("SaslHandshakeResponse.error_code")?,
            mechanisms: reader.array(
                Form::Classic,
                Form::Classic.string_length_size(),
                "SaslHandshakeResponse.mechanisms",
                |reader| reader.string(Form::Classic, "SaslHandshakeResponse.mechanisms"),
            )?,
        };
        Ok(value)
    }
}

impl Encode for SaslHandshakeResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.error_code(self.error_code);
        sink.array(Form::Classic, &self.mechanisms, |sink, item| sink.string(Form::Classic, item));
    }
}

impl<'a> Message<'a> for SaslHandshakeResponse<'a> {
    const API: ApiKey = ApiKey::SaslHandshake;
    const VERSIONS: Versions = super::versions::SASL_HANDSHAKE;
}
