//! What can be set for a node.

use crate::settings::{Kind, Setting, Table};

const fn setting(key: &'static str, kind: Kind, default: &'static str, help: &'static str) -> Setting {
    Setting { key, kind, default: Some(default), help }
}

const fn bytes(key: &'static str, default: &'static str, help: &'static str) -> Setting {
    setting(key, Kind::Number(0, 1 << 50, "bytes"), default, help)
}

const fn count(key: &'static str, most: u64, default: &'static str, help: &'static str) -> Setting {
    setting(key, Kind::Number(1, most, ""), default, help)
}

const fn millis(key: &'static str, default: &'static str, help: &'static str) -> Setting {
    setting(key, Kind::Number(1, 1 << 40, "milliseconds"), default, help)
}

const I32: u64 = i32::MAX as u64;
const U32: u64 = u32::MAX as u64;

/// The settings of `ringlog node`.
pub(crate) const TABLE: Table = Table {
    command: "node",
    prefix: "RINGLOG_NODE_",
    settings: &[
        Setting {
            key: "data",
            kind: Kind::Texts,
            default: None,
            help: "Data directories, one for each disk. Required.",
        },
        setting("node-id", Kind::Number(0, I32, ""), "1", "This node's number in its cluster."),
        setting("controllers", Kind::Addresses, "127.0.0.1:9292", "The controllers, in any order."),
        setting(
            "shards",
            Kind::Number(0, 256, "threads"),
            "0",
            "Shards, each with a thread of its own; 0: one per processor that the process may use.",
        ),
        setting("pin", Kind::Word(&["auto", "off"]), "auto", "Whether shards are pinned to processors."),
        setting(
            "io-driver",
            Kind::Word(&["auto", "uring", "epoll"]),
            "auto",
            "How shards reach disks and network.",
        ),
        setting("listen.kafka", Kind::Address, "127.0.0.1:9092", "Where Kafka clients come in."),
        setting(
            "listen.kafka-advertised",
            Kind::Address,
            "",
            "What Kafka clients are told to connect to; empty: the address they come in at.",
        ),
        setting(
            "listen.native",
            Kind::Address,
            "127.0.0.1:9192",
            "Where clients of the native protocol come in.",
        ),
        setting(
            "listen.native-advertised",
            Kind::Address,
            "",
            "What native clients are told to connect to; empty: the address they come in at.",
        ),
        setting(
            "listen.admin",
            Kind::Address,
            "127.0.0.1:9644",
            "Where health and metrics are served over HTTP.",
        ),
        setting("log.format", Kind::Word(&["text", "json"]), "text", "How log lines are written."),
        setting(
            "log.levels",
            Kind::Text,
            "info,openraft=off",
            "What is logged: a level, and levels by target. RINGLOG_LOG goes over it.",
        ),
        setting(
            "limits.request-bytes-max",
            Kind::Number(1024, U32 / 2, "bytes"),
            "104857600",
            "The largest request (Kafka's socket.request.max.bytes).",
        ),
        bytes(
            "limits.connection-bytes-max",
            "8388608",
            "Bytes of requests in flight per connection, beyond which it is not read from.",
        ),
        count(
            "limits.connection-requests-max",
            65_535,
            "32",
            "Requests in flight per connection, beyond which it is not read from.",
        ),
        bytes(
            "limits.shard-bytes-max",
            "134217728",
            "Bytes of requests in flight per shard, beyond which its connections are not read from.",
        ),
        bytes(
            "limits.shard-response-bytes-max",
            "134217728",
            "Bytes of records that the responses of a shard may hold.",
        ),
        bytes(
            "limits.fetch-response-bytes-max",
            "16777216",
            "Bytes of records in one fetch response, whatever the client asks for.",
        ),
        millis("limits.frame-deadline-ms", "30000", "How long a begun request may take to arrive whole."),
        millis(
            "limits.send-deadline-ms",
            "60000",
            "How long a response may make no progress before its connection is closed.",
        ),
        millis(
            "limits.idle-deadline-ms",
            "600000",
            "How long a connection may be idle (Kafka's connections.max.idle.ms).",
        ),
        count("limits.connections-max", U32, "60000", "Connections of the node (Kafka's max.connections)."),
        count(
            "limits.fetch-sessions-max",
            U32,
            "1000",
            "Fetch sessions per shard (Kafka's max.incremental.fetch.session.cache.slots).",
        ),
        millis("limits.shutdown-deadline-ms", "10000", "How long a shutdown waits for requests in flight."),
        bytes(
            "storage.reserve-bytes",
            "67108864",
            "Bytes preallocated per data directory, given up when the disk is full.",
        ),
        bytes(
            "storage.free-bytes-low",
            "0",
            "Produce is refused while less than this is free; 0: 2 % of the disk, 8 to 256 MiB.",
        ),
        setting(
            "storage.journal-half-bytes",
            Kind::Number(1 << 20, 1 << 40, "bytes"),
            "67108864",
            "Bytes of each half of a shard's journal in a data directory.",
        ),
        bytes(
            "storage.unflushed-bytes-max",
            "67108864",
            "Bytes accepted and not durable per shard and directory, beyond which appends wait.",
        ),
        bytes(
            "storage.external-bytes-min",
            "32768",
            "From how many bytes on an append goes straight to its segment instead of through the journal.",
        ),
        bytes("storage.tail-bytes-max", "67108864", "Bytes of logs' ends kept in memory for readers."),
        bytes(
            "storage.recovery-bytes-max",
            "536870912",
            "Bytes that a start after a crash reads again at most.",
        ),
        count("storage.open-files-max", U32, "512", "Segment files kept open per shard and directory."),
        setting(
            "storage.recycled-files-max",
            Kind::Number(0, U32, "files"),
            "16",
            "Retired segment files kept for reuse.",
        ),
        bytes(
            "storage.scrub-bytes-per-second",
            "4194304",
            "How fast sealed segments are checked for damage in the background; 0: not at all.",
        ),
        bytes("storage.segment-bytes-max", "0", "A bound below the topics' segment.bytes; 0: none."),
        setting(
            "kafka.auto.create.topics.enable",
            Kind::Boolean,
            "true",
            "Whether Metadata creates topics that clients ask for by name.",
        ),
        count("kafka.num.partitions", 100_000, "1", "Partitions of topics created without a number."),
        millis(
            "kafka.log.retention.check.interval.ms",
            "300000",
            "How often logs are looked through for what retention lets go.",
        ),
        count(
            "kafka.offsets.topic.num.partitions",
            10_000,
            "50",
            "Partitions of the topic of groups' offsets, when it is created.",
        ),
        setting(
            "kafka.group.initial.rebalance.delay.ms",
            Kind::Number(0, I32, "milliseconds"),
            "3000",
            "How long the first join of an empty group waits for others.",
        ),
        millis("kafka.group.min.session.timeout.ms", "6000", "The least session timeout of members."),
        millis("kafka.group.max.session.timeout.ms", "1800000", "The largest session timeout of members."),
        count("kafka.group.max.size", I32, "2147483647", "Members of a classic group."),
        setting(
            "kafka.offsets.retention.minutes",
            Kind::Number(1, I32, "minutes"),
            "10080",
            "How long committed offsets outlive their group.",
        ),
    ],
};
