//! Why a request, or one partition of it, was refused: the node's own words. Each listener translates them into the
//! codes of its protocol, by one exhaustive match (`api/error.rs`).

use ringlog_batch::BatchError;
use ringlog_partition::{AppendRefusal, FetchRefusal, LeadershipRefusal};

/// A refusal that a client is told of. Faults of this node that a client can do nothing about are logged where they
/// happen and reach the client as [`Refusal::Fault`] or [`Refusal::Damaged`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("there is no such topic or partition")]
    UnknownTopicOrPartition,
    #[error("there is no topic with this id")]
    UnknownTopicId,
    /// This shard does not hold the partition: its log is being created or removed, or another node has it.
    #[error("this node does not serve the partition")]
    NotHere,
    #[error("acks must be 0, 1 or -1, not {0}")]
    InvalidRequiredAcks(i16),
    #[error(transparent)]
    Batch(#[from] BatchError),
    #[error(transparent)]
    Append(#[from] AppendRefusal),
    #[error(transparent)]
    Fetch(#[from] FetchRefusal),
    #[error(transparent)]
    Leadership(#[from] LeadershipRefusal),
    /// What is in such a topic is the broker's own state.
    #[error("clients may not write to an internal topic")]
    InternalTopic,
    /// The records of a topic that is only compacted go by their keys, never by their age.
    #[error("the topic's cleanup policy does not allow its records to be deleted")]
    OnlyCompacted,
    /// The disk refused.
    #[error("the disk failed: {0}")]
    Fault(String),
    /// Bytes on disk fail their checks.
    #[error("the log is damaged: {0}")]
    Damaged(String),
    #[error("the node stops")]
    Stopping,
}
