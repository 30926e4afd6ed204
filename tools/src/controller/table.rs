//! What can be set for a controller.

use crate::settings::{Kind, Setting, Table};

const fn millis(key: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting { key, kind: Kind::Number(1, 1 << 31, "milliseconds"), default: Some(default), help }
}

/// The settings of `ringlog controller`.
pub(crate) const TABLE: Table = Table {
    command: "controller",
    prefix: "RINGLOG_CONTROLLER_",
    settings: &[
        Setting { key: "data", kind: Kind::Text, default: None, help: "The data directory. Required." },
        Setting {
            key: "listen",
            kind: Kind::Address,
            default: Some("127.0.0.1:9292"),
            help: "Where nodes and other controllers connect to.",
        },
        Setting {
            key: "id",
            kind: Kind::Number(0, u64::MAX, ""),
            default: Some("1"),
            help: "This controller's number in its quorum.",
        },
        Setting {
            key: "peers",
            kind: Kind::Texts,
            default: Some(""),
            help: "The quorum's other voters, as ID@HOST:PORT; none: a quorum of one.",
        },
        Setting {
            key: "admin",
            kind: Kind::Address,
            default: Some(""),
            help: "Where log levels are shown and changed over HTTP; empty: nowhere.",
        },
        Setting {
            key: "log.format",
            kind: Kind::Word(&["text", "json"]),
            default: Some("text"),
            help: "How log lines are written.",
        },
        Setting {
            key: "log.levels",
            kind: Kind::Text,
            default: Some("info,openraft=off"),
            help: "What is logged: a level, and levels by target. RINGLOG_LOG goes over it.",
        },
        millis(
            "timing.node-heartbeat-ms",
            "2000",
            "How often a node says that it lives (Kafka's broker.heartbeat.interval.ms).",
        ),
        millis(
            "timing.node-lease-ms",
            "9000",
            "After how long without that others lead what it led (Kafka's broker.session.timeout.ms).",
        ),
        millis(
            "timing.quorum-heartbeat-ms",
            "300",
            "How often the leader of the quorum says that it lives, where there are others.",
        ),
        millis(
            "timing.quorum-election-ms",
            "1000",
            "After how long without that another voter stands for election.",
        ),
    ],
};
