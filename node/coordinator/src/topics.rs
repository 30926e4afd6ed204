//! The topics that exist, as the coordinator sees them.

use crate::Name;
use core::time::Duration;
use ringlog_model::TopicId;

/// A topic, as far as assignments need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicFacts {
    /// Its id; a deleted and re-created topic has another.
    pub id: TopicId,
    /// Its name.
    pub name: Name,
    /// How many partitions it has, numbered from zero.
    pub partitions: i32,
}

/// What can be set for a consumer group, and while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupSettings {
    /// `consumer.session.timeout.ms`.
    pub session_timeout: Duration,
    /// `consumer.heartbeat.interval.ms`.
    pub heartbeat_interval: Duration,
    /// `consumer.assignment.interval.ms`.
    pub assignment_interval: Duration,
}

/// What is known of the cluster's topics at the moment of a decision.
pub trait Topics {
    /// The topic of a name.
    fn by_name(&self, name: &str) -> Option<TopicFacts>;

    /// The topic of an id.
    fn by_id(&self, id: TopicId) -> Option<TopicFacts>;

    /// Calls `visit` with the name of every topic, in the order of names.
    fn for_each_name(&self, visit: &mut dyn FnMut(&str));

    /// A number that grows with every change of the topics.
    fn version(&self) -> u64;

    /// What is set for a consumer group; none: the coordinator's own settings hold.
    fn group_settings(&self, _group: &str) -> Option<GroupSettings> {
        None
    }
}
