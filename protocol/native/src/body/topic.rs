//! The life of topics. A node forwards what changes the cluster to its controller and answers when it has been done.

use super::empty_body;
use crate::wire::{Reader, put_list, put_string};
use crate::{Body, DecodeError, Op};
use ringlog_model::{LeaderEpoch, NodeId, PartitionIndex, ShardId, TopicId, Uuid};

/// Creates a topic. Refused with `TopicAlreadyExists`, `InvalidTopic`, `InvalidPartitions`, `InvalidReplicationFactor`
/// or `InvalidConfig`. Answered when the partitions can be produced to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicCreate {
    /// Its name, by Kafka's rules.
    pub name: String,
    /// How many partitions; -1 for the cluster's default.
    pub partitions: i32,
    /// How many replicas of each; -1 for the cluster's default.
    pub replication_factor: i16,
    /// Configuration names and values.
    pub configs: Vec<(String, String)>,
}

impl Body for TopicCreate {
    const OP: Op = Op::TOPIC_CREATE;

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.partitions.to_le_bytes());
        bytes.extend_from_slice(&self.replication_factor.to_le_bytes());
        put_string(bytes, &self.name);
        put_configs(bytes, &self.configs);
    }

    fn decode(bytes: &[u8]) -> Result<TopicCreate, DecodeError> {
        let mut reader = Reader::new(bytes);
        Ok(TopicCreate {
            partitions: reader.i32("partitions")?,
            replication_factor: reader.i16("replication factor")?,
            name: reader.string("topic name")?,
            configs: configs(&mut reader)?,
        })
    }
}

/// The topic is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicCreateReply {
    /// Its identifier.
    pub topic: TopicId,
    /// How many partitions it got.
    pub partitions: i32,
}

impl Body for TopicCreateReply {
    const OP: Op = Op::TOPIC_CREATE;

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.topic.0.0);
        bytes.extend_from_slice(&self.partitions.to_le_bytes());
    }

    fn decode(bytes: &[u8]) -> Result<TopicCreateReply, DecodeError> {
        let mut reader = Reader::new(bytes);
        Ok(TopicCreateReply { topic: topic_id(&mut reader)?, partitions: reader.i32("partitions")? })
    }
}

empty_body! {
    /// Asks for all topics.
    TopicList: Op::TOPIC_LIST
}

/// All topics, ordered by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicListReply {
    /// One line each.
    pub topics: Vec<TopicSummary>,
}

/// A topic in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSummary {
    /// Its name.
    pub name: String,
    /// Its identifier.
    pub topic: TopicId,
    /// How many partitions it has.
    pub partitions: i32,
    /// Replicas of each.
    pub replication_factor: i16,
}

impl Body for TopicListReply {
    const OP: Op = Op::TOPIC_LIST;

    fn encode(&self, bytes: &mut Vec<u8>) {
        put_list(bytes, &self.topics, |bytes, topic| {
            bytes.extend_from_slice(&topic.topic.0.0);
            bytes.extend_from_slice(&topic.partitions.to_le_bytes());
            bytes.extend_from_slice(&topic.replication_factor.to_le_bytes());
            put_string(bytes, &topic.name);
        });
    }

    fn decode(bytes: &[u8]) -> Result<TopicListReply, DecodeError> {
        let mut reader = Reader::new(bytes);
        let topics = reader.list("topics", 24, |reader| {
            Ok(TopicSummary {
                topic: topic_id(reader)?,
                partitions: reader.i32("partitions")?,
                replication_factor: reader.i16("replication factor")?,
                name: reader.string("topic name")?,
            })
        })?;
        Ok(TopicListReply { topics })
    }
}

/// Asks for one topic. Refused with `UnknownTopicOrPartition`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicDescribe {
    /// By name.
    pub name: String,
}

impl Body for TopicDescribe {
    const OP: Op = Op::TOPIC_DESCRIBE;

    fn encode(&self, bytes: &mut Vec<u8>) {
        put_string(bytes, &self.name);
    }

    fn decode(bytes: &[u8]) -> Result<TopicDescribe, DecodeError> {
        Ok(TopicDescribe { name: Reader::new(bytes).string("topic name")? })
    }
}

