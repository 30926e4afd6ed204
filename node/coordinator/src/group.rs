//! A group of either protocol.

use crate::{Name, Record, classic::ClassicGroup, consumer::ConsumerGroup, offsets::ExpiryBase};
use core::fmt;

/// One group.
#[derive(Debug)]
pub(crate) enum Group {
    Classic(ClassicGroup),
    Consumer(ConsumerGroup),
}

/// Which protocol a group speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupType {
    /// Clients assign (JoinGroup, SyncGroup).
    Classic,
    /// The broker assigns (KIP-848).
    Consumer,
}

impl fmt::Display for GroupType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            GroupType::Classic => "Classic",
            GroupType::Consumer => "Consumer",
        })
    }
}

/// What a group is doing; the text is Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupState {
    /// No members.
    Empty,
    /// Classic: waits for members to join.
    PreparingRebalance,
    /// Classic: waits for the leader's assignment.
    CompletingRebalance,
    /// Consumer: a new target assignment is due.
    Assigning,
    /// Consumer: members give up and take over partitions.
    Reconciling,
    /// All members have what they shall have.
    Stable,
    /// There is no such group.
    Dead,
}

impl GroupState {
    /// All of them.
    pub const ALL: [GroupState; 7] = [
        GroupState::Empty,
        GroupState::PreparingRebalance,
        GroupState::CompletingRebalance,
        GroupState::Assigning,
        GroupState::Reconciling,
        GroupState::Stable,
        GroupState::Dead,
    ];

    /// Kafka's name of it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            GroupState::Empty => "Empty",
            GroupState::PreparingRebalance => "PreparingRebalance",
            GroupState::CompletingRebalance => "CompletingRebalance",
            GroupState::Assigning => "Assigning",
            GroupState::Reconciling => "Reconciling",
            GroupState::Stable => "Stable",
            GroupState::Dead => "Dead",
        }
    }
}

impl fmt::Display for GroupState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Group {
    pub(crate) fn group_type(&self) -> GroupType {
        match self {
            Group::Classic(_) => GroupType::Classic,
            Group::Consumer(_) => GroupType::Consumer,
        }
    }

    pub(crate) fn state(&self) -> GroupState {
        match self {
            Group::Classic(group) => group.state(),
            Group::Consumer(group) => group.state(),
        }
    }

    pub(crate) fn protocol_type(&self) -> Name {
        match self {
            Group::Classic(group) => group.protocol_type().cloned().unwrap_or_default(),
            Group::Consumer(_) => Name::from("consumer"),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.state() == GroupState::Empty
    }

    /// Whether a member reads this topic; its positions are then not to be deleted.
    pub(crate) fn is_subscribed_to(&self, topic: &str) -> bool {
        match self {
            Group::Classic(group) => group.is_subscribed_to(topic),
            Group::Consumer(group) => group.is_subscribed_to(topic),
        }
    }
}

impl Group {
    /// What removes the group; its positions have tombstones of their own.
    pub(crate) fn tombstones(&self, name: &Name) -> Vec<Record> {
        match self {
            Group::Classic(_) => vec![Record::ClassicGroup(name.clone(), None)],
            Group::Consumer(group) => group.tombstones(name),
        }
    }
}

impl Group {
    /// From when the retention of its positions runs.
    pub(crate) fn expiry_base(&self) -> ExpiryBase {
        match self {
            Group::Classic(group) => group.expiry_base(),
            Group::Consumer(_) => ExpiryBase::Commit,
        }
    }

    /// Whether the group may go when it is empty and has no positions: nobody is about to join.
    pub(crate) fn may_expire(&self) -> bool {
        match self {
            Group::Classic(group) => !group.is_awaited(),
            Group::Consumer(_) => true,
        }
    }
}
