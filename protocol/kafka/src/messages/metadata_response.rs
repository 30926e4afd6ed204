// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};
use ringlog_model::Uuid;

/// The brokers of the cluster, and the topics and partitions with their leaders (KIP-4, KIP-516).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataResponse<'a> {
    pub throttle_time_ms: i32,
    pub brokers: Vec<MetadataResponseBroker<'a>>,
    pub cluster_id: Option<&'a str>,
    pub controller_id: i32,
    pub topics: Vec<MetadataResponseTopic<'a>>,
    pub cluster_authorized_operations: i32,
    pub error_code: ErrorCode,
}

impl Default for MetadataResponse<'_> {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            brokers: Vec::new(),
            cluster_id: None,
            controller_id: -1,
            topics: Vec::new(),
            cluster_authorized_operations: i32::MIN,
            error_code: ErrorCode::NONE,
        }
    }
}

impl<'a> Decode<'a> for MetadataResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 8,
            1 => 12,
            2 => 14,
            3..=7 => 18,
            8 => 22,
            9..=10 => 16,
            11..=12 => 12,
            _ => 14,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 9);
        let value = Self {
            throttle_time_ms: if version >= 3 {
                reader.int32("MetadataResponse.throttle_time_ms")?
            } else {
                0
            },
            brokers: reader.structures(form, version, "MetadataResponse.brokers")?,
            cluster_id: if version >= 2 {
                reader.nullable_string(form, "MetadataResponse.cluster_id")?
            } else {
                None
            },
            controller_id: if version >= 1 { reader.int32("MetadataResponse.controller_id")? } else { -1 },
            topics: reader.structures(form, version, "MetadataResponse.topics")?,
            cluster_authorized_operations: if (8..=10).contains(&version) {
                reader.int32("MetadataResponse.cluster_authorized_operations")?
            } else {
                i32::MIN
            },
            error_code: if version >= 13 {
                reader.error_code("MetadataResponse.error_code")?
            } else {
                ErrorCode::NONE
            },
        };
        reader.skip_tags(form, "MetadataResponse")?;
        Ok(value)
    }
}

impl Encode for MetadataResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 9);
        if version >= 3 {
            sink.int32(self.throttle_time_ms);
        }
        sink.structures(form, version, &self.brokers);
        if version >= 2 {
            sink.nullable_string(form, self.cluster_id);
        }
        if version >= 1 {
            sink.int32(self.controller_id);
        }
        sink.structures(form, version, &self.topics);
        if (8..=10).contains(&version) {
            sink.int32(self.cluster_authorized_operations);
        }
        if version >= 13 {
            sink.error_code(self.error_code);
        }
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataResponseBroker<'a> {
    pub node_id: i32,
    pub host: &'a str,
    pub port: i32,
    pub rack: Option<&'a str>,
}

impl<'a> Decode<'a> for MetadataResponseBroker<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 10,
            1..=8 => 12,
            _ => 11,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 9);
        let value = Self {
            node_id: reader.int32("MetadataResponseBroker.node_id")?,
            host: reader.string(form, "MetadataResponseBroker.host")?,
            port: reader.int32("MetadataResponseBroker.port")?,
            rack: if version >= 1 {
                reader.nullable_string(form, "MetadataResponseBroker.rack")?
            } else {
                None
            },
        };
        reader.skip_tags(form, "MetadataResponseBroker")?;
        Ok(value)
    }
}

impl Encode for MetadataResponseBroker<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 9);
        sink.int32(self.node_id);
        sink.string(form, self.host);
        sink.int32(self.port);
        if version >= 1 {
            sink.nullable_string(form, self.rack);
        }
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataResponseTopic<'a> {
    pub error_code: ErrorCode,
    /// Null if a topic was asked for by an id that does not exist.
    pub name: Option<&'a str>,
    pub topic_id: Uuid,
    pub is_internal: bool,
    pub partitions: Vec<MetadataResponsePartition>,
    /// A bit per operation; the default means that nobody asked.
    pub topic_authorized_operations: i32,
}

impl Default for MetadataResponseTopic<'_> {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            name: None,
            topic_id: Uuid::ZERO,
            is_internal: false,
            partitions: Vec::new(),
            topic_authorized_operations: i32::MIN,
        }
    }
}

