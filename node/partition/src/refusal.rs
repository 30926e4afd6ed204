//! Why a partition refuses a request. The node maps these to Kafka's error codes.

use crate::OfflineReason;
use ringlog_model::{LeaderEpoch, NodeId, Offset, ProducerEpoch, ProducerId, Sequence};
use thiserror::Error;

/// Why this replica cannot act as the leader that the request wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LeadershipRefusal {
    /// Another node leads.
    #[error("node {leader} leads the partition in epoch {epoch}")]
    NotLeader {
        /// Who leads.
        leader: NodeId,
        /// Since which epoch.
        epoch: LeaderEpoch,
    },
    /// Nobody is served here.
    #[error("the partition is offline: {0:?}")]
    Offline(OfflineReason),
    /// The client knows an older leadership.
    #[error("leader epoch {requested} is fenced by {current}")]
    Fenced {
        /// The client's.
        requested: LeaderEpoch,
        /// Ours.
        current: LeaderEpoch,
    },
    /// The client knows a newer leadership than this node.
    #[error("leader epoch {requested} is not known yet, {current} is")]
    UnknownEpoch {
        /// The client's.
        requested: LeaderEpoch,
        /// Ours.
        current: LeaderEpoch,
    },
}

/// Why a batch does not follow its producer's earlier ones (KIP-98, KIP-360).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SequenceRefusal {
    /// A batch is missing before this one, or this one is older than the batches that are remembered.
    #[error("producer {producer} must go on with sequence {expected:?}, not {found:?}")]
    OutOfOrder {
        /// The producer.
        producer: ProducerId,
        /// The sequence that would fit.
        expected: Sequence,
        /// The batch's.
        found: Sequence,
    },
    /// A newer instance of the producer has written.
    #[error("epoch {found} of producer {producer} is fenced by {current}")]
    Fenced {
        /// The producer.
        producer: ProducerId,
        /// The newest epoch seen.
        current: ProducerEpoch,
        /// The batch's.
        found: ProducerEpoch,
    },
}

/// Why a batch was not appended, or not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AppendRefusal {
    /// This replica does not lead, or not in the epoch asked for. Also answers waiting requests when leadership is lost:
    /// their batches may or may not survive.
    #[error(transparent)]
    Leadership(#[from] LeadershipRefusal),
    /// The batch does not follow its producer's earlier ones.
    #[error(transparent)]
    Sequence(#[from] SequenceRefusal),
    /// Too few replicas are in sync for `acks=all`; nothing was appended.
    #[error("{in_sync} replicas are in sync, {required} are required")]
    NotEnoughReplicas {
        /// Size of the ISR.
        in_sync: u16,
        /// `min.insync.replicas`.
        required: u16,
    },
    /// The batch was appended, but meanwhile too few replicas are in sync to promise anything.
    #[error("the batch is in the log, but {in_sync} replicas are in sync and {required} are required")]
    NotEnoughReplicasAfterAppend {
        /// Size of the ISR.
        in_sync: u16,
        /// `min.insync.replicas`.
        required: u16,
    },
    /// The producer's deadline passed first. The batch is in the log and may be committed later.
    #[error("the batch is in the log, but was not committed before the request's deadline")]
    TimedOut,
    /// The data directory is below its low-water mark.
    #[error("the data directory has too little space for appends")]
    DiskFull,
    /// More requests wait here than the bound allows.
    #[error("{waiting} requests wait for this partition already")]
    TooManyWaiting {
        /// How many.
        waiting: usize,
    },
    /// The batch belongs to a transaction that nobody has begun.
    #[error("the batch belongs to no transaction that is open")]
    NoTransaction,
    /// The partition has used up its offsets (2^63 of them).
    #[error("the partition has no offsets left")]
    OffsetsExhausted,
}

/// Why a fetch gets nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FetchRefusal {
    /// This replica does not lead, or not in the epoch asked for.
    #[error(transparent)]
    Leadership(#[from] LeadershipRefusal),
    /// The offset is before the log's start or after its end.
    #[error("offset {requested} is outside {log_start} to {end}")]
    OffsetOutOfRange {
        /// What was asked for.
        requested: Offset,
        /// The log's first offset.
        log_start: Offset,
        /// One past the log's last offset.
        end: Offset,
    },
}
