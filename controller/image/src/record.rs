//! What the controller's log is made of.

use crate::{ConfigResource, ListenerAddress};
use alloc::{string::String, vec::Vec};
use ringlog_model::{ClusterId, LeaderEpoch, NodeId, PartitionId, ProducerId, TopicId, Uuid};

/// One change of the metadata. Each record carries the resulting state, not a difference to it, so that applying a
/// record twice is the same as applying it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetadataRecord {
    /// The cluster came to be. The first record of every log, and of every snapshot.
    ClusterFormed {
        /// The cluster's identifier for good.
        cluster: ClusterId,
        /// What the members of the cluster may rely on; raised only when every member understands it.
        format: u16,
    },
    /// A node's process registered; it is alive from here on.
    NodeRegistered {
        /// The node.
        node: NodeId,
        /// Which life of the node: drawn anew at each start of its process.
        incarnation: Uuid,
        /// Which disks: drawn once for the node's data directories.
        storage: Uuid,
        /// Where clients and other nodes reach it.
        listeners: Vec<ListenerAddress>,
    },
    /// A node's lease ran out, or it said that it stops. It keeps its replicas and leads nothing.
    NodeFenced {
        /// The node.
        node: NodeId,
        /// The life of the node that ended; the record changes nothing if another has begun.
        incarnation: Uuid,
    },
    /// A node came back from being fenced without a restart.
    NodeUnfenced {
        /// The node.
        node: NodeId,
        /// The life of the node that goes on.
        incarnation: Uuid,
    },
    /// Somebody said that a node will not come back: it is forgotten until it registers anew.
    NodeUnregistered {
        /// The node.
        node: NodeId,
    },
    /// A topic, still without partitions and configs: its own records follow in the same commit.
    TopicCreated {
        /// Its identifier, never used again.
        topic: TopicId,
        /// Its name, unique among the topics alive.
        name: String,
    },
    /// A topic is gone, with its partitions and configs.
    TopicDeleted {
        /// The topic.
        topic: TopicId,
    },
    /// A topic's config was set, or put back to its default (`None`).
    TopicConfigured {
        /// The topic.
        topic: TopicId,
        /// Kafka's name of the config.
        name: String,
        /// The text of its value.
        value: Option<String>,
    },
    /// A config of something other than a topic was set, or put back to its default (`None`).
    ResourceConfigured {
        /// Whose config.
        resource: ConfigResource,
        /// Kafka's name of the config.
        name: String,
        /// The text of its value.
        value: Option<String>,
    },
    /// A partition, new or changed: the whole of its state. Indexes of new partitions have no gaps.
    Partition {
        /// Which partition.
        partition: PartitionId,
        /// What holds for it now.
        state: PartitionState,
    },
    /// A block of producer ids was given away: `next` is the first that was not.
    ProducerIdsAllocated {
        /// The first producer id that nobody holds.
        next: ProducerId,
        /// Which node got the block that ends before `next`.
        node: NodeId,
    },
}

/// The controller's view of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionState {
    /// Which nodes hold it, the preferred leader first.
    pub replicas: Vec<NodeId>,
    /// Which of them are in sync. Never empty: the last one in sync stays in even when it is gone.
    pub isr: Vec<NodeId>,
    /// Who leads, if somebody can.
    pub leader: Option<NodeId>,
    /// The number of this leadership (or of this lack of a leader).
    pub leader_epoch: LeaderEpoch,
    /// Counts every change of this state, so that two changes that crossed are told apart (KIP-497).
    pub partition_epoch: i32,
}
