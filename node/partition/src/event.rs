//! What happens to a partition.

use crate::{BatchFacts, LoggedBatch, PartitionConfig, ProducerTable};
use alloc::vec::Vec;
use ringlog_model::{Instant, LeaderEpoch, NodeId, Offset};

/// A produce request's name, chosen by the shard; it comes back in the effects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// What a producer waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acks {
    /// `acks=0`: nothing. Only a refusal is answered, so that the connection can be closed as Kafka does.
    None,
    /// `acks=1`: the leader's commit mark.
    Leader,
    /// `acks=all`: the high watermark.
    #[default]
    All,
}

/// One batch to be appended. A request with several batches is several of these, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Append {
    /// Comes back in [`Effect::WriteLog`](crate::Effect::WriteLog) and [`Effect::Acknowledge`](crate::Effect::Acknowledge).
    pub request: RequestId,
    /// The batch.
    pub batch: BatchFacts,
    /// What the producer waits for.
    pub acks: Acks,
    /// The leader epoch that the producer believes in; Kafka's Produce has none.
    pub leader_epoch: Option<LeaderEpoch>,
    /// When the producer stops waiting (its `timeout.ms`); the batch stays in the log all the same.
    pub deadline: Option<Instant>,
}

/// Whether the data directory has room for appends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Space {
    /// Appends are accepted.
    #[default]
    Enough,
    /// Below the low-water mark: appends are refused with a retriable error, everything else goes on.
    Low,
}

/// Why a partition is offline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OfflineReason {
    /// No leadership has been told yet.
    #[default]
    Unassigned,
    /// The node is going down.
    ShuttingDown,
    /// The topic was deleted.
    Deleted,
    /// A write or sync failed; the log refuses appends until it is opened again.
    DiskFault,
}

/// Everything that can happen to a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A client's batch, checked already.
    Append(Append),
    /// The log is written up to `end` (one past the last offset), in the order it was appended.
    Written {
        /// One past the last offset written.
        end: Offset,
    },
    /// The log is synced up to `end` (one past the last offset); that it is written follows.
    Flushed {
        /// One past the last offset synced.
        end: Offset,
    },
    /// This node leads from now on. An epoch lower than a known one is stale and ignored; the same epoch again brings
    /// a changed ISR.
    BecomeLeader {
        /// The leadership's number.
        epoch: LeaderEpoch,
        /// All replicas, this node included.
        replicas: Vec<NodeId>,
        /// Those in sync, this node included.
        isr: Vec<NodeId>,
    },
    /// Another node leads from now on. A stale epoch is ignored.
    BecomeFollower {
        /// The leadership's number.
        epoch: LeaderEpoch,
        /// The leader.
        leader: NodeId,
    },
    /// Nobody is served any more.
    GoOffline(OfflineReason),
    /// A follower tells the leader how far its log is.
    ReplicaProgress {
        /// The follower.
        replica: NodeId,
        /// The epoch under which it replicates; others are ignored.
        epoch: LeaderEpoch,
        /// One past the last offset it has written.
        written: Offset,
        /// One past the last offset it has synced.
        flushed: Offset,
    },
    /// The leader's batch reaches this follower, with its offsets assigned.
    Replicate {
        /// Comes back in [`Effect::WriteLog`](crate::Effect::WriteLog).
        request: RequestId,
        /// The epoch of the leadership that sent it; others are ignored.
        epoch: LeaderEpoch,
        /// The epoch in the batch's header: that of the leadership which first appended it.
        batch_epoch: LeaderEpoch,
        /// The batch.
        batch: LoggedBatch,
        /// The leader's high watermark.
        high_watermark: Offset,
    },
    /// The log was cut: it ends at `end` now. Only a log that is not led is cut.
    Truncated {
        /// One past the last offset that remains.
        end: Offset,
        /// The producers, found again from the snapshot and the batches that remain: five remembered batches do not tell what
        /// came before them.
        producers: ProducerTable,
    },
    /// Retention, or a client's DeleteRecords, moved the log's start.
    LogStart {
        /// The first offset that remains.
        start: Offset,
    },
    /// Storage wants a producer snapshot for its next checkpoint. It comes as an effect once all it knows of is synced, or not at
    /// all if nothing was appended since the last one.
    TakeSnapshot,
    /// The data directory's room changed.
    Space(Space),
    /// The topic's settings changed.
    Configure(PartitionConfig),
    /// A deadline passed ([`Partition::next_deadline`](crate::Partition::next_deadline)).
    Tick,
}
