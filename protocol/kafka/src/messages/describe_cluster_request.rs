// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// The cluster's id, controller and nodes (KIP-700, KIP-919, KIP-1073).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DescribeClusterRequest {
    pub include_cluster_authorized_operations: bool,
    pub endpoint_type: i8,
    pub include_fenced_brokers: bool,
}

impl Default for DescribeClusterRequest {
    fn default() -> Self {
        Self { include_cluster_authorized_operations: false, endpoint_type: 1, include_fenced_brokers: false }
    }
}

impl<'a> Decode<'a> for DescribeClusterRequest {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 2,
            1 => 3,
            _ => 4,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            include_cluster_authorized_operations: reader
                .boolean("DescribeClusterRequest.include_cluster_authorized_operations")?,
            endpoint_type: if version >= 1 {
                reader.int8("DescribeClusterRequest.endpoint_type")?
            } else {
                1
            },
            include_fenced_brokers: if version >= 2 {
                reader.boolean("DescribeClusterRequest.include_fenced_brokers")?
            } else {
                false
            },
        };
        reader.skip_tags(Form::Compact, "DescribeClusterRequest")?;
        Ok(value)
    }
}

impl Encode for DescribeClusterRequest {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.boolean(self.include_cluster_authorized_operations);
        if version >= 1 {
            sink.int8(self.endpoint_type);
        } else if self.endpoint_type != 1 {
            sink.unsupported("DescribeClusterRequest.endpoint_type", version);
        }
        if version >= 2 {
            sink.boolean(self.include_fenced_brokers);
        } else if self.include_fenced_brokers {
            sink.unsupported("DescribeClusterRequest.include_fenced_brokers", version);
        }
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for DescribeClusterRequest {
    const API: ApiKey = ApiKey::DescribeCluster;
    const VERSIONS: Versions = super::versions::DESCRIBE_CLUSTER;
}
