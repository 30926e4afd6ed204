//! The topic configs, in the order of names.

use super::{ConfigDefinition, ConfigKind::*};

const MAX_INT: i32 = i32::MAX;
const MAX: i64 = i64::MAX;
const MAX_TEXT: &str = "9223372036854775807";

/// Every topic config of Apache Kafka 4.3, and `durability`, which is our own.
pub const TOPIC_CONFIGS: &[ConfigDefinition] = &[
    ConfigDefinition::new(
        "cleanup.policy",
        Words(&["compact", "delete"]),
        "delete",
        "What happens to old segments: 'delete' removes them after the retention, 'compact' keeps the newest record of \
         each key; both may be given, and an empty list keeps everything.",
    )
    .or(&["log.cleanup.policy"]),
    ConfigDefinition::new(
        "compression.gzip.level",
        IntOr(-1, 1, 9),
        "-1",
        "The effort where compression.type is 'gzip'; -1 leaves it to the codec.",
    )
    .or(&["compression.gzip.level"]),
    ConfigDefinition::new(
        "compression.lz4.level",
        Int(1, 17),
        "9",
        "The effort where compression.type is 'lz4'.",
    )
    .or(&["compression.lz4.level"]),
    ConfigDefinition::new(
        "compression.type",
        Word(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]),
        "producer",
        "The codec batches are stored with; 'producer' keeps the one they came with.",
    )
    .or(&["compression.type"]),
    ConfigDefinition::new(
        "compression.zstd.level",
        Int(-131_072, 22),
        "3",
        "The effort where compression.type is 'zstd'.",
    )
    .or(&["compression.zstd.level"]),
    ConfigDefinition::new(
        "delete.retention.ms",
        Long(0, MAX),
        "86400000",
        "How long a tombstone stays after compaction first met it, so that consumers can learn of the deletion.",
    )
    .or(&["log.cleaner.delete.retention.ms"]),
    ConfigDefinition::new(
        "durability",
        Word(&["fsync", "written"]),
        "fsync",
        "What an acknowledgement waits for: 'fsync' (on disk), or 'written' (handed to the system).",
    )
    .or(&["durability"]),
    ConfigDefinition::new(
        "file.delete.delay.ms",
        Long(0, MAX),
        "60000",
        "How long the files of segments and topics stay that were deleted, unless space is scarce or the node starts \
         anew. What a reader still needs stays in any case.",
    )
    .or(&["log.segment.delete.delay.ms"]),
    ConfigDefinition::new(
        "flush.messages",
        Long(1, MAX),
        MAX_TEXT,
        "Accepted and without effect: what an acknowledgement waits for is said by 'durability'.",
    )
    .or(&["log.flush.interval.messages"]),
    ConfigDefinition::new(
        "flush.ms",
        Long(0, MAX),
        MAX_TEXT,
        "Accepted and without effect: what an acknowledgement waits for is said by 'durability'.",
    )
    .or(&["log.flush.interval.ms", "log.flush.scheduler.interval.ms"]),
    ConfigDefinition::new(
        "follower.replication.throttled.replicas",
        Replicas,
        "",
        "The replicas that are throttled where they follow. Accepted; nothing is throttled yet.",
    ),
    ConfigDefinition::new(
        "index.interval.bytes",
        Int(0, MAX_INT),
        "4096",
        "How many bytes of records lie between two entries of the offset index, as segment.index.bytes counts them. \
         The index itself has a spacing of its own.",
    )
    .or(&["log.index.interval.bytes"]),
    ConfigDefinition::new(
        "leader.replication.throttled.replicas",
        Replicas,
        "",
        "The replicas that are throttled where they lead. Accepted; nothing is throttled yet.",
    ),
    ConfigDefinition::new(
        "local.retention.bytes",
        Long(-2, MAX),
        "-2",
        "How much of a tiered partition stays on the local disk. Accepted; there is no tiered storage.",
    )
    .or(&["log.local.retention.bytes"]),
    ConfigDefinition::new(
        "local.retention.ms",
        Long(-2, MAX),
        "-2",
        "How long segments of a tiered partition stay on the local disk. Accepted; there is no tiered storage.",
    )
    .or(&["log.local.retention.ms"]),
    ConfigDefinition::new(
        "max.compaction.lag.ms",
        Long(1, MAX),
        MAX_TEXT,
        "How long a record may stay uncompacted at most.",
    )
    .or(&["log.cleaner.max.compaction.lag.ms"]),
    ConfigDefinition::new(
        "max.message.bytes",
        Int(0, MAX_INT),
        "1048588",
        "The largest record batch allowed, as it is stored.",
    )
    .or(&["message.max.bytes"]),
    ConfigDefinition::new(
        "message.timestamp.after.max.ms",
        Long(0, MAX),
        "3600000",
        "How far a record's timestamp may be ahead of the node's clock.",
    )
    .or(&["log.message.timestamp.after.max.ms"]),
    ConfigDefinition::new(
        "message.timestamp.before.max.ms",
        Long(0, MAX),
        MAX_TEXT,
        "How far a record's timestamp may be behind the node's clock.",
    )
    .or(&["log.message.timestamp.before.max.ms"]),
    ConfigDefinition::new(
        "message.timestamp.type",
        Word(&["CreateTime", "LogAppendTime"]),
        "CreateTime",
        "Whether records carry the time of the producer or of the append.",
    )
    .or(&["log.message.timestamp.type"]),
    ConfigDefinition::new(
        "min.cleanable.dirty.ratio",
        Ratio,
        "0.5",
        "Which part of a compacted log must be uncompacted before it is compacted again.",
    )
    .or(&["log.cleaner.min.cleanable.ratio"]),
    ConfigDefinition::new(
        "min.compaction.lag.ms",
        Long(0, MAX),
        "0",
        "How long a record stays uncompacted at least.",
    )
    .or(&["log.cleaner.min.compaction.lag.ms"]),
    ConfigDefinition::new(
        "min.insync.replicas",
        Int(1, MAX_INT),
        "1",
        "How many replicas must be in sync for a produce with acks=all to be accepted.",
    )
    .or(&["min.insync.replicas"]),
    ConfigDefinition::new(
        "preallocate",
        Boolean,
        "false",
        "Accepted and without effect: space is allocated ahead in growing steps in any case.",
    )
    .or(&["log.preallocate"]),
    ConfigDefinition::new(
        "remote.log.copy.disable",
        Boolean,
        "false",
        "Accepted; there is no tiered storage.",
    ),
    ConfigDefinition::new(
        "remote.log.delete.on.disable",
        Boolean,
        "false",
        "Accepted; there is no tiered storage.",
    ),
    ConfigDefinition::new(
        "remote.storage.enable",
        Boolean,
        "false",
        "Whether old segments move to tiered storage. There is none, so 'true' is refused.",
    ),
    ConfigDefinition::new(
        "retention.bytes",
        Long(i64::MIN, MAX),
        "-1",
        "How large a partition may grow before old segments are deleted; -1 is without bound.",
    )
    .or(&["log.retention.bytes"]),
    ConfigDefinition::new(
        "retention.ms",
        Long(-1, MAX),
        "604800000",
        "How old a segment may become before it is deleted; -1 is without bound.",
    )
    .or(&["log.retention.ms", "log.retention.minutes", "log.retention.hours"]),
    ConfigDefinition::new(
        "segment.bytes",
        Int(1024 * 1024, MAX_INT),
        "1073741824",
        "The size at which a segment is closed and the next one begun.",
    )
    .or(&["log.segment.bytes"]),
    ConfigDefinition::new(
        "segment.index.bytes",
        Int(4, MAX_INT),
        "10485760",
        "A segment is closed when its offset index would have this size in Kafka, 8 bytes an entry. The index itself \
         has a bound of its own.",
    )
    .or(&["log.index.size.max.bytes"]),
    ConfigDefinition::new(
        "segment.jitter.ms",
        Long(0, MAX),
        "0",
        "By how much at most, at random, segments are closed earlier than segment.ms says, so that not all are at \
         once.",
    )
    .or(&["log.roll.jitter.ms", "log.roll.jitter.hours"]),
    ConfigDefinition::new(
        "segment.ms",
        Long(1, MAX),
        "604800000",
        "The age at which a segment is closed even if it is not full.",
    )
    .or(&["log.roll.ms", "log.roll.hours"]),
    ConfigDefinition::new(
        "unclean.leader.election.enable",
        Boolean,
        "false",
        "Whether a replica that is not in sync may lead when no other can. Accepted; only replicas in sync are ever \
         elected.",
    )
    .or(&["unclean.leader.election.enable"]),
];
