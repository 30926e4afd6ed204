// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Form, Reader, Sink};

/// Opens every response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResponseHeader {
    pub correlation_id: i32,
}

impl<'a> Decode<'a> for ResponseHeader {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 4,
            _ => 5,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 1);
        let value = Self { correlation_id: reader.int32("ResponseHeader.correlation_id")? };
        reader.skip_tags(form, "ResponseHeader")?;
        Ok(value)
    }
}

impl Encode for ResponseHeader {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 1);
        sink.int32(self.correlation_id);
        sink.no_tags(form);
    }
}
