// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};
use ringlog_model::Uuid;

/// The brokers of the cluster, and the topics and partitions with their leaders (KIP-4, KIP-516).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataRequest<'a> {
    /// Null asks for all topics; in version 0, which has no null, an empty list does.
    pub topics: Option<Vec<MetadataRequestTopic<'a>>>,
    /// Whether topics named here may come into being by being asked for.
    pub allow_auto_topic_creation: bool,
    pub include_cluster_authorized_operations: bool,
    pub include_topic_authorized_operations: bool,
}

impl Default for MetadataRequest<'_> {
    fn default() -> Self {
        Self {
            topics: None,
            allow_auto_topic_creation: true,
            include_cluster_authorized_operations: false,
            include_topic_authorized_operations: false,
        }
    }
}

impl<'a> Decode<'a> for MetadataRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 4,
            4..=7 => 5,
            8 => 7,
            9..=10 => 5,
            _ => 4,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 9);
        let value = Self {
            topics: if version >= 1 {
                reader.nullable_structures(form, version, "MetadataRequest.topics")?
            } else {
                Some(reader.structures(form, version, "MetadataRequest.topics")?)
            },
            allow_auto_topic_creation: if version >= 4 {
                reader.boolean("MetadataRequest.allow_auto_topic_creation")?
            } else {
                true
            },
            include_cluster_authorized_operations: if (8..=10).contains(&version) {
                reader.boolean("MetadataRequest.include_cluster_authorized_operations")?
            } else {
                false
            },
            include_topic_authorized_operations: if version >= 8 {
                reader.boolean("MetadataRequest.include_topic_authorized_operations")?
            } else {
                false
            },
        };
        reader.skip_tags(form, "MetadataRequest")?;
        Ok(value)
    }
}

impl Encode for MetadataRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 9);
        if version >= 1 {
            sink.nullable_structures(form, version, self.topics.as_deref());
        } else {
            let value = sink.required("MetadataRequest.topics", version, self.topics.as_deref());
            sink.structures(form, version, value);
        }
        if version >= 4 {
            sink.boolean(self.allow_auto_topic_creation);
        } else if !self.allow_auto_topic_creation {
            sink.unsupported("MetadataRequest.allow_auto_topic_creation", version);
        }
        if (8..=10).contains(&version) {
            sink.boolean(self.include_cluster_authorized_operations);
        } else if self.include_cluster_authorized_operations {
            sink.unsupported("MetadataRequest.include_cluster_authorized_operations", version);
        }
        if version >= 8 {
            sink.boolean(self.include_topic_authorized_operations);
        } else if self.include_topic_authorized_operations {
            sink.unsupported("MetadataRequest.include_topic_authorized_operations", version);
        }
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataRequestTopic<'a> {
    pub topic_id: Uuid,
    pub name: Option<&'a str>,
}

impl<'a> Decode<'a> for MetadataRequestTopic<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=9 => 2,
            _ => 18,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 9);
        let value = Self {
            topic_id: if version >= 10 { reader.uuid("MetadataRequestTopic.topic_id")? } else { Uuid::ZERO },
            name: if version >= 10 {
                reader.nullable_string(form, "MetadataRequestTopic.name")?
            } else {
                Some(reader.string(form, "MetadataRequestTopic.name")?)
            },
        };
        reader.skip_tags(form, "MetadataRequestTopic")?;
        Ok(value)
    }
}

impl Encode for MetadataRequestTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 9);
        if version >= 10 {
            sink.uuid(self.topic_id);
        }
        if version >= 10 {
            sink.nullable_string(form, self.name);
        } else {
            let value = sink.required("MetadataRequestTopic.name", version, self.name);
            sink.string(form, value);
        }
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for MetadataRequest<'a> {
    const API: ApiKey = ApiKey::Metadata;
    const VERSIONS: Versions = super::versions::METADATA;
}
