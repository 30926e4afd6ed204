// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::api_versions_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ApiVersionsRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            client_software_name: if version >= 3 { source.string() } else { "" },
            client_software_version: if version >= 3 { source.string() } else { "" },
            cluster_id: if version >= 5 { source.optional(|source| source.string()) } else { None },
            node_id: if version >= 5 { source.int32() } else { -1 },
        }
    }
}
