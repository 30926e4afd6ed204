// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// The cluster's id, controller and nodes (KIP-700, KIP-919, KIP-1073).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribeClusterResponse<'a> {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub endpoint_type: i8,
    pub cluster_id: &'a str,
    pub controller_id: i32,
    pub brokers: Vec<DescribeClusterBroker<'a>>,
    pub cluster_authorized_operations: i32,
}

impl Default for DescribeClusterResponse<'_> {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            error_message: None,
            endpoint_type: 1,
            cluster_id: "",
            controller_id: -1,
            brokers: Vec::new(),
            cluster_authorized_operations: i32::MIN,
        }
    }
}

impl<'a> Decode<'a> for DescribeClusterResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 18,
            _ => 19,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            throttle_time_ms: reader.int32("DescribeClusterResponse.throttle_time_ms")?,
            error_code: reader.error_code("DescribeClusterResponse.error_code")?,
            error_message: reader.nullable_string(Form::Compact, "DescribeClusterResponse.error_message")?,
            endpoint_type: if version >= 1 {
                reader.int8("DescribeClusterResponse.endpoint_type")?
            } else {
                1
            },
            cluster_id: reader.string(Form::Compact, "DescribeClusterResponse.cluster_id")?,
            controller_id: reader.int32("DescribeClusterResponse.controller_id")?,
            brokers: reader.structures(Form::Compact, version, "DescribeClusterResponse.brokers")?,
            cluster_authorized_operations: reader
                .int32("DescribeClusterResponse.cluster_authorized_operations")?,
        };
        reader.skip_tags(Form::Compact, "DescribeClusterResponse")?;
        Ok(value)
    }
}

impl Encode for DescribeClusterResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.throttle_time_ms);
        sink.error_code(self.error_code);
        sink.nullable_string(Form::Compact, self.error_message);
        if version >= 1 {
            sink.int8(self.endpoint_type);
        }
        sink.string(Form::Compact, self.cluster_id);
        sink.int32(self.controller_id);
        sink.structures(Form::Compact, version, &self.brokers);
        sink.int32(self.cluster_authorized_operations);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeClusterBroker<'a> {
    pub broker_id: i32,
    pub host: &'a str,
    pub port: i32,
    pub rack: Option<&'a str>,
    pub is_fenced: bool,
}

impl<'a> Decode<'a> for DescribeClusterBroker<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 11,
            _ => 12,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            broker_id: reader.int32("DescribeClusterBroker.broker_id")?,
            host: reader.string(Form::Compact, "DescribeClusterBroker.host")?,
            port: reader.int32("DescribeClusterBroker.port")?,
            rack: reader.nullable_string(Form::Compact, "DescribeClusterBroker.rack")?,
            is_fenced: if version >= 2 { reader.boolean("DescribeClusterBroker.is_fenced")? } else { false },
        };
        reader.skip_tags(Form::Compact, "DescribeClusterBroker")?;
        Ok(value)
    }
}

impl Encode for DescribeClusterBroker<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.broker_id);
        sink.string(Form::Compact, self.host);
        sink.int32(self.port);
        sink.nullable_string(Form::Compact, self.rack);
        if version >= 2 {
            sink.boolean(self.is_fenced);
        }
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for DescribeClusterResponse<'a> {
    const API: ApiKey = ApiKey::DescribeCluster;
    const VERSIONS: Versions = super::versions::DESCRIBE_CLUSTER;
}
