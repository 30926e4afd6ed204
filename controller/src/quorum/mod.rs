//! The log that a majority of the controllers agrees on, and the metadata that follows from it.
//!
//! Main types: [`CommittedLog`], what the rest of the controller knows of consensus; [`Metadata`], the image that the
//! committed records have led to; [`Quorum`], the committed log by openraft.
//!
//! Architecture invariant: nothing outside this folder and `runtime` names a type of openraft.

pub(crate) mod encoding;
mod machine;
mod metadata;
mod network;
mod raft;
mod rpc;
pub(crate) mod types;

pub(crate) use metadata::Metadata;
pub(crate) use raft::{Quorum, QuorumError, QuorumOptions};

use ringlog_image::MetadataRecord;
use ringlog_reactor::LocalBoxFuture;

/// A log that records go into on one side and come out of, agreed upon and in order, as [`Metadata`] on the other.
pub(crate) trait CommittedLog {
    /// Commits records that were decided at the position `after` of the metadata; gives the position that holds them.
    fn propose(&self, after: u64, records: Vec<MetadataRecord>) -> LocalBoxFuture<Result<u64, ProposeError>>;

    /// Who leads, as far as this controller knows.
    fn role(&self) -> Role;

    /// Completes when the role may have changed since the call.
    fn role_changed(&self) -> LocalBoxFuture<()>;

    /// What the committed records have led to.
    fn metadata(&self) -> &Metadata;
}

/// Who leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// This controller, in this term; its metadata holds everything that was committed before.
    Leader { term: u64 },
    /// Another one, or nobody yet.
    Follower {
        /// Where the leader listens.
        leader: Option<String>,
    },
}

/// Why records were not committed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProposeError {
    /// Another controller leads. The records are not committed.
    #[error("another controller leads")]
    NotLeader,
    /// The metadata had moved on. The records are not committed.
    #[error("the metadata has moved on")]
    Superseded,
    /// It is not known whether the records are or will be committed.
    #[error("the outcome is not known: {0}")]
    Unknown(String),
}

#[cfg(test)]
mod tests;
