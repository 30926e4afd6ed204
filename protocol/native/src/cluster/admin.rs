//! What nodes ask the controller on behalf of their clients, and of themselves.

use super::RefusalV1;
use rkyv::{Archive, Deserialize, Serialize};

/// Create topics: each by itself, as Kafka does.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct CreateTopicsV1 {
    /// The topics.
    pub topics: Vec<NewTopicV1>,
    /// Only say what would happen.
    pub validate_only: bool,
}

/// A topic to create.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct NewTopicV1 {
    /// Its name.
    pub name: String,
    /// How many partitions; -1 for the default, or with a manual assignment.
    pub partitions: i32,
    /// How many replicas each; -1 for the default, or with a manual assignment.
    pub replication_factor: i16,
    /// Which nodes hold which partition; empty to let the controller place them.
    pub assignments: Vec<ManualAssignmentV1>,
    /// Configs other than the defaults.
    pub configs: Vec<ConfigEntryV1>,
}

/// Who holds a partition.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ManualAssignmentV1 {
    /// The partition's index.
    pub partition: i32,
    /// Its replicas, the preferred leader first.
    pub nodes: Vec<i32>,
}

/// A config by Kafka's name.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ConfigEntryV1 {
    /// Its name.
    pub name: String,
    /// Its value; `None` is refused where a value is needed.
    pub value: Option<String>,
}

/// One result per topic asked for, in the order of the request.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct CreateTopicsReplyV1 {
    /// The metadata position that holds the new topics.
    pub position: u64,
    /// The results.
    pub topics: Vec<CreatedTopicV1>,
}

/// What came of a topic.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct CreatedTopicV1 {
    /// Its name.
    pub name: String,
    /// Why it was not created.
    pub refusal: Option<RefusalV1>,
    /// Its identifier; zero if refused or only validated.
    pub topic: [u8; 16],
    /// How many partitions it has.
    pub partitions: i32,
    /// How many replicas each partition has.
    pub replication_factor: i16,
}

/// Delete topics: each by itself.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct DeleteTopicsV1 {
    /// The topics.
    pub topics: Vec<TopicReferenceV1>,
}

/// A topic by name or by identifier, not both.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct TopicReferenceV1 {
    /// Its name.
    pub name: Option<String>,
    /// Its identifier; zero if the name counts.
    pub topic: [u8; 16],
}

/// One result per topic asked for, in the order of the request.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct DeleteTopicsReplyV1 {
    /// The metadata position that lacks the topics.
    pub position: u64,
    /// The results.
    pub topics: Vec<DeletedTopicV1>,
}

/// What came of a topic.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct DeletedTopicV1 {
    /// Its name, if known.
    pub name: Option<String>,
    /// Its identifier, zero if not known.
    pub topic: [u8; 16],
    /// Why it was not deleted.
    pub refusal: Option<RefusalV1>,
}

/// A node wants a block of producer ids.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct AllocateProducerIdsV1 {
    /// The node.
    pub node: i32,
    /// Its life.
    pub incarnation: [u8; 16],
}

/// The ids `first .. first + count` belong to the node for good.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct AllocateProducerIdsReplyV1 {
    /// The first of them.
    pub first: i64,
    /// How many.
    pub count: i32,
}

/// A leader changes the in-sync sets of partitions it leads (KIP-497).
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct AlterPartitionV1 {
    /// The node that leads them.
    pub node: i32,
    /// Its life.
    pub incarnation: [u8; 16],
    /// The changes.
    pub partitions: Vec<PartitionChangeV1>,
}

/// Who shall be in sync.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct PartitionChangeV1 {
    /// The topic.
    pub topic: [u8; 16],
    /// The partition's index.
    pub partition: i32,
    /// The leadership the node believes in.
    pub leader_epoch: i32,
    /// The partition state it has seen.
    pub partition_epoch: i32,
    /// Who shall be in sync, the leader among them.
    pub in_sync: Vec<i32>,
}

/// One result per change, in the order of the request.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct AlterPartitionReplyV1 {
    /// The results.
    pub partitions: Vec<AlteredPartitionV1>,
}

/// What came of a change.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct AlteredPartitionV1 {
    /// The topic.
    pub topic: [u8; 16],
    /// The partition's index.
    pub partition: i32,
    /// Why nothing changed.
    pub refusal: Option<RefusalV1>,
    /// The partition's epoch now.
    pub partition_epoch: i32,
    /// Who is in sync now.
    pub in_sync: Vec<i32>,
}
