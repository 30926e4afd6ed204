//! Why the controller says no. The words follow Kafka's where Kafka has some, because tools show them.

use alloc::string::String;
use ringlog_image::config::InvalidConfig;
use ringlog_model::{ClusterId, LeaderEpoch, NodeId, PartitionId, TopicId};

/// A refusal, with what is needed to understand it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The caller's disks belong elsewhere.
    #[error("this is cluster {here}, the node belongs to {theirs}")]
    WrongCluster {
        /// The controller's cluster.
        here: ClusterId,
        /// The node's.
        theirs: ClusterId,
    },
    /// The node understands other format levels.
    #[error("the cluster is at format level {level}, the node understands {min} to {max}")]
    UnsupportedFormat {
        /// The cluster's level.
        level: u16,
        /// The least the node understands.
        min: u16,
        /// The most.
        max: u16,
    },
    /// A second node with the same id.
    #[error("node {0} is alive already, from other data directories")]
    DuplicateNode(NodeId),
    /// The node is not registered, or another life of it is.
    #[error("node {0} is not registered with this incarnation")]
    StaleNode(NodeId),
    /// The request contradicts itself.
    #[error("{0}")]
    InvalidRequest(String),
    /// Not a name for a topic.
    #[error("{0}")]
    InvalidTopicName(String),
    /// The name is taken.
    #[error("Topic '{0}' already exists.")]
    TopicExists(String),
    /// No topic has this name.
    #[error("This server does not host this topic-partition.")]
    UnknownTopic(String),
    /// No topic has this identifier.
    #[error("This server does not host this topic ID.")]
    UnknownTopicId(TopicId),
    /// Not a count of partitions.
    #[error("{0}")]
    InvalidPartitions(String),
    /// Not a replication factor, or more than there are nodes.
    #[error("{0}")]
    InvalidReplicationFactor(String),
    /// Not an assignment.
    #[error("{0}")]
    InvalidReplicaAssignment(String),
    /// Not a config.
    #[error(transparent)]
    InvalidConfig(#[from] InvalidConfig),
    /// No such partition.
    #[error("partition {0} does not exist")]
    UnknownPartition(PartitionId),
    /// The sender does not lead the partition, or no longer in this epoch.
    #[error("the leader epoch of {partition} is {current}")]
    FencedLeaderEpoch {
        /// The partition.
        partition: PartitionId,
        /// Its leader epoch.
        current: LeaderEpoch,
    },
    /// The partition has changed since the sender looked.
    #[error("the partition epoch of {partition} is {current}")]
    InvalidUpdateVersion {
        /// The partition.
        partition: PartitionId,
        /// Its epoch.
        current: i32,
    },
    /// A node that may not be in sync.
    #[error("node {0} may not be in sync: it is not alive")]
    IneligibleReplica(NodeId),
    /// No node with this id is registered.
    #[error("Broker ID {0} is not currently registered")]
    UnknownNode(NodeId),
    /// The leader is already the one that was to be elected.
    #[error("Leader election not needed for topic partition.")]
    ElectionNotNeeded,
    /// The preferred leader is not alive or not in sync.
    #[error("The preferred leader was not available.")]
    PreferredLeaderNotAvailable,
    /// No replica in sync is alive.
    #[error("Eligible topic partition leaders are not available.")]
    EligibleLeadersNotAvailable,
    /// A bound of the controller.
    #[error("{0}")]
    LimitReached(String),
}
