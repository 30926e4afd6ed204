// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// The resources that have a configuration of their own (KIP-714, KIP-1142).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListConfigResourcesRequest {
    pub resource_types: Vec<i8>,
}

impl<'a> Decode<'a> for ListConfigResourcesRequest {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 1,
            _ => 2,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            resource_types: if version >= 1 {
                reader.array(Form::Compact, 1, "ListConfigResourcesRequest.resource_types", |reader| {
                    reader.int8("ListConfigResourcesRequest.resource_types")
                })?
            } else {
                Vec::new()
            },
        };
        reader.skip_tags(Form::Compact, "ListConfigResourcesRequest")?;
        Ok(value)
    }
}

impl Encode for ListConfigResourcesRequest {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        if version >= 1 {
            sink.array(Form::Compact, &self.resource_types, |sink, item| sink.int8(*item));
        } else if !self.resource_types.is_empty() {
            sink.unsupported("ListConfigResourcesRequest.resource_types", version);
        }
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for ListConfigResourcesRequest {
    const API: ApiKey = ApiKey::ListConfigResources;
    const VERSIONS: Versions = super::versions::LIST_CONFIG_RESOURCES;
}
