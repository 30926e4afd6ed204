//! The types that openraft is told to use.

use crate::runtime::ReactorRuntime;
use openraft::BasicNode;
use openraft::impls::leader_id_adv::LeaderId as LeaderIdOf;
use std::fmt;

openraft::declare_raft_types!(
    pub(crate) TypeConfig:
        D = Proposal,
        R = Outcome,
        NodeId = u64,
        Node = BasicNode,
        AsyncRuntime = ReactorRuntime,
);

pub(crate) type LeaderId = LeaderIdOf<u64, u64>;
pub(crate) type LogId = openraft::LogId<LeaderId>;
pub(crate) type Vote = openraft::Vote<LeaderId>;
pub(crate) type Membership = openraft::Membership<u64, BasicNode>;
pub(crate) type StoredMembership = openraft::StoredMembership<LeaderId, u64, BasicNode>;
pub(crate) type Payload = openraft::EntryPayload<Proposal, u64, BasicNode>;
pub(crate) type Entry = openraft::Entry<LeaderId, Payload>;
pub(crate) type SnapshotMeta = openraft::SnapshotMeta<LeaderId, u64, BasicNode>;
pub(crate) type Snapshot = openraft::Snapshot<LeaderId, u64, BasicNode, bytes::Bytes>;

/// Records that were decided on the metadata at one position, and hold only on top of exactly that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proposal {
    /// The position they were decided at. If the metadata has moved on when the entry is applied (which takes a leader
    /// that lost and regained its office in between), the entry changes nothing.
    pub(crate) after: u64,
    /// Encoded records.
    pub(crate) records: Vec<u8>,
}

impl fmt::Display for Proposal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} bytes of records after {}", self.records.len(), self.after)
    }
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The metadata is at this position now.
    Applied(u64),
    /// The metadata had moved on; nothing changed.
    Superseded,
    /// The entry is one of Raft's own.
    Nothing,
}