/// One topic. Offsets are not in here: they belong to the partitions' leaders, see [`super::ListOffsets`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicDescribeReply {
    /// Its name.
    pub name: String,
    /// Its identifier.
    pub topic: TopicId,
    /// In order of their index.
    pub partitions: Vec<PartitionDescription>,
    /// The configuration values that were set for this topic, ordered by name.
    pub configs: Vec<(String, String)>,
}

/// One partition's leadership and replicas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionDescription {
    /// Which.
    pub index: PartitionIndex,
    /// [`NodeId::NONE`] while there is none.
    pub leader: NodeId,
    /// Of that leadership.
    pub epoch: LeaderEpoch,
    /// The shard of the leader that owns it.
    pub shard: ShardId,
    /// Who keeps a copy, preferred leader first.
    pub replicas: Vec<NodeId>,
    /// Those of them in sync.
    pub in_sync: Vec<NodeId>,
}

impl Body for TopicDescribeReply {
    const OP: Op = Op::TOPIC_DESCRIBE;

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.topic.0.0);
        put_string(bytes, &self.name);
        put_list(bytes, &self.partitions, |bytes, partition| {
            bytes.extend_from_slice(&partition.index.0.to_le_bytes());
            bytes.extend_from_slice(&partition.leader.0.to_le_bytes());
            bytes.extend_from_slice(&partition.epoch.0.to_le_bytes());
            bytes.extend_from_slice(&partition.shard.0.to_le_bytes());
            put_list(bytes, &partition.replicas, |bytes, node| {
                bytes.extend_from_slice(&node.0.to_le_bytes())
            });
            put_list(bytes, &partition.in_sync, |bytes, node| bytes.extend_from_slice(&node.0.to_le_bytes()));
        });
        put_configs(bytes, &self.configs);
    }

    fn decode(bytes: &[u8]) -> Result<TopicDescribeReply, DecodeError> {
        let mut reader = Reader::new(bytes);
        Ok(TopicDescribeReply {
            topic: topic_id(&mut reader)?,
            name: reader.string("topic name")?,
            partitions: reader.list("partitions", 22, |reader| {
                Ok(PartitionDescription {
                    index: PartitionIndex(reader.i32("partition index")?),
                    leader: NodeId(reader.i32("leader")?),
                    epoch: LeaderEpoch(reader.i32("leader epoch")?),
                    shard: ShardId(reader.u16("shard")?),
                    replicas: reader.list("replicas", 4, |reader| reader.i32("replica").map(NodeId))?,
                    in_sync: reader
                        .list("in-sync replicas", 4, |reader| reader.i32("in-sync replica").map(NodeId))?,
                })
            })?,
            configs: configs(&mut reader)?,
        })
    }
}

/// Deletes a topic and its data. Refused with `UnknownTopicOrPartition`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicDelete {
    /// By name.
    pub name: String,
}

impl Body for TopicDelete {
    const OP: Op = Op::TOPIC_DELETE;

    fn encode(&self, bytes: &mut Vec<u8>) {
        put_string(bytes, &self.name);
    }

    fn decode(bytes: &[u8]) -> Result<TopicDelete, DecodeError> {
        Ok(TopicDelete { name: Reader::new(bytes).string("topic name")? })
    }
}

empty_body! {
    /// The topic is gone; its disk space follows.
    TopicDeleteReply: Op::TOPIC_DELETE
}

fn topic_id(reader: &mut Reader<'_>) -> Result<TopicId, DecodeError> {
    let bytes: &[u8; 16] = reader.fixed("topic id")?;
    Ok(TopicId(Uuid(*bytes)))
}

fn put_configs(bytes: &mut Vec<u8>, configs: &[(String, String)]) {
    put_list(bytes, configs, |bytes, (name, value)| {
        put_string(bytes, name);
        put_string(bytes, value);
    });
}

fn configs(reader: &mut Reader<'_>) -> Result<Vec<(String, String)>, DecodeError> {
    reader.list("configs", 4, |reader| Ok((reader.string("config name")?, reader.string("config value")?)))
}
