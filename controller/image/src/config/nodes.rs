//! The configs of nodes ("brokers" in Kafka's words).
//!
//! Those that may be changed while a node runs are the defaults of topics; they are made of the topics' table, so that
//! the two cannot differ. The others say how the node was started, and only the node knows their values.

use super::{ConfigDefinition, ConfigKind::*, Importance, TOPIC_CONFIGS, topics_synonyms};
use alloc::vec::Vec;

const MAX_INT: i32 = i32::MAX;
const MAX: i64 = i64::MAX;

/// The configs of a node that only a restart changes, in the order of names.
pub const NODE_START_CONFIGS: &[ConfigDefinition] = &[
    start("advertised.listeners", Texts, "Where clients are told to connect to, as NAME://HOST:PORT."),
    start(
        "auto.create.topics.enable",
        Boolean,
        "Whether Metadata creates topics that clients ask for by name.",
    ),
    start("broker.id", Int(0, MAX_INT), "The node's id."),
    start("connections.max.idle.ms", Long(0, MAX), "How long a connection may be idle before it is closed."),
    fixed("default.replication.factor", Int(1, 32_767), "1", "Replicas of topics created without a number."),
    fixed("delete.topic.enable", Boolean, "true", "Whether topics may be deleted."),
    start("fetch.max.bytes", Int(1, MAX_INT), "The most bytes of records in one fetch response."),
    fixed(
        "group.consumer.assignors",
        Texts,
        "uniform,range",
        "The assignors of the consumer protocol, the first as the default.",
    ),
    fixed(
        "group.consumer.heartbeat.interval.ms",
        Int(1, MAX_INT),
        "5000",
        "How often members of the consumer protocol are told to send a heartbeat.",
    ),
    fixed(
        "group.consumer.max.heartbeat.interval.ms",
        Int(1, MAX_INT),
        "15000",
        "The most that a group's consumer.heartbeat.interval.ms may be.",
    ),
    fixed(
        "group.consumer.max.session.timeout.ms",
        Int(1, MAX_INT),
        "60000",
        "The most that a group's consumer.session.timeout.ms may be.",
    ),
    fixed(
        "group.consumer.min.heartbeat.interval.ms",
        Int(1, MAX_INT),
        "5000",
        "The least that a group's consumer.heartbeat.interval.ms may be.",
    ),
    fixed(
        "group.consumer.min.session.timeout.ms",
        Int(1, MAX_INT),
        "45000",
        "The least that a group's consumer.session.timeout.ms may be.",
    ),
    fixed(
        "group.consumer.session.timeout.ms",
        Int(1, MAX_INT),
        "45000",
        "After how long without a heartbeat a member of the consumer protocol is taken out of its group.",
    ),
    start("listeners", Texts, "The addresses the node listens at, as NAME://HOST:PORT."),
    start("log.dirs", Texts, "The node's data directories."),
    fixed(
        "log.retention.hours",
        Int(i32::MIN, MAX_INT),
        "168",
        "The retention in hours, where neither log.retention.ms nor log.retention.minutes is set.",
    ),
    start(
        "log.retention.minutes",
        Int(i32::MIN, MAX_INT),
        "The retention in minutes, where log.retention.ms is not set.",
    ),
    fixed(
        "log.roll.hours",
        Int(1, MAX_INT),
        "168",
        "The age in hours at which a segment is closed, where log.roll.ms is not set.",
    ),
    start("max.connections", Int(0, MAX_INT), "The most connections of the node."),
    start(
        "max.incremental.fetch.session.cache.slots",
        Int(0, MAX_INT),
        "The most fetch sessions that a shard remembers.",
    ),
    start(
        "max.request.partition.size.limit",
        Int(1, MAX_INT),
        "The most partitions in one answer of DescribeTopicPartitions.",
    ),
    start("node.id", Int(0, MAX_INT), "The node's id."),
    start("num.partitions", Int(1, MAX_INT), "Partitions of topics created without a number."),
    start("process.roles", Texts, "What the process does: a node is a broker."),
    start("ringlog.shards", Int(1, 65_535), "The threads that serve partitions."),
    start("socket.request.max.bytes", Int(1, MAX_INT), "The largest request."),
];

/// One that holds by a default of its own.
const fn fixed(
    name: &'static str,
    kind: super::ConfigKind,
    default: &'static str,
    documentation: &'static str,
) -> ConfigDefinition {
    ConfigDefinition::new(name, kind, default, documentation).at_start().of(Importance::High)
}

const fn start(name: &'static str, kind: super::ConfigKind, documentation: &'static str) -> ConfigDefinition {
    ConfigDefinition::new(name, kind, "", documentation).without_default().at_start().of(Importance::High)
}

/// The config of a node with this name.
#[must_use]
pub(super) fn node_definition(name: &str) -> Option<ConfigDefinition> {
    match topics_synonyms().find(|(synonym, _)| *synonym == name) {
        Some((name, topic)) => Some(of_topic(name, topic)),
        None => NODE_START_CONFIGS.iter().find(|definition| definition.name == name).copied(),
    }
}

/// Every config of a node, in the order of names.
#[must_use]
pub fn node_configs() -> Vec<ConfigDefinition> {
    let of_topics = topics_synonyms().map(|(name, topic)| of_topic(name, topic));
    let mut all: Vec<_> = of_topics.chain(NODE_START_CONFIGS.iter().copied()).collect();
    all.sort_by_key(|definition| definition.name);
    all
}

/// The node's config that gives the default of a topic's. Where weaker ones stand behind it, it has no default of its
/// own, as in Kafka.
fn of_topic(name: &'static str, topic: &ConfigDefinition) -> ConfigDefinition {
    let default = if topic.synonyms.len() > 1 { None } else { topic.default };
    ConfigDefinition { name, default, synonyms: &[], ..*topic }
}

/// The topic config whose default the node's config with this name gives.
#[must_use]
pub fn topic_config_of(node_config: &str) -> Option<&'static ConfigDefinition> {
    TOPIC_CONFIGS.iter().find(|definition| definition.synonyms.first() == Some(&node_config))
}
