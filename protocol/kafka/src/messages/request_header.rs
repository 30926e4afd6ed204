// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Form, Reader, Sink};

/// Opens every request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestHeader<'a> {
    pub request_api_key: i16,
    pub request_api_version: i16,
    pub correlation_id: i32,
    pub client_id: Option<&'a str>,
}

impl<'a> Decode<'a> for RequestHeader<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 10,
            _ => 11,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            request_api_key: reader.int16("RequestHeader.request_api_key")?,
            request_api_version: reader.int16("RequestHeader.request_api_version")?,
            correlation_id: reader.int32("RequestHeader.correlation_id")?,
            client_id: reader.nullable_string(Form::Classic, "RequestHeader.client_id")?,
        };
        reader.skip_tags(form, "RequestHeader")?;
        Ok(value)
    }
}

impl Encode for RequestHeader<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.int16(self.request_api_key);
        sink.int16(self.request_api_version);
        sink.int32(self.correlation_id);
        sink.nullable_string(Form::Classic, self.client_id);
        sink.no_tags(form);
    }
}
