//! The topics that exist, as the coordinator sees them.

use crate::Name;
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
}
