// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// One step of a SASL exchange (KIP-152, KIP-368).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SaslAuthenticateResponse<'a> {
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub auth_bytes: &'a [u8],
    pub session_lifetime_ms: i64,
}

impl<'a> Decode<'a> for SaslAuthenticateResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 8,
            1 => 16,
            _ => 13,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            error_code: reader.error_code("SaslAuthenticateResponse.error_code")?,
            error_message: reader.nullable_string(form, "SaslAuthenticateResponse.error_message")?,
            auth_bytes: reader.bytes(form, "SaslAuthenticateResponse.auth_bytes")?,
            session_lifetime_ms: if version >= 1 {
                reader.int64("SaslAuthenticateResponse.session_lifetime_ms")?
            } else {
                0
            },
        };
        reader.skip_tags(form, "SaslAuthenticateResponse")?;
        Ok(value)
    }
}

impl Encode for SaslAuthenticateResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.error_code(self.error_code);
        sink.nullable_string(form, self.error_message);
        sink.bytes(form, self.auth_bytes);
        if version >= 1 {
            sink.int64(self.session_lifetime_ms);
        }
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for SaslAuthenticateResponse<'a> {
    const API: ApiKey = ApiKey::SaslAuthenticate;
    const VERSIONS: Versions = super::versions::SASL_AUTHENTICATE;
}
