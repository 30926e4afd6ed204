//! Configs as values, for those who obey them.

use super::definition;
use alloc::{collections::BTreeMap, string::String};
use core::str::FromStr;
use ringlog_model::Durability;

/// Every topic config with its default filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicConfig {
    /// `cleanup.policy`
    pub cleanup_policy: CleanupPolicy,
    /// `compression.type`
    pub compression: TopicCompression,
    /// `delete.retention.ms`
    pub delete_retention_ms: i64,
    /// `durability`
    pub durability: Durability,
    /// `max.compaction.lag.ms`
    pub compaction_lag_max_ms: i64,
    /// `max.message.bytes`
    pub message_bytes_max: i32,
    /// `message.timestamp.after.max.ms`
    pub timestamp_after_max_ms: i64,
    /// `message.timestamp.before.max.ms`
    pub timestamp_before_max_ms: i64,
    /// `message.timestamp.type`
    pub timestamp_type: TimestampType,
    /// `min.cleanable.dirty.ratio`
    pub dirty_ratio_min: f64,
    /// `min.compaction.lag.ms`
    pub compaction_lag_min_ms: i64,
    /// `min.insync.replicas`
    pub in_sync_replicas_min: i32,
    /// `retention.bytes`; `None` is without bound.
    pub retention_bytes: Option<i64>,
    /// `retention.ms`; `None` is without bound.
    pub retention_ms: Option<i64>,
    /// `segment.bytes`
    pub segment_bytes: i32,
    /// `segment.ms`
    pub segment_ms: i64,
}

/// What happens to old segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanupPolicy {
    /// They are deleted after the retention.
    pub delete: bool,
    /// They are compacted by key.
    pub compact: bool,
}

/// The codec batches are stored with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicCompression {
    /// The one they came with.
    Producer,
    /// None.
    Uncompressed,
    /// Gzip.
    Gzip,
    /// Snappy.
    Snappy,
    /// LZ4.
    Lz4,
    /// Zstandard.
    Zstd,
}

/// Whose clock a record's timestamp is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampType {
    /// The producer's.
    CreateTime,
    /// The node's, at the append.
    LogAppendTime,
}

impl Default for TopicConfig {
    fn default() -> TopicConfig {
        TopicConfig::from_overrides(&BTreeMap::new())
    }
}

impl TopicConfig {
    /// The typed values. An override that does not parse counts as its default: the controller validates before it
    /// records, so this happens only to a node older than the controller.
    #[must_use]
    pub fn from_overrides(overrides: &BTreeMap<String, String>) -> TopicConfig {
        let text = |name| text(overrides, name);
        TopicConfig {
            cleanup_policy: CleanupPolicy {
                delete: text("cleanup.policy").split(',').any(|word| word.trim() == "delete"),
                compact: text("cleanup.policy").split(',').any(|word| word.trim() == "compact"),
            },
            compression: match text("compression.type") {
                "uncompressed" => TopicCompression::Uncompressed,
                "gzip" => TopicCompression::Gzip,
                "snappy" => TopicCompression::Snappy,
                "lz4" => TopicCompression::Lz4,
                "zstd" => TopicCompression::Zstd,
                _ => TopicCompression::Producer,
            },
            delete_retention_ms: number(overrides, "delete.retention.ms"),
            durability: match text("durability") {
                "written" => Durability::Written,
                _ => Durability::Fsync,
            },
            compaction_lag_max_ms: number(overrides, "max.compaction.lag.ms"),
            message_bytes_max: number(overrides, "max.message.bytes"),
            timestamp_after_max_ms: number(overrides, "message.timestamp.after.max.ms"),
            timestamp_before_max_ms: number(overrides, "message.timestamp.before.max.ms"),
            timestamp_type: match text("message.timestamp.type") {
                "LogAppendTime" => TimestampType::LogAppendTime,
                _ => TimestampType::CreateTime,
            },
            dirty_ratio_min: number(overrides, "min.cleanable.dirty.ratio"),
            compaction_lag_min_ms: number(overrides, "min.compaction.lag.ms"),
            in_sync_replicas_min: number(overrides, "min.insync.replicas"),
            retention_bytes: bounded(number(overrides, "retention.bytes")),
            retention_ms: bounded(number(overrides, "retention.ms")),
            segment_bytes: number(overrides, "segment.bytes"),
            segment_ms: number(overrides, "segment.ms"),
        }
    }
}

fn bounded(value: i64) -> Option<i64> {
    (value >= 0).then_some(value)
}

fn text<'a>(overrides: &'a BTreeMap<String, String>, name: &str) -> &'a str {
    match overrides.get(name) {
        Some(value) => value.trim(),
        None => definition(name).expect("every typed config is in the catalogue").default,
    }
}

fn number<T: FromStr>(overrides: &BTreeMap<String, String>, name: &str) -> T {
    let default = definition(name).expect("every typed config is in the catalogue").default;
    let Ok(default) = default.parse() else { unreachable!("the catalogue's defaults are of their kind") };
    text(overrides, name).parse().unwrap_or(default)
}
