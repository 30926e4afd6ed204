//! Between the voters of the quorum.
//!
//! The payloads are in the controller's own encoding, the one of its log, so that the consensus library may change
//! without a change here.

use rkyv::{Archive, Deserialize, Serialize};

/// A request of one voter to another.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RaftRequestV1 {
    /// The cluster the sender belongs to; zero while it does not know.
    pub cluster: [u8; 16],
    /// Who sends.
    pub from: u64,
    /// Whom it means, so that a request that reached the wrong process is refused.
    pub to: u64,
    /// Which request: a [`RaftRpcV1`].
    pub rpc: u8,
    /// The request in the controller's encoding.
    pub payload: Vec<u8>,
}

/// The answer in the controller's encoding.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RaftReplyV1 {
    /// Which request it answers.
    pub rpc: u8,
    /// The answer.
    pub payload: Vec<u8>,
}

/// A part of a snapshot on its way to a voter that is too far behind. The parts of one snapshot come one after the
/// other on one connection; the last one is answered with a [`RaftReplyV1`], the others with an empty one.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RaftSnapshotPartV1 {
    /// The cluster the sender belongs to.
    pub cluster: [u8; 16],
    /// Who sends.
    pub from: u64,
    /// Whom it means.
    pub to: u64,
    /// Where the part belongs in the whole.
    pub offset: u64,
    /// Whether the snapshot is whole with this part.
    pub last: bool,
    /// The bytes: the sender's vote and the snapshot's description, then the records.
    pub payload: Vec<u8>,
}

/// Which request a [`RaftRequestV1`] carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RaftRpcV1 {
    /// Would you vote for me?
    PreVote = 1,
    /// Vote for me.
    Vote = 2,
    /// Append these entries.
    Append = 3,
    /// A whole snapshot (only in answers: requests come as [`RaftSnapshotPartV1`]).
    Snapshot = 4,
}

impl RaftRpcV1 {
    /// The request with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<RaftRpcV1> {
        match number {
            1 => Some(RaftRpcV1::PreVote),
            2 => Some(RaftRpcV1::Vote),
            3 => Some(RaftRpcV1::Append),
            4 => Some(RaftRpcV1::Snapshot),
            _ => None,
        }
    }
}
