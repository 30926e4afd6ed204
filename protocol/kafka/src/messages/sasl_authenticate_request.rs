// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// One step of a SASL exchange (KIP-152, KIP-368).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SaslAuthenticateRequest<'a> {
    pub auth_bytes: &'a [u8],
}

impl<'a> Decode<'a> for SaslAuthenticateRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 4,
            _ => 2,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self { auth_bytes: reader.bytes(form, "SaslAuthenticateRequest.auth_bytes")? };
        reader.skip_tags(form, "SaslAuthenticateRequest")?;
        Ok(value)
    }
}

impl Encode for SaslAuthenticateRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.bytes(form, self.auth_bytes);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for SaslAuthenticateRequest<'a> {
    const API: ApiKey = ApiKey::SaslAuthenticate;
    const VERSIONS: Versions = super::versions::SASL_AUTHENTICATE;
}
