//! The configs of nodes ("brokers" in Kafka's words).
//!
//! Those that may be changed while a node runs are the defaults of topics; they are made of the topics' table, so that
//! the two cannot differ. The others are said at a node's start, or are facts that only the node knows.

use super::{ConfigDefinition, ConfigKind::*, ConfigMap, Importance, TOPIC_CONFIGS, topics_synonyms};
use alloc::{string::ToString, vec::Vec};

const MAX_INT: i32 = i32::MAX;
const MAX: i64 = i64::MAX;

/// The configs that a node may be given at its start and at no other time, in the order of names. Each has a default.
pub const NODE_START_CONFIGS: &[ConfigDefinition] = &[
    start(
        "auto.create.topics.enable",
        Boolean,
        "true",
        "Whether Metadata creates topics that clients ask for by name.",
    ),
    start("default.replication.factor", Int(1, 32_767), "1", "Replicas of topics created without a number."),
    start("delete.topic.enable", Boolean, "true", "Whether topics may be deleted."),
    start(
        "group.consumer.assignment.interval.ms",
        Int(0, MAX_INT),
        "1000",
        "How much time lies at least between two assignments of a group of the consumer protocol.",
    ),
    start(
        "group.consumer.assignors",
        Words(&["uniform", "range"]),
        "uniform,range",
        "The assignors that members of the consumer protocol may ask for; the first is for groups that ask for none.",
    ),
    start(
        "group.consumer.heartbeat.interval.ms",
        Int(1, MAX_INT),
        "5000",
        "How often members of the consumer protocol are told to send a heartbeat.",
    ),
    start(
        "group.consumer.max.assignment.interval.ms",
        Int(0, MAX_INT),
        "15000",
        "The most that assignment.interval.ms of consumer groups may be.",
    ),
    start(
        "group.consumer.max.heartbeat.interval.ms",
        Int(1, MAX_INT),
        "15000",
        "The most that heartbeat.interval.ms of consumer groups may be.",
    ),
    start(
        "group.consumer.max.session.timeout.ms",
        Int(1, MAX_INT),
        "60000",
        "The most that session.timeout.ms of consumer groups may be.",
    ),
    start(
        "group.consumer.max.size",
        Int(1, MAX_INT),
        "2147483647",
        "The most members of a group of the consumer protocol.",
    ),
    start(
        "group.consumer.migration.policy",
        Word(&["bidirectional", "upgrade", "downgrade", "disabled"]),
        "bidirectional",
        "Whether a group may change from the classic protocol to the consumer protocol while it has members, and back.",
    ),
    start(
        "group.consumer.min.assignment.interval.ms",
        Int(0, MAX_INT),
        "0",
        "The least that assignment.interval.ms of consumer groups may be.",
    ),
    start(
        "group.consumer.min.heartbeat.interval.ms",
        Int(1, MAX_INT),
        "5000",
        "The least that heartbeat.interval.ms of consumer groups may be.",
    ),
    start(
        "group.consumer.min.session.timeout.ms",
        Int(1, MAX_INT),
        "45000",
        "The least that session.timeout.ms of consumer groups may be.",
    ),
    start(
        "group.consumer.session.timeout.ms",
        Int(1, MAX_INT),
        "45000",
        "After how long without a heartbeat a member of the consumer protocol is taken out of its group.",
    ),
    start(
        "group.initial.rebalance.delay.ms",
        Int(0, MAX_INT),
        "3000",
        "How long the first member of an empty group waits for others.",
    ),
    start(
        "group.max.session.timeout.ms",
        Int(1, MAX_INT),
        "1800000",
        "The largest session timeout of members.",
    ),
    start(
        "group.max.size",
        Int(1, MAX_INT),
        "2147483647",
        "The most members of a group of the classic protocol.",
    ),
    start("group.min.session.timeout.ms", Int(1, MAX_INT), "6000", "The least session timeout of members."),
    start(
        "log.cleaner.backoff.ms",
        Long(1, MAX),
        "15000",
        "How often compacted logs are looked at for something to compact.",
    ),
    start(
        "log.cleaner.dedupe.buffer.size",
        Long(65_536, 1 << 40),
        "33554432",
        "Memory of one shard for the keys of the log that it compacts, 24 bytes each.",
    ),
    start(
        "log.cleaner.io.max.bytes.per.second",
        Long(65_536, 1 << 50),
        "67108864",
        "Bytes a second that the compaction of one shard reads and writes.",
    ),
    start(
        "log.retention.check.interval.ms",
        Long(1, MAX),
        "300000",
        "How often logs are looked through for what retention lets go.",
    ),
    start(
        "log.retention.hours",
        Int(i32::MIN, MAX_INT),
        "168",
        "The retention in hours, where neither log.retention.ms nor log.retention.minutes is set.",
    ),
    start(
        "log.retention.minutes",
        Int(i32::MIN, MAX_INT),
        "",
        "The retention in minutes, where log.retention.ms is not set.",
    )
    .without_default(),
    start(
        "log.roll.hours",
        Int(1, MAX_INT),
        "168",
        "The age in hours at which a segment is closed, where log.roll.ms is not set.",
    ),
    start(
        "log.roll.jitter.hours",
        Int(0, MAX_INT),
        "0",
        "By how many hours at most segments are closed earlier, where log.roll.jitter.ms is not set.",
    ),
    start("num.partitions", Int(1, 10_000), "1", "Partitions of topics created without a number."),
    start(
        "offset.metadata.max.bytes",
        Int(0, MAX_INT),
        "4096",
        "The longest text that may be committed with an offset.",
    ),
    start(
        "offsets.retention.check.interval.ms",
        Long(1, MAX),
        "600000",
        "How often groups are looked through for offsets that have expired.",
    ),
    start(
        "offsets.retention.minutes",
        Int(1, MAX_INT),
        "10080",
        "How long committed offsets outlive their group.",
    ),
    start(
        "offsets.topic.num.partitions",
        Int(1, 10_000),
        "50",
        "Partitions of the topic of groups' offsets, when it is created.",
    ),
    start(
        "offsets.topic.segment.bytes",
        Int(1024 * 1024, MAX_INT),
        "104857600",
        "Segments of the topic of groups' offsets, when it is created.",
    ),
];

