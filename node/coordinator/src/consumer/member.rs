//! A member of a consumer group: what it subscribes to, and what it has.

use crate::{
    Name,
    partitions::{OwnedPartitions, Partitions},
};
use bytes::Bytes;
use std::collections::BTreeSet;

/// The epoch of a member that has not been given one yet.
pub(crate) const EPOCH_JOINING: i32 = 0;
/// The epoch by which a member leaves.
pub(crate) const EPOCH_LEAVING: i32 = -1;
/// The epoch of a static member that left and will come back.
pub(crate) const EPOCH_AWAY: i32 = -2;

/// A member. The two halves are records of their own, since the second changes far more often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) metadata: MemberMetadata,
    pub(crate) current: CurrentAssignment,
}

/// Who a member is and what it subscribes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of Kafka's record")]
pub struct MemberMetadata {
    pub instance: Option<Name>,
    pub rack: Option<Name>,
    pub client_id: Name,
    pub client_host: Name,
    pub topic_names: BTreeSet<Name>,
    /// Never empty: no expression is `None`.
    pub topic_regex: Option<Name>,
    pub rebalance_timeout_ms: i32,
    pub assignor: Option<Name>,
    /// Set while the member speaks the classic protocol.
    pub classic: Option<ClassicMember>,
}

/// What the classic protocol needs to know of a member in a consumer group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassicMember {
    /// The session timeout of its JoinGroup.
    pub session_timeout_ms: i32,
    /// Its protocols in order of preference, with their metadata.
    pub protocols: Vec<(Name, Bytes)>,
}

/// Where a member is on its way to its target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemberState {
    /// It has its target of its epoch.
    #[default]
    Stable,
    /// It must say that it has given up partitions before it gets the next epoch.
    UnrevokedPartitions,
    /// It waits for others to give up partitions of its target.
    UnreleasedPartitions,
    /// A state of a newer program; the member has to start over.
    Unknown,
}

/// What a member has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of Kafka's record")]
pub struct CurrentAssignment {
    pub epoch: i32,
    /// Accepted once more: the answer that brought the new epoch may have been lost.
    pub previous_epoch: i32,
    pub state: MemberState,
    pub assigned: OwnedPartitions,
    /// To be given up; nobody else gets them before the member says so.
    pub revoking: OwnedPartitions,
}

impl MemberState {
    /// Kafka's number of the state.
    #[must_use]
    pub fn number(self) -> i8 {
        match self {
            MemberState::Stable => 0,
            MemberState::UnrevokedPartitions => 1,
            MemberState::UnreleasedPartitions => 2,
            MemberState::Unknown => 127,
        }
    }

    /// The state of this number.
    #[must_use]
    pub fn by_number(number: i8) -> MemberState {
        match number {
            0 => MemberState::Stable,
            1 => MemberState::UnrevokedPartitions,
            2 => MemberState::UnreleasedPartitions,
            _ => MemberState::Unknown,
        }
    }
}

impl Member {
    pub(crate) fn is_classic(&self) -> bool {
        self.metadata.classic.is_some()
    }

    /// The protocol by which a classic member's assignment is told: its first, all of them carry the same subscription.
    pub(crate) fn classic_protocol(&self) -> Option<&(Name, Bytes)> {
        self.metadata.classic.as_ref()?.protocols.first()
    }
}

impl CurrentAssignment {
    /// Whether the member has its target of `epoch`.
    pub(crate) fn is_reconciled_to(&self, epoch: i32) -> bool {
        self.state == MemberState::Stable && self.epoch == epoch
    }

    /// Whether all of `partitions` are assigned.
    pub(crate) fn covers(&self, partitions: &Partitions) -> bool {
        partitions.iter().all(|(topic, index)| self.assigned.contains(topic, index))
    }
}
