//! Configs of topics, nodes and groups, and counts of partitions, changed and looked at.

use super::empty_body;
use crate::wire::{Reader, put_list, put_string};
use crate::{Body, DecodeError, Op};

/// Gives a topic more partitions. Refused with `UnknownTopicOrPartition` or `InvalidPartitions`. Answered when the new
/// ones can be produced to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicGrow {
    /// Its name.
    pub name: String,
    /// How many partitions it has afterwards.
    pub partitions: i32,
}

impl Body for TopicGrow {
    const OP: Op = Op::TOPIC_GROW;

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.partitions.to_le_bytes());
        put_string(bytes, &self.name);
    }

    fn decode(bytes: &[u8]) -> Result<TopicGrow, DecodeError> {
        let mut reader = Reader::new(bytes);
        Ok(TopicGrow { partitions: reader.i32("partitions")?, name: reader.string("topic name")? })
    }
}

empty_body! {
    /// The topic has them.
    TopicGrowReply: Op::TOPIC_GROW
}

/// What has configs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum ConfigHolder {
    /// The defaults of all nodes; without a name.
    AllNodes = 1,
    /// A node; its id in decimal digits.
    Node = 2,
    /// A consumer group.
    Group = 3,
    /// A topic.
    Topic = 4,
}

impl ConfigHolder {
    fn from_number(number: u16) -> Result<ConfigHolder, DecodeError> {
        match number {
            1 => Ok(ConfigHolder::AllNodes),
            2 => Ok(ConfigHolder::Node),
            3 => Ok(ConfigHolder::Group),
            4 => Ok(ConfigHolder::Topic),
            _ => Err(DecodeError::Value { field: "config holder", value: number.into() }),
        }
    }
}

/// Changes configs: all of the changes or none. Refused with `InvalidConfig`, `InvalidRequest`,
/// `UnknownTopicOrPartition` or another of Kafka's errors. Answered when the node obeys them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigAlter {
    /// What has the configs.
    pub holder: ConfigHolder,
    /// Its name.
    pub name: String,
    /// Names and values that are set.
    pub set: Vec<(String, String)>,
    /// Names that are put back to their defaults.
    pub delete: Vec<String>,
}

impl Body for ConfigAlter {
    const OP: Op = Op::CONFIG_ALTER;

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&(self.holder as u16).to_le_bytes());
        put_string(bytes, &self.name);
        put_list(bytes, &self.set, |bytes, (name, value)| {
            put_string(bytes, name);
            put_string(bytes, value);
        });
        put_list(bytes, &self.delete, |bytes, name| put_string(bytes, name));
    }

    fn decode(bytes: &[u8]) -> Result<ConfigAlter, DecodeError> {
        let mut reader = Reader::new(bytes);
        Ok(ConfigAlter {
            holder: ConfigHolder::from_number(reader.u16("config holder")?)?,
            name: reader.string("name")?,
            set: reader.list("configs to set", 4, |reader| {
                Ok((reader.string("config name")?, reader.string("config value")?))
            })?,
            delete: reader.list("configs to delete", 2, |reader| reader.string("config name"))?,
        })
    }
}

empty_body! {
    /// They hold.
    ConfigAlterReply: Op::CONFIG_ALTER
}

/// Asks for the configs of something. Refused with `UnknownTopicOrPartition`, or `InvalidRequest` for a node other than
/// the one asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigDescribe {
    /// What has the configs.
    pub holder: ConfigHolder,
    /// Its name.
    pub name: String,
}

impl Body for ConfigDescribe {
    const OP: Op = Op::CONFIG_DESCRIBE;

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&(self.holder as u16).to_le_bytes());
        put_string(bytes, &self.name);
    }

    fn decode(bytes: &[u8]) -> Result<ConfigDescribe, DecodeError> {
        let mut reader = Reader::new(bytes);
        Ok(ConfigDescribe {
            holder: ConfigHolder::from_number(reader.u16("config holder")?)?,
            name: reader.string("name")?,
        })
    }
}

/// Every config, in the order of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigDescribeReply {
    /// One each.
    pub configs: Vec<ConfigValue>,
}

/// A config as it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigValue {
    /// Its name.
    pub name: String,
    /// Its value; empty where nothing holds.
    pub value: String,
    /// Where the value is from, by Kafka's numbers: 1 the topic, 2 the node, 3 all nodes, 4 the node's start, 5 the
    /// default, 8 the group.
    pub source: u16,
}

impl Body for ConfigDescribeReply {
    const OP: Op = Op::CONFIG_DESCRIBE;

    fn encode(&self, bytes: &mut Vec<u8>) {
        put_list(bytes, &self.configs, |bytes, config| {
            bytes.extend_from_slice(&config.source.to_le_bytes());
            put_string(bytes, &config.name);
            put_string(bytes, &config.value);
        });
    }

    fn decode(bytes: &[u8]) -> Result<ConfigDescribeReply, DecodeError> {
        let mut reader = Reader::new(bytes);
        let configs = reader.list("configs", 6, |reader| {
            Ok(ConfigValue {
                source: reader.u16("source")?,
                name: reader.string("config name")?,
                value: reader.string("config value")?,
            })
        })?;
        Ok(ConfigDescribeReply { configs })
    }
}