/// What a node shows under Kafka's names and takes from elsewhere: its addresses, its directories, its bounds.
pub const NODE_FACTS: &[ConfigDefinition] = &[
    fact("advertised.listeners", Texts, "Where clients are told to connect to, as NAME://HOST:PORT."),
    fact("broker.id", Int(0, MAX_INT), "The node's id."),
    fact("connections.max.idle.ms", Long(0, MAX), "How long a connection may be idle before it is closed."),
    fact("fetch.max.bytes", Int(1, MAX_INT), "The most bytes of records in one fetch response."),
    fact("listeners", Texts, "The addresses the node listens at, as NAME://HOST:PORT."),
    fact("log.dirs", Texts, "The node's data directories."),
    fact("max.connections", Int(0, MAX_INT), "The most connections of the node."),
    fact(
        "max.incremental.fetch.session.cache.slots",
        Int(0, MAX_INT),
        "The most fetch sessions that a shard remembers.",
    ),
    fact(
        "max.request.partition.size.limit",
        Int(1, MAX_INT),
        "The most partitions in one answer of DescribeTopicPartitions.",
    ),
    fact("node.id", Int(0, MAX_INT), "The node's id."),
    fact("process.roles", Texts, "What the process does: a node is a broker."),
    fact("ringlog.admin", Text, "Where the node answers HTTP: health, metrics and its present state."),
    fact("ringlog.shards", Int(1, 65_535), "The threads that serve partitions."),
    fact("socket.request.max.bytes", Int(1, MAX_INT), "The largest request."),
];

const fn start(
    name: &'static str,
    kind: super::ConfigKind,
    default: &'static str,
    documentation: &'static str,
) -> ConfigDefinition {
    ConfigDefinition::new(name, kind, default, documentation).at_start().of(Importance::High)
}

const fn fact(name: &'static str, kind: super::ConfigKind, documentation: &'static str) -> ConfigDefinition {
    start(name, kind, "", documentation).without_default()
}

/// What may be given to a node at its start under Kafka's names, in the order of names: the defaults of topics, and what
/// no running node changes.
#[must_use]
pub fn start_configs() -> Vec<ConfigDefinition> {
    let of_topics = topics_synonyms().map(|(name, topic)| of_topic(name, topic));
    let mut all: Vec<_> = of_topics.chain(NODE_START_CONFIGS.iter().copied()).collect();
    all.sort_by_key(|definition| definition.name);
    all
}

/// What was given in a larger unit is kept under the name of the smallest as well, which goes over it:
/// `log.retention.hours` as `log.retention.ms`.
pub fn spell_out(given: &mut ConfigMap) {
    const HOUR: i64 = 60 * 60 * 1000;
    const UNITS: [(&str, &str, i64); 4] = [
        ("log.retention.ms", "log.retention.minutes", 60 * 1000),
        ("log.retention.ms", "log.retention.hours", HOUR),
        ("log.roll.ms", "log.roll.hours", HOUR),
        ("log.roll.jitter.ms", "log.roll.jitter.hours", HOUR),
    ];
    for (milliseconds, larger, factor) in UNITS {
        let number: Option<i64> = given.get(larger).and_then(|text| text.trim().parse().ok());
        if let Some(number) = number.filter(|_| !given.contains_key(milliseconds)) {
            // Anything below zero is without bound.
            given.insert(milliseconds.to_string(), number.saturating_mul(factor).max(-1).to_string());
        }
    }
}

/// Whether a node obeys the config when it is said anew while it runs: the defaults of topics, in whatever unit.
#[must_use]
pub fn is_reloadable(name: &str) -> bool {
    topics_synonyms().any(|(_, topic)| topic.synonyms.contains(&name))
}

/// The config of a node with this name.
#[must_use]
pub(super) fn node_definition(name: &str) -> Option<ConfigDefinition> {
    match topics_synonyms().find(|(synonym, _)| *synonym == name) {
        Some((name, topic)) => Some(of_topic(name, topic)),
        None => {
            let mut others = NODE_START_CONFIGS.iter().chain(NODE_FACTS);
            others.find(|definition| definition.name == name).copied()
        }
    }
}

/// Every config of a node, in the order of names.
#[must_use]
pub fn node_configs() -> Vec<ConfigDefinition> {
    let mut all = start_configs();
    all.extend(NODE_FACTS);
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
