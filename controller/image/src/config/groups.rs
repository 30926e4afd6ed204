//! The configs of consumer groups, in the order of names.

use super::{ConfigDefinition, ConfigKind::*};

/// The configs of a consumer group of the consumer protocol (KIP-848). Share and streams groups do not exist here, and
/// neither do their configs.
pub const GROUP_CONFIGS: &[ConfigDefinition] = &[
    ConfigDefinition::new(
        "consumer.assignment.interval.ms",
        Int(0, i32::MAX),
        "1000",
        "How much time lies at least between two assignments that a group's coordinator computes.",
    )
    .or(&["group.consumer.assignment.interval.ms"]),
    ConfigDefinition::new(
        "consumer.heartbeat.interval.ms",
        Int(1, i32::MAX),
        "5000",
        "How often the members of the group are told to send a heartbeat.",
    )
    .or(&["group.consumer.heartbeat.interval.ms"]),
    ConfigDefinition::new(
        "consumer.session.timeout.ms",
        Int(1, i32::MAX),
        "45000",
        "After how long without a heartbeat a member is taken out of the group.",
    )
    .or(&["group.consumer.session.timeout.ms"]),
];

/// The bounds that a node keeps for a group config, by the names of the node's configs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GroupBound {
    /// The group's config.
    pub(super) config: &'static str,
    /// The node's default for it.
    pub(super) default: &'static str,
    pub(super) least: &'static str,
    pub(super) most: &'static str,
}

pub(super) const GROUP_BOUNDS: &[GroupBound] = &[
    GroupBound {
        config: "consumer.assignment.interval.ms",
        default: "group.consumer.assignment.interval.ms",
        least: "group.consumer.min.assignment.interval.ms",
        most: "group.consumer.max.assignment.interval.ms",
    },
    GroupBound {
        config: "consumer.heartbeat.interval.ms",
        default: "group.consumer.heartbeat.interval.ms",
        least: "group.consumer.min.heartbeat.interval.ms",
        most: "group.consumer.max.heartbeat.interval.ms",
    },
    GroupBound {
        config: "consumer.session.timeout.ms",
        default: "group.consumer.session.timeout.ms",
        least: "group.consumer.min.session.timeout.ms",
        most: "group.consumer.max.session.timeout.ms",
    },
];
