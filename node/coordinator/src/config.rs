//! The coordinator's settings, by Kafka's names.

use crate::Name;
use core::time::Duration;

/// What a broker's configuration says about groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `group.initial.rebalance.delay.ms`: how long the first join of an empty group waits for others.
    pub initial_rebalance_delay: Duration,
    /// `group.min.session.timeout.ms`.
    pub session_timeout_min: Duration,
    /// `group.max.session.timeout.ms`.
    pub session_timeout_max: Duration,
    /// `group.max.size`: members of a classic group.
    pub group_size_max: usize,
    /// `offsets.retention.minutes`: how long positions outlive their group.
    pub offsets_retention: Duration,
    /// `offsets.retention.check.interval.ms`.
    pub expiry_interval: Duration,
    /// `offset.metadata.max.bytes`.
    pub metadata_bytes_max: usize,
    /// `group.consumer.session.timeout.ms`.
    pub consumer_session_timeout: Duration,
    /// `group.consumer.heartbeat.interval.ms`.
    pub consumer_heartbeat_interval: Duration,
    /// `group.consumer.assignment.interval.ms`: the least time between two targets of a group (KIP-1263).
    pub consumer_assignment_interval: Duration,
    /// `group.consumer.assignors`: the names of those that members may ask for, of `uniform` and `range`; the first is for groups whose
    /// members ask for none. Others are passed over.
    pub consumer_assignors: Vec<Name>,
    /// `group.consumer.max.size`.
    pub consumer_group_size_max: usize,
    /// `group.consumer.migration.policy`: whether classic groups may become consumer groups, and back.
    pub migration: Migration,
}

/// `group.consumer.migration.policy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migration {
    /// Both ways.
    Bidirectional,
    /// From the classic protocol to the newer one.
    Upgrade,
    /// From the newer protocol to the classic one.
    Downgrade,
    /// Neither.
    Disabled,
}

impl Default for Config {
    /// Kafka's defaults.
    fn default() -> Config {
        Config {
            initial_rebalance_delay: Duration::from_secs(3),
            session_timeout_min: Duration::from_secs(6),
            session_timeout_max: Duration::from_secs(30 * 60),
            group_size_max: i32::MAX as usize,
            offsets_retention: Duration::from_secs(7 * 24 * 60 * 60),
            expiry_interval: Duration::from_secs(10 * 60),
            metadata_bytes_max: 4096,
            consumer_session_timeout: Duration::from_secs(45),
            consumer_heartbeat_interval: Duration::from_secs(5),
            consumer_assignment_interval: Duration::from_secs(1),
            consumer_assignors: vec!["uniform".into(), "range".into()],
            consumer_group_size_max: i32::MAX as usize,
            migration: Migration::Bidirectional,
        }
    }
}
