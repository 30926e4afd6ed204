// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};
use ringlog_model::Uuid;

/// Joins, stays in and leaves a group of the newer protocol, and reconciles its assignment (KIP-848).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerGroupHeartbeatRequest<'a> {
    pub group_id: &'a str,
    pub member_id: &'a str,
    pub member_epoch: i32,
    pub instance_id: Option<&'a str>,
    pub rack_id: Option<&'a str>,
    pub rebalance_timeout_ms: i32,
    pub subscribed_topic_names: Option<Vec<&'a str>>,
    pub subscribed_topic_regex: Option<&'a str>,
    pub server_assignor: Option<&'a str>,
    pub topic_partitions: Option<Vec<TopicPartitions>>,
}

impl Default for ConsumerGroupHeartbeatRequest<'_> {
    fn default() -> Self {
        Self {
            group_id: "",
            member_id: "",
            member_epoch: 0,
            instance_id: None,
            rack_id: None,
            rebalance_timeout_ms: -1,
            subscribed_topic_names: None,
            subscribed_topic_regex: None,
            server_assignor: None,
            topic_partitions: None,
        }
    }
}

impl<'a> Decode<'a> for ConsumerGroupHeartbeatRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 16,
            _ => 17,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            group_id: reader.string(Form::Compact, "ConsumerGroupHeartbeatRequest.group_id")?,
            member_id: reader.string(Form::Compact, "ConsumerGroupHeartbeatRequest.member_id")?,
            member_epoch: reader.int32("ConsumerGroupHeartbeatRequest.member_epoch")?,
            instance_id: reader
                .nullable_string(Form::Compact, "ConsumerGroupHeartbeatRequest.instance_id")?,
            rack_id: reader.nullable_string(Form::Compact, "ConsumerGroupHeartbeatRequest.rack_id")?,
            rebalance_timeout_ms: reader.int32("ConsumerGroupHeartbeatRequest.rebalance_timeout_ms")?,
            subscribed_topic_names: reader.nullable_array(
                Form::Compact,
                Form::Compact.string_length_size(),
                "ConsumerGroupHeartbeatRequest.subscribed_topic_names",
                |reader| reader.string(Form::Compact, "ConsumerGroupHeartbeatRequest.subscribed_topic_names"),
            )?,
            subscribed_topic_regex: if version >= 1 {
                reader
                    .nullable_string(Form::Compact, "ConsumerGroupHeartbeatRequest.subscribed_topic_regex")?
            } else {
                None
            },
            server_assignor: reader
                .nullable_string(Form::Compact, "ConsumerGroupHeartbeatRequest.server_assignor")?,
            topic_partitions: reader.nullable_structures(
                Form::Compact,
                version,
                "ConsumerGroupHeartbeatRequest.topic_partitions",
            )?,
        };
        reader.skip_tags(Form::Compact, "ConsumerGroupHeartbeatRequest")?;
        Ok(value)
    }
}

impl Encode for ConsumerGroupHeartbeatRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.string(Form::Compact, self.group_id);
        sink.string(Form::Compact, self.member_id);
        sink.int32(self.member_epoch);
        sink.nullable_string(Form::Compact, self.instance_id);
        sink.nullable_string(Form::Compact, self.rack_id);
        sink.int32(self.rebalance_timeout_ms);
        sink.nullable_array(Form::Compact, self.subscribed_topic_names.as_deref(), |sink, item| {
            sink.string(Form::Compact, item)
        });
        if version >= 1 {
            sink.nullable_string(Form::Compact, self.subscribed_topic_regex);
        } else if self.subscribed_topic_regex.is_some() {
            sink.unsupported("ConsumerGroupHeartbeatRequest.subscribed_topic_regex", version);
        }
        sink.nullable_string(Form::Compact, self.server_assignor);
        sink.nullable_structures(Form::Compact, version, self.topic_partitions.as_deref());
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicPartitions {
    pub topic_id: Uuid,
    pub partitions: Vec<i32>,
}

impl<'a> Decode<'a> for TopicPartitions {
    fn minimum_size(_version: i16) -> usize {
        18
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topic_id: reader.uuid("TopicPartitions.topic_id")?,
            partitions: reader.array(Form::Compact, 4, "TopicPartitions.partitions", |reader| {
                reader.int32("TopicPartitions.partitions")
            })?,
        };
        reader.skip_tags(Form::Compact, "TopicPartitions")?;
        Ok(value)
    }
}

impl Encode for TopicPartitions {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.uuid(self.topic_id);
        sink.array(Form::Compact, &self.partitions, |sink, item| sink.int32(*item));
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for ConsumerGroupHeartbeatRequest<'a> {
    const API: ApiKey = ApiKey::ConsumerGroupHeartbeat;
    const VERSIONS: Versions = super::versions::CONSUMER_GROUP_HEARTBEAT;
}
