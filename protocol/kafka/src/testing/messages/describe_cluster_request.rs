// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::describe_cluster_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DescribeClusterRequest {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            include_cluster_authorized_operations: source.boolean(),
            endpoint_type: if version >= 1 { source.int8() } else { 1 },
            include_fenced_brokers: if version >= 2 { source.boolean() } else { false },
        }
    }
}
