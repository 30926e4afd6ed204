//! Server-side assignors of the consumer protocol (KIP-848): from subscriptions and the last target to the next target.
//!
//! Both are pure functions of a [`GroupView`], so that the same group always gets the same target, whoever computes it.
//!
//! * [`Assignor::Range`] gives each member the same range of every topic: partitions of one number meet at one member, so that topics
//!   with the same count can be joined. Its only memory are names: static members keep their place by instance id.
//! * [`Assignor::Uniform`] balances the count of partitions and moves as few of them as that takes.

use crate::{Name, partitions::Partitions};
use ringlog_model::TopicId;
use std::collections::{BTreeMap, BTreeSet};

mod range;
mod uniform;

/// The assignors a member may ask for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Assignor {
    /// Balanced and sticky.
    Uniform,
    /// Co-partitioned ranges.
    Range,
}

/// What an assignor knows of a member.
#[derive(Clone, Debug)]
pub(crate) struct MemberView<'a> {
    /// Set for static members; ranges are handed out by it.
    pub(crate) instance_id: Option<&'a str>,
    /// The topics it subscribes to, none unknown to [`GroupView::topics`].
    pub(crate) topics: &'a BTreeSet<TopicId>,
    /// Its last target; partitions it may no longer have are ignored.
    pub(crate) previous: &'a Partitions,
}

/// What an assignor knows of a group.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupView<'a> {
    /// By member id.
    pub(crate) members: BTreeMap<&'a str, MemberView<'a>>,
    /// Partition counts of every subscribed topic that exists.
    pub(crate) topics: BTreeMap<TopicId, i32>,
}

impl Assignor {
    /// All, the default first.
    pub(crate) const ALL: [Assignor; 2] = [Assignor::Uniform, Assignor::Range];

    /// The name of the assignor in requests and configuration.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Assignor::Uniform => "uniform",
            Assignor::Range => "range",
        }
    }

    /// The assignor of this name.
    #[must_use]
    pub(crate) fn by_name(name: &str) -> Option<Assignor> {
        Assignor::ALL.into_iter().find(|assignor| assignor.name() == name)
    }

    /// The assignor of this name, if it is one of those that a broker offers.
    #[must_use]
    pub(crate) fn among(offered: &[Name], name: &str) -> Option<Assignor> {
        offered.iter().find(|offered| ***offered == *name).and_then(|offered| Assignor::by_name(offered))
    }

    /// The first that a broker offers.
    #[must_use]
    pub(crate) fn first(offered: &[Name]) -> Assignor {
        offered.iter().find_map(|name| Assignor::by_name(name)).unwrap_or(Assignor::ALL[0])
    }

    /// The next target: an entry for every member, each partition of a subscribed topic exactly once.
    #[must_use]
    pub(crate) fn assign<'a>(self, group: &GroupView<'a>) -> BTreeMap<&'a str, Partitions> {
        match self {
            Assignor::Range => range::assign(group),
            Assignor::Uniform if group.is_homogeneous() => uniform::assign_homogeneous(group),
            Assignor::Uniform => uniform::assign_heterogeneous(group),
        }
    }
}

impl GroupView<'_> {
    /// Whether all members subscribe to the same topics.
    fn is_homogeneous(&self) -> bool {
        let mut sets = self.members.values().map(|member| member.topics);
        let Some(first) = sets.next() else { return true };
        // Sets are usually shared between members: the address is compared first.
        sets.all(|set| std::ptr::eq(set, first) || set == first)
    }

    /// The partition count of `topic`, zero if it is unknown.
    fn count(&self, topic: TopicId) -> i32 {
        self.topics.get(&topic).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
