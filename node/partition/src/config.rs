//! What a topic's settings mean to its partitions.

use core::time::Duration;
use ringlog_model::Durability;

/// Whose clock stamps records (`message.timestamp.type`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimestampType {
    /// The producer's.
    #[default]
    CreateTime,
    /// The broker's.
    LogAppendTime,
}

/// The settings of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionConfig {
    /// What the commit mark means.
    pub durability: Durability,
    /// `min.insync.replicas`.
    pub min_insync_replicas: u16,
    /// Whose clock stamps records.
    pub timestamp_type: TimestampType,
    /// `producer.id.expiration.ms`: how long a silent producer's sequence is remembered.
    pub producer_expiration: Duration,
    /// How many producers are remembered at once; those that have been silent longest are forgotten first.
    pub producers_max: usize,
}

impl Default for PartitionConfig {
    fn default() -> PartitionConfig {
        PartitionConfig {
            durability: Durability::Fsync,
            min_insync_replicas: 1,
            timestamp_type: TimestampType::CreateTime,
            // Kafka's default: one day.
            producer_expiration: Duration::from_secs(86_400),
            // A snapshot of them stays below 1 MiB, what storage carries for a log. A retry comes within minutes; more
            // producers than this in minutes on one partition is misuse.
            producers_max: 7_000,
        }
    }
}