impl<'a> Decode<'a> for MetadataResponseTopic<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 8,
            1..=7 => 9,
            8 => 13,
            9 => 10,
            _ => 26,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 9);
        let value = Self {
            error_code: reader.error_code("MetadataResponseTopic.error_code")?,
            name: if version >= 12 {
                reader.nullable_string(form, "MetadataResponseTopic.name")?
            } else {
                Some(reader.string(form, "MetadataResponseTopic.name")?)
            },
            topic_id: if version >= 10 { reader.uuid("MetadataResponseTopic.topic_id")? } else { Uuid::ZERO },
            is_internal: if version >= 1 {
                reader.boolean("MetadataResponseTopic.is_internal")?
            } else {
                false
            },
            partitions: reader.structures(form, version, "MetadataResponseTopic.partitions")?,
            topic_authorized_operations: if version >= 8 {
                reader.int32("MetadataResponseTopic.topic_authorized_operations")?
            } else {
                i32::MIN
            },
        };
        reader.skip_tags(form, "MetadataResponseTopic")?;
        Ok(value)
    }
}

impl Encode for MetadataResponseTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 9);
        sink.error_code(self.error_code);
        if version >= 12 {
            sink.nullable_string(form, self.name);
        } else {
            let value = sink.required("MetadataResponseTopic.name", version, self.name);
            sink.string(form, value);
        }
        if version >= 10 {
            sink.uuid(self.topic_id);
        }
        if version >= 1 {
            sink.boolean(self.is_internal);
        }
        sink.structures(form, version, &self.partitions);
        if version >= 8 {
            sink.int32(self.topic_authorized_operations);
        }
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataResponsePartition {
    pub error_code: ErrorCode,
    pub partition_index: i32,
    pub leader_id: i32,
    pub leader_epoch: i32,
    pub replica_nodes: Vec<i32>,
    pub isr_nodes: Vec<i32>,
    pub offline_replicas: Vec<i32>,
}

impl Default for MetadataResponsePartition {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            partition_index: 0,
            leader_id: 0,
            leader_epoch: -1,
            replica_nodes: Vec::new(),
            isr_nodes: Vec::new(),
            offline_replicas: Vec::new(),
        }
    }
}

impl<'a> Decode<'a> for MetadataResponsePartition {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=4 => 18,
            5..=6 => 22,
            7..=8 => 26,
            _ => 18,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 9);
        let value = Self {
            error_code: reader.error_code("MetadataResponsePartition.error_code")?,
            partition_index: reader.int32("MetadataResponsePartition.partition_index")?,
            leader_id: reader.int32("MetadataResponsePartition.leader_id")?,
            leader_epoch: if version >= 7 {
                reader.int32("MetadataResponsePartition.leader_epoch")?
            } else {
                -1
            },
            replica_nodes: reader.array(form, 4, "MetadataResponsePartition.replica_nodes", |reader| {
                reader.int32("MetadataResponsePartition.replica_nodes")
            })?,
            isr_nodes: reader.array(form, 4, "MetadataResponsePartition.isr_nodes", |reader| {
                reader.int32("MetadataResponsePartition.isr_nodes")
            })?,
            offline_replicas: if version >= 5 {
                reader.array(form, 4, "MetadataResponsePartition.offline_replicas", |reader| {
                    reader.int32("MetadataResponsePartition.offline_replicas")
                })?
            } else {
                Vec::new()
            },
        };
        reader.skip_tags(form, "MetadataResponsePartition")?;
        Ok(value)
    }
}

impl Encode for MetadataResponsePartition {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 9);
        sink.error_code(self.error_code);
        sink.int32(self.partition_index);
        sink.int32(self.leader_id);
        if version >= 7 {
            sink.int32(self.leader_epoch);
        }
        sink.array(form, &self.replica_nodes, |sink, item| sink.int32(*item));
        sink.array(form, &self.isr_nodes, |sink, item| sink.int32(*item));
        if version >= 5 {
            sink.array(form, &self.offline_replicas, |sink, item| sink.int32(*item));
        }
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for MetadataResponse<'a> {
    const API: ApiKey = ApiKey::Metadata;
    const VERSIONS: Versions = super::versions::METADATA;
}
