// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Which APIs and versions a broker speaks; the first request of most clients (KIP-35, KIP-511, KIP-1242).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiVersionsRequest<'a> {
    pub client_software_name: &'a str,
    pub client_software_version: &'a str,
    pub cluster_id: Option<&'a str>,
    pub node_id: i32,
}

impl Default for ApiVersionsRequest<'_> {
    fn default() -> Self {
        Self { client_software_name: "", client_software_version: "", cluster_id: None, node_id: -1 }
    }
}

impl<'a> Decode<'a> for ApiVersionsRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=2 => 0,
            3..=4 => 3,
            _ => 8,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 3);
        let value = Self {
            client_software_name: if version >= 3 {
                reader.string(form, "ApiVersionsRequest.client_software_name")?
            } else {
                ""
            },
            client_software_version: if version >= 3 {
                reader.string(form, "ApiVersionsRequest.client_software_version")?
            } else {
                ""
            },
            cluster_id: if version >= 5 {
                reader.nullable_string(form, "ApiVersionsRequest.cluster_id")?
            } else {
                None
            },
            node_id: if version >= 5 { reader.int32("ApiVersionsRequest.node_id")? } else { -1 },
        };
        reader.skip_tags(form, "ApiVersionsRequest")?;
        Ok(value)
    }
}

impl Encode for ApiVersionsRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 3);
        if version >= 3 {
            sink.string(form, self.client_software_name);
        }
        if version >= 3 {
            sink.string(form, self.client_software_version);
        }
        if version >= 5 {
            sink.nullable_string(form, self.cluster_id);
        }
        if version >= 5 {
            sink.int32(self.node_id);
        }
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for ApiVersionsRequest<'a> {
    const API: ApiKey = ApiKey::ApiVersions;
    const VERSIONS: Versions = super::versions::API_VERSIONS;
}
