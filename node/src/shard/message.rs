//! What shards say to each other. Everything here is owned and crosses threads; a reply goes back through a one-shot
//! channel, so that a shard that handles messages never waits for another one.

use super::survey::{LogSurvey, ShardSurvey};
use crate::{
    cluster::{ClusterError, View},
    groups::CoordinatorReply,
    refusal::Refusal,
};
use bytes::Bytes;
use core::net::SocketAddr;
use ringlog_batch::BatchHeader;
use ringlog_coordinator::Request;
use ringlog_model::{Instant, LeaderEpoch, Offset, PartitionId, Timestamp};
use ringlog_native::cluster::{
    AlterConfigsReplyV1, AlterConfigsV1, CreatePartitionsReplyV1, CreatePartitionsV1, CreateTopicsReplyV1,
    CreateTopicsV1, DeleteTopicsReplyV1, DeleteTopicsV1, DescribeQuorumReplyV1, DescribeQuorumV1,
    ElectLeadersReplyV1, ElectLeadersV1, ForgetNodeReplyV1, ForgetNodeV1,
};
use ringlog_partition::{Acknowledged, Acks, ActiveProducer, EpochEnd, Interest, Isolation};
use ringlog_reactor::{DetachedStream, reply::ReplySender};
use ringlog_storage::ReadPlan;
use std::sync::Arc;

/// Messages waiting in one shard's mailbox. Each is backed by a request in flight, whose bytes are bounded, so this
/// only has to be large enough not to slow down many small requests.
pub(crate) const MAILBOX_CAPACITY: usize = 4096;

/// A message to a shard.
pub(crate) enum ShardMessage {
    /// Serve this connection.
    Connection(Arrival),
    /// Append to partitions that the shard owns.
    Append(AppendRequest),
    /// Read from partitions that the shard owns.
    Read(ReadRequest, ReplySender<ReadReply>),
    /// Say when a partition that the shard owns has more to read.
    Watch(WatchRequest, ReplySender<()>),
    /// Find offsets in partitions that the shard owns.
    FindOffsets(Vec<FindOffset>, ReplySender<Vec<Result<FoundOffset, Refusal>>>),
    /// Find where epochs end in partitions that the shard owns.
    FindEpochEnds(Vec<FindEpochEnd>, ReplySender<Vec<Result<Option<EpochEnd>, Refusal>>>),
    /// Say which logs the shard has, and how large they are.
    LogSizes(ReplySender<Vec<LogSize>>),
    /// Say which producers partitions remember that the shard owns.
    ActiveProducers(Vec<PartitionId>, ReplySender<Vec<Result<Vec<ActiveProducer>, Refusal>>>),
    /// Drop records from the front of partitions that the shard owns; answered, one result per partition, when that is
    /// durable.
    DeleteRecords(Vec<DeleteRecords>, ReplySender<Vec<Result<Offset, Refusal>>>),
    /// Ask the coordinator of a partition of `__consumer_offsets` that the shard owns.
    Coordinate(PartitionId, Request, CoordinatorReply),
    /// Tell of all partitions in numbers.
    Survey(ReplySender<ShardSurvey>),
    /// Tell of a partition's log.
    LogSurvey(PartitionId, ReplySender<Result<LogSurvey, Refusal>>),
    /// The metadata changed: bring partitions into line with it.
    Metadata(Arc<View>, ReplySender<()>),
    /// Forward to the controller. Only shard 0 gets it.
    Administer(Administration),
    /// Take no new requests, answer those in flight, close the connections.
    StopServing(ReplySender<()>),
    /// Flush and end. Comes when all shards have stopped serving.
    Stop,
}

/// A connection for a shard to serve.
pub(crate) struct Arrival {
    /// The socket.
    pub(crate) stream: DetachedStream,
    /// Who connected.
    pub(crate) peer: SocketAddr,
    /// Which of the node's listeners took it, as an index.
    pub(crate) listener: usize,
    /// What was already received, where another shard has begun to read.
    pub(crate) received: Bytes,
}

/// Appends of one request to partitions of one shard.
pub(crate) struct AppendRequest {
    pub(crate) acks: Acks,
    /// When the client stops waiting.
    pub(crate) deadline: Option<Instant>,
    pub(crate) batches: Vec<AppendBatch>,
    /// Gets one result per batch, in order, when all of them are there.
    pub(crate) reply: AppendReply,
}

/// Where the results of an [`AppendRequest`] go.
pub(crate) type AppendReply = ReplySender<Vec<Result<Appended, Refusal>>>;

/// One checked batch for one partition.
pub(crate) struct AppendBatch {
    pub(crate) partition: PartitionId,
    /// The leader epoch that the client knows.
    pub(crate) leader_epoch: Option<LeaderEpoch>,
    pub(crate) header: BatchHeader,
    /// The whole batch, as it will stand in the log but for base offset and leader epoch.
    pub(crate) bytes: Bytes,
}

/// An append that has reached what its request asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Appended {
    pub(crate) acknowledged: Acknowledged,
    pub(crate) leader_epoch: LeaderEpoch,
}

