//! Configs as values, for those who obey them.

use super::{ConfigLayers, ConfigMap, ConfigScope, check::clamp_to_bounds, definition, words};
use core::str::FromStr;
use ringlog_model::Durability;

/// Every topic config that has an effect, with its default filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicConfig {
    /// `cleanup.policy`
    pub cleanup_policy: CleanupPolicy,
    /// `compression.type`
    pub compression: TopicCompression,
    /// `compression.gzip.level`, `compression.lz4.level`, `compression.zstd.level`
    pub compression_levels: CompressionLevels,
    /// `delete.retention.ms`
    pub delete_retention_ms: i64,
    /// `durability`
    pub durability: Durability,
    /// `file.delete.delay.ms`
    pub file_delete_delay_ms: i64,
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
    /// `min.cleanable.dirty.ratio`, within 0 and 1.
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
    /// `index.interval.bytes`
    pub index_interval_bytes: i32,
    /// `segment.index.bytes`
    pub segment_index_bytes: i32,
    /// `segment.jitter.ms`
    pub segment_jitter_ms: i64,
    /// `segment.ms`
    pub segment_ms: i64,
}

/// What happens to old segments. Neither: they stay.
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

/// The effort of the codecs that have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompressionLevels {
    /// 1 to 9; `None` leaves it to the codec.
    pub gzip: Option<u8>,
    /// 1 to 17.
    pub lz4: u8,
    /// Up to 22; negative ones are faster.
    pub zstd: i32,
}

/// Whose clock a record's timestamp is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampType {
    /// The producer's.
    CreateTime,
    /// The node's, at the append.
    LogAppendTime,
}

/// What a consumer group of the consumer protocol (KIP-848) may have set for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupConfig {
    /// `consumer.assignment.interval.ms`
    pub assignment_interval_ms: i32,
    /// `consumer.heartbeat.interval.ms`
    pub heartbeat_interval_ms: i32,
    /// `consumer.session.timeout.ms`
    pub session_timeout_ms: i32,
}

impl Default for TopicConfig {
    fn default() -> TopicConfig {
        TopicConfig::from_overrides(super::nothing_set())
    }
}

impl TopicConfig {
    /// The values of a topic that nodes add nothing to: see [`TopicConfig::resolve`].
    #[must_use]
    pub fn from_overrides(overrides: &ConfigMap) -> TopicConfig {
        TopicConfig::resolve(&ConfigLayers::own(overrides))
    }

    /// The typed values. One that does not parse counts as its default: the controller validates before it records, so
    /// this happens only to a node older than the controller.
    #[must_use]
    pub fn resolve(layers: &ConfigLayers<'_>) -> TopicConfig {
        let values = Values { scope: ConfigScope::Topic, layers };
        let policy = words(values.text("cleanup.policy"));
        TopicConfig {
            cleanup_policy: CleanupPolicy {
                delete: policy.contains(&"delete"),
                compact: policy.contains(&"compact"),
            },
            compression: match values.text("compression.type") {
                "uncompressed" => TopicCompression::Uncompressed,
                "gzip" => TopicCompression::Gzip,
                "snappy" => TopicCompression::Snappy,
                "lz4" => TopicCompression::Lz4,
                "zstd" => TopicCompression::Zstd,
                _ => TopicCompression::Producer,
            },
            compression_levels: CompressionLevels {
                gzip: u8::try_from(values.number::<i32>("compression.gzip.level")).ok(),
                lz4: values.number("compression.lz4.level"),
                zstd: values.number("compression.zstd.level"),
            },
            delete_retention_ms: values.number("delete.retention.ms"),
            durability: match values.text("durability") {
                "written" => Durability::Written,
                _ => Durability::Fsync,
            },
            file_delete_delay_ms: values.number("file.delete.delay.ms"),
            compaction_lag_max_ms: values.number("max.compaction.lag.ms"),
            message_bytes_max: values.number("max.message.bytes"),
            timestamp_after_max_ms: values.number("message.timestamp.after.max.ms"),
            timestamp_before_max_ms: values.number("message.timestamp.before.max.ms"),
            timestamp_type: match values.text("message.timestamp.type") {
                "LogAppendTime" => TimestampType::LogAppendTime,
                _ => TimestampType::CreateTime,
            },
            dirty_ratio_min: values.number("min.cleanable.dirty.ratio"),
            compaction_lag_min_ms: values.number("min.compaction.lag.ms"),
            in_sync_replicas_min: values.number("min.insync.replicas"),
            retention_bytes: bounded(values.number("retention.bytes")),
            retention_ms: bounded(values.number("retention.ms")),
            segment_bytes: values.number("segment.bytes"),
            index_interval_bytes: values.number("index.interval.bytes"),
            segment_index_bytes: values.number("segment.index.bytes"),
            segment_jitter_ms: values.number("segment.jitter.ms"),
            segment_ms: values.number("segment.ms"),
        }
    }
}

impl GroupConfig {
    /// The typed values of a group, within the bounds of the node whose start the last layer is.
    #[must_use]
    pub fn resolve(layers: &ConfigLayers<'_>) -> GroupConfig {
        let values = Values { scope: ConfigScope::Group, layers };
        let number = |name: &'static str| clamp_to_bounds(layers.start, name, values.number(name));
        GroupConfig {
            assignment_interval_ms: number("consumer.assignment.interval.ms"),
            heartbeat_interval_ms: number("consumer.heartbeat.interval.ms"),
            session_timeout_ms: number("consumer.session.timeout.ms"),
        }
    }
}

/// The values by name; every name asked for is in the scope's table and has a default there.
struct Values<'a> {
    scope: ConfigScope,
    layers: &'a ConfigLayers<'a>,
}

impl<'a> Values<'a> {
    fn text(&self, name: &str) -> &'a str {
        let definition = definition(self.scope, name).expect("every typed config is in its table");
        self.layers.value(&definition).unwrap_or_default().trim()
    }

    fn number<T: FromStr>(&self, name: &str) -> T {
        self.text(name).parse().unwrap_or_else(|_| self.default(name))
    }

    fn default<T: FromStr>(&self, name: &str) -> T {
        let definition = definition(self.scope, name).expect("every typed config is in its table");
        let Ok(default) = definition.default.unwrap_or_default().parse() else {
            unreachable!("the table's defaults are of their kind")
        };
        default
    }
}

fn bounded(value: i64) -> Option<i64> {
    (value >= 0).then_some(value)
}
