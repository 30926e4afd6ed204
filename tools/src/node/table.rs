//! What can be set for a node.
//!
//! What has a default in the node itself takes it from there; what is Kafka's takes name, values, default and words from
//! the tables of `ringlog-image`.

use crate::settings::{Kind, Setting, Table};
use ringlog_image::config::{ConfigDefinition, start_configs};
use ringlog_model::NodeId;
use ringlog_node::NodeOptions;
use std::sync::LazyLock;

/// The table in the file that holds what is Kafka's.
pub(super) const KAFKA: &str = "kafka.";

fn setting(key: &'static str, kind: Kind, default: impl ToString, help: &'static str) -> Setting {
    Setting { key, kind, default: Some(for_good(default)), help }
}

fn bytes(key: &'static str, default: impl ToString, help: &'static str) -> Setting {
    setting(key, Kind::Number(0, 1 << 50, "bytes"), default, help)
}

fn count(key: &'static str, most: u64, default: impl ToString, help: &'static str) -> Setting {
    setting(key, Kind::Number(1, most, ""), default, help)
}

fn millis(key: &'static str, default: impl ToString, help: &'static str) -> Setting {
    setting(key, Kind::Number(1, 1 << 40, "milliseconds"), default, help)
}

fn of_kafka(definition: ConfigDefinition) -> Setting {
    let ConfigDefinition { name, kind, default, documentation, .. } = definition;
    Setting {
        key: for_good(format!("{KAFKA}{name}")),
        kind: Kind::Kafka(name, kind),
        default,
        help: documentation,
    }
}

/// The table is made once and lives as long as the process.
fn for_good(text: impl ToString) -> &'static str {
    Box::leak(text.to_string().into_boxed_str())
}

const I32: u64 = i32::MAX as u64;
const U32: u64 = u32::MAX as u64;

/// The settings of `ringlog node`.
pub(crate) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut settings = own();
    settings.extend(start_configs().into_iter().map(of_kafka));
    Table { command: "node", prefix: "RINGLOG_NODE_", settings: settings.leak() }
});

/// Those that are not Kafka's.
fn own() -> Vec<Setting> {
    let usual = NodeOptions::new(NodeId(1), "");
    let (limits, store) = (&usual.limits, &usual.store);
    vec![
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
            limits.request_bytes_max,
            "The largest request (Kafka's socket.request.max.bytes).",
        ),
        bytes(
            "limits.connection-bytes-max",
            limits.connection_bytes_max,
            "Bytes of requests in flight per connection, beyond which it is not read from.",
        ),
        count(
            "limits.connection-requests-max",
            65_535,
            limits.connection_requests_max,
            "Requests in flight per connection, beyond which it is not read from.",
        ),
        bytes(
            "limits.shard-bytes-max",
            limits.shard_bytes_max,
            "Bytes of requests in flight per shard, beyond which its connections are not read from.",
        ),
        bytes(
            "limits.shard-response-bytes-max",
            limits.shard_response_bytes_max,
            "Bytes of records that the responses of a shard may hold.",
        ),
        bytes(
            "limits.fetch-response-bytes-max",
            limits.fetch_response_bytes_max,
            "Bytes of records in one fetch response, whatever the client asks for.",
        ),
        millis(
            "limits.frame-deadline-ms",
            limits.frame_deadline.as_millis(),
            "How long a begun request may take to arrive whole.",
        ),
        millis(
            "limits.send-deadline-ms",
            limits.send_deadline.as_millis(),
            "How long a response may make no progress before its connection is closed.",
        ),
        millis(
            "limits.idle-deadline-ms",
            limits.idle_deadline.as_millis(),
            "How long a connection may be idle (Kafka's connections.max.idle.ms).",
        ),
        count(
            "limits.connections-max",
            U32,
            limits.connections_max,
            "Connections of the node (Kafka's max.connections).",
        ),
        count(
            "limits.fetch-sessions-max",
            U32,
            limits.fetch_sessions_max,
            "Fetch sessions per shard (Kafka's max.incremental.fetch.session.cache.slots).",
        ),
        millis(
            "limits.shutdown-deadline-ms",
            limits.shutdown_deadline.as_millis(),
            "How long a shutdown waits for requests in flight.",
        ),
        bytes(
            "storage.reserve-bytes",
            usual.reserve_bytes,
            "Bytes preallocated per data directory, given up when the disk is full.",
        ),
        bytes(
            "storage.free-bytes-low",
            0u64,
            "Produce is refused while less than this is free; 0: 2 % of the disk, 8 to 256 MiB.",
        ),
        setting(
            "storage.journal-half-bytes",
            Kind::Number(1 << 20, 1 << 40, "bytes"),
            store.journal_half_bytes,
            "Bytes of each half of a shard's journal in a data directory.",
        ),
        bytes(
            "storage.unflushed-bytes-max",
            store.unflushed_bytes_max,
            "Bytes accepted and not durable per shard and directory, beyond which appends wait.",
        ),
        setting(
            "storage.group-bytes-max",
            Kind::Number(64 << 10, 3 << 20, "bytes"),
            "2097152",
            "Bytes of small appends that are written to the journal together.",
        ),
        bytes(
            "storage.external-bytes-min",
            store.external_bytes_min,
            "From how many bytes on an append goes straight to its segment instead of through the journal.",
        ),
        bytes(
            "storage.small-group-bytes",
            store.small_group_bytes,
            "While no more than this is on its way to the disk, large appends travel through the journal as well.",
        ),
        bytes(
            "storage.journal-ahead-bytes",
            store.journal_ahead_bytes,
            "How far ahead of its end the journal is written with zeros once; 0 for not at all.",
        ),
        bytes(
            "storage.tail-bytes-max",
            store.tail_bytes_max,
            "Bytes of logs' ends kept in memory for readers.",
        ),
        bytes(
            "storage.recovery-bytes-max",
            store.recovery_bytes_max,
            "Bytes that a start after a crash reads again at most.",
        ),
        count(
            "storage.open-files-max",
            U32,
            store.open_files_max,
            "Segment files kept open per shard and directory.",
        ),
        setting(
            "storage.recycled-files-max",
            Kind::Number(0, U32, "files"),
            store.recycled_files_max,
            "Retired segment files kept for reuse.",
        ),
        bytes(
            "storage.scrub-bytes-per-second",
            store.scrub_bytes_per_second,
            "How fast sealed segments are checked for damage in the background; 0: not at all.",
        ),
        bytes("storage.segment-bytes-max", 0u64, "A bound below the topics' segment.bytes; 0: none."),
    ]
}
