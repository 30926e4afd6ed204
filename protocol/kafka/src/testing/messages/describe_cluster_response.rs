// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::describe_cluster_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DescribeClusterResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
            endpoint_type: if version >= 1 { source.int8() } else { 1 },
            cluster_id: source.string(),
            controller_id: source.int32(),
            brokers: source.list(|source| DescribeClusterBroker::generate(source, version)),
            cluster_authorized_operations: source.int32(),
        }
    }
}

impl<'a> Generate<'a> for DescribeClusterBroker<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            broker_id: source.int32(),
            host: source.string(),
            port: source.int32(),
            rack: source.optional(|source| source.string()),
            is_fenced: if version >= 2 { source.boolean() } else { false },
        }
    }
}