/// Reads from partitions of one shard.
#[derive(Debug)]
pub(crate) struct ReadRequest {
    pub(crate) partitions: Vec<ReadPartition>,
    pub(crate) isolation: Isolation,
    /// Bytes in all; the first batch found comes even if it is larger.
    pub(crate) bytes_max: usize,
    /// Wait for so many bytes until then; `None` answers at once.
    pub(crate) wait: Option<ReadWait>,
}

/// How long a read waits for more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadWait {
    pub(crate) bytes_min: usize,
    pub(crate) until: Instant,
}

/// One partition to read from.
#[derive(Clone, Debug)]
pub(crate) struct ReadPartition {
    pub(crate) partition: PartitionId,
    pub(crate) from: Offset,
    pub(crate) bytes_max: usize,
    pub(crate) leader_epoch: Option<LeaderEpoch>,
    pub(crate) last_fetched_epoch: Option<LeaderEpoch>,
}

/// One result per partition, in the order of the request.
pub(crate) type ReadReply = Vec<Result<ReadOutcome, Refusal>>;

/// What there is to read of a partition.
#[derive(Debug)]
pub(crate) struct ReadOutcome {
    pub(crate) high_watermark: Offset,
    pub(crate) last_stable: Offset,
    pub(crate) log_start: Offset,
    pub(crate) leader_epoch: LeaderEpoch,
    /// Whole batches; empty if there is nothing new.
    pub(crate) plan: ReadPlan,
    /// Set when the reader's log and this one have diverged (KIP-595): where they agree at most.
    pub(crate) diverging: Option<EpochEnd>,
}

/// Waits for any of some partitions of one shard.
pub(crate) struct WatchRequest {
    /// The partitions, with the limit up to which the reader has seen them.
    pub(crate) interests: Vec<Interest>,
    pub(crate) isolation: Isolation,
    /// When the reader has given up.
    pub(crate) until: Instant,
}

/// A search in one partition.
#[derive(Clone, Debug)]
pub(crate) struct FindOffset {
    pub(crate) partition: PartitionId,
    pub(crate) leader_epoch: Option<LeaderEpoch>,
    pub(crate) isolation: Isolation,
    pub(crate) wanted: WantedOffset,
}

/// Which offset is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WantedOffset {
    /// The first of the log.
    Earliest,
    /// One past the last that a reader may see.
    Latest,
    /// The first record at or after this time.
    AtTime(Timestamp),
    /// The record with the largest timestamp (KIP-734).
    MaxTimestamp,
}

/// What a search found; `offset` is none if no record answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FoundOffset {
    pub(crate) offset: Option<Offset>,
    pub(crate) timestamp: Timestamp,
    pub(crate) leader_epoch: LeaderEpoch,
    /// One past the last that a reader may see.
    pub(crate) end: Offset,
}

/// A search for where a leader epoch ends in a partition (KIP-101).
#[derive(Clone, Debug)]
pub(crate) struct FindEpochEnd {
    pub(crate) partition: PartitionId,
    pub(crate) leader_epoch: Option<LeaderEpoch>,
    pub(crate) epoch: LeaderEpoch,
}

/// Records to be dropped from the front of a partition (KIP-107).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeleteRecords {
    pub(crate) partition: PartitionId,
    pub(crate) before: DeleteBefore,
}

/// Which records go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeleteBefore {
    /// Everything before this offset, which may not lie beyond the high watermark.
    Offset(Offset),
    /// Everything that consumers may read (Kafka's `-1`).
    HighWatermark,
}

/// A log and what it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LogSize {
    pub(crate) partition: PartitionId,
    /// Which of the node's data directories holds it.
    pub(crate) directory: usize,
    /// Bytes of its segments' records.
    pub(crate) bytes: u64,
}

/// What only shard 0 can do, because the controller's connection is there.
pub(crate) enum Administration {
    /// Create topics; answered when this node serves its partitions of them.
    CreateTopics(CreateTopicsV1, ReplySender<Result<CreateTopicsReplyV1, ClusterError>>),
    /// Delete topics; answered when this node no longer serves them.
    DeleteTopics(DeleteTopicsV1, ReplySender<Result<DeleteTopicsReplyV1, ClusterError>>),
    /// Change configs; answered when this node's shards obey them.
    AlterConfigs(AlterConfigsV1, ReplySender<Result<AlterConfigsReplyV1, ClusterError>>),
    /// Give topics more partitions; answered when this node serves its part of them.
    CreatePartitions(CreatePartitionsV1, ReplySender<Result<CreatePartitionsReplyV1, ClusterError>>),
    /// Elect leaders anew; answered when this node's shards know.
    ElectLeaders(ElectLeadersV1, ReplySender<Result<ElectLeadersReplyV1, ClusterError>>),
    /// Forget a node.
    ForgetNode(ForgetNodeV1, ReplySender<Result<ForgetNodeReplyV1, ClusterError>>),
    /// Say what is known of the controllers.
    DescribeQuorum(DescribeQuorumV1, ReplySender<Result<DescribeQuorumReplyV1, ClusterError>>),
    /// Give away a producer id.
    ProducerId(ReplySender<Result<i64, ClusterError>>),
}
