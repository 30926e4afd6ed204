//! Definitions and validation.

use alloc::{
    format,
    string::{String, ToString},
};

/// What values a config takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ConfigKind {
    /// `true` or `false`.
    Boolean,
    /// A 32-bit integer within these bounds, both included.
    Int(i32, i32),
    /// A 64-bit integer within these bounds, both included.
    Long(i64, i64),
    /// A number with a fraction, within these bounds, both included.
    Double(f64, f64),
    /// One of these words.
    Word(&'static [&'static str]),
    /// Any of these words, separated by commas, at least one.
    Words(&'static [&'static str]),
}

/// One topic config.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConfigDefinition {
    /// Its name, as Kafka spells it where Kafka has it.
    pub name: &'static str,
    /// Its values.
    pub kind: ConfigKind,
    /// What holds when nobody set it.
    pub default: &'static str,
    /// What it does, for those who ask.
    pub documentation: &'static str,
}

/// Why a config cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidConfig {
    /// There is no such config.
    #[error("Unknown topic config name: {0}")]
    UnknownName(String),
    /// A config without a value where one is needed.
    #[error("Null value not supported for topic configs: {0}")]
    NoValue(String),
    /// The config does not take this value.
    #[error("Invalid value {value} for configuration {name}: {reason}")]
    BadValue {
        /// The config.
        name: &'static str,
        /// The text given.
        value: String,
        /// What it must be.
        reason: String,
    },
}

/// Every topic config, in the order of names.
pub const TOPIC_CONFIGS: &[ConfigDefinition] = &[
    ConfigDefinition {
        name: "cleanup.policy",
        kind: ConfigKind::Words(&["delete", "compact"]),
        default: "delete",
        documentation: "What happens to old segments: deleted after the retention, or compacted by key.",
    },
    ConfigDefinition {
        name: "compression.type",
        kind: ConfigKind::Word(&["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"]),
        default: "producer",
        documentation: "The codec batches are stored with; 'producer' keeps the one they came with.",
    },
    ConfigDefinition {
        name: "delete.retention.ms",
        kind: ConfigKind::Long(0, i64::MAX),
        default: "86400000",
        documentation: "How long a tombstone stays after compaction first met it, so that consumers can learn of the deletion.",
    },
    ConfigDefinition {
        name: "durability",
        kind: ConfigKind::Word(&["fsync", "written"]),
        default: "fsync",
        documentation: "What an acknowledgement waits for: 'fsync' (on disk), or 'written' (handed to the system).",
    },
    ConfigDefinition {
        name: "file.delete.delay.ms",
        kind: ConfigKind::Long(0, i64::MAX),
        default: "60000",
        documentation: "Accepted for Kafka's sake: a deleted file is given back as soon as no reader uses it.",
    },
    ConfigDefinition {
        name: "max.compaction.lag.ms",
        kind: ConfigKind::Long(1, i64::MAX),
        default: "9223372036854775807",
        documentation: "How long a record may stay uncompacted in a compacted topic.",
    },
    ConfigDefinition {
        name: "max.message.bytes",
        kind: ConfigKind::Int(0, i32::MAX),
        default: "1048588",
        documentation: "The largest record batch allowed, as it is stored.",
    },
    ConfigDefinition {
        name: "message.timestamp.after.max.ms",
        kind: ConfigKind::Long(0, i64::MAX),
        default: "3600000",
        documentation: "How far a record's timestamp may be ahead of the node's clock.",
    },
    ConfigDefinition {
        name: "message.timestamp.before.max.ms",
        kind: ConfigKind::Long(0, i64::MAX),
        default: "9223372036854775807",
        documentation: "How far a record's timestamp may be behind the node's clock.",
    },
    ConfigDefinition {
        name: "message.timestamp.type",
        kind: ConfigKind::Word(&["CreateTime", "LogAppendTime"]),
        default: "CreateTime",
        documentation: "Whether records carry the time of the producer or of the append.",
    },
    ConfigDefinition {
        name: "min.cleanable.dirty.ratio",
        kind: ConfigKind::Double(0.0, 1.0),
        default: "0.5",
        documentation: "The share of a compacted log that must be new before it is compacted again.",
    },
    ConfigDefinition {
        name: "min.compaction.lag.ms",
        kind: ConfigKind::Long(0, i64::MAX),
        default: "0",
        documentation: "How long a record stays uncompacted at least.",
    },
    ConfigDefinition {
        name: "min.insync.replicas",
        kind: ConfigKind::Int(1, i32::MAX),
        default: "1",
        documentation: "How many replicas must be in sync for a produce with acks=all to be accepted.",
    },
    ConfigDefinition {
        name: "preallocate",
        kind: ConfigKind::Boolean,
        default: "false",
        documentation: "Accepted for Kafka's sake: segments are always allocated ahead, in growing steps.",
    },
    ConfigDefinition {
        name: "retention.bytes",
        kind: ConfigKind::Long(i64::MIN, i64::MAX),
        default: "-1",
        documentation: "How large a partition may grow before old segments are deleted; -1 is without bound.",
    },
    ConfigDefinition {
        name: "retention.ms",
        kind: ConfigKind::Long(-1, i64::MAX),
        default: "604800000",
        documentation: "How old a segment may become before it is deleted; -1 is without bound.",
    },
    ConfigDefinition {
        name: "segment.bytes",
        kind: ConfigKind::Int(1024 * 1024, i32::MAX),
        default: "1073741824",
        documentation: "The size at which a segment is closed and the next one begun.",
    },
    ConfigDefinition {
        name: "segment.index.bytes",
        kind: ConfigKind::Int(4, i32::MAX),
        default: "10485760",
        documentation: "Accepted for Kafka's sake: the index of a segment has a bound of its own.",
    },
    ConfigDefinition {
        name: "segment.ms",
        kind: ConfigKind::Long(1, i64::MAX),
        default: "604800000",
        documentation: "The age at which a segment is closed even if it is not full.",
    },
];

/// The config with this name.
#[must_use]
pub fn definition(name: &str) -> Option<&'static ConfigDefinition> {
    TOPIC_CONFIGS.iter().find(|definition| definition.name == name)
}

/// Whether `name` may be set to `value`.
///
/// # Errors
/// [`InvalidConfig`], worded as Kafka words it.
pub fn validate(name: &str, value: &str) -> Result<(), InvalidConfig> {
    let definition = definition(name).ok_or_else(|| InvalidConfig::UnknownName(name.to_string()))?;
    check(definition.kind, value.trim()).map_err(|reason| InvalidConfig::BadValue {
        name: definition.name,
        value: value.to_string(),
        reason,
    })
}

fn check(kind: ConfigKind, value: &str) -> Result<(), String> {
    match kind {
        ConfigKind::Boolean => match value {
            "true" | "false" => Ok(()),
            _ => Err("Expected value to be either true or false".to_string()),
        },
        ConfigKind::Int(least, most) => {
            let number: i32 = value.parse().map_err(|_| "Not a number of type INT".to_string())?;
            within(i64::from(number), i64::from(least), i64::from(most))
        }
        ConfigKind::Long(least, most) => {
            let number: i64 = value.parse().map_err(|_| "Not a number of type LONG".to_string())?;
            within(number, least, most)
        }
        ConfigKind::Double(least, most) => {
            let number: f64 = value.parse().map_err(|_| "Not a number of type DOUBLE".to_string())?;
            if number.is_nan() || number < least {
                return Err(format!("Value must be at least {}", Fraction(least)));
            }
            if number > most {
                return Err(format!("Value must be no more than {}", Fraction(most)));
            }
            Ok(())
        }
        ConfigKind::Word(words) => one_of(words, value),
        ConfigKind::Words(words) => value.split(',').try_for_each(|word| one_of(words, word.trim())),
    }
}

fn within(number: i64, least: i64, most: i64) -> Result<(), String> {
    if number < least {
        return Err(format!("Value must be at least {least}"));
    }
    if number > most {
        return Err(format!("Value must be no more than {most}"));
    }
    Ok(())
}

/// Written as Java writes doubles: with a fraction even when that is zero.
struct Fraction(f64);

impl core::fmt::Display for Fraction {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "{:?}", self.0)
    }
}

fn one_of(words: &[&str], value: &str) -> Result<(), String> {
    if words.contains(&value) {
        return Ok(());
    }
    Err(format!("String must be one of: {}", words.join(", ")))
}
