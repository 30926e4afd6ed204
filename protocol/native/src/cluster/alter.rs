//! What nodes ask the controller to change about what exists: configs, counts of partitions, leaders, nodes.

use super::RefusalV1;
use rkyv::{Archive, Deserialize, Serialize};

/// Change configs: of each resource all or nothing.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct AlterConfigsV1 {
    /// Whose configs, and how.
    pub resources: Vec<AlterResourceV1>,
    /// Only say what would happen.
    pub validate_only: bool,
}

/// Changes of one resource's configs.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct AlterResourceV1 {
    /// A [`ResourceKindV1`].
    pub kind: u8,
    /// The topic's or the group's name, the node's id in decimal digits, or nothing.
    pub name: String,
    /// Whether what is set and not named here is put back to its default.
    pub replace: bool,
    /// The changes, in order.
    pub changes: Vec<ConfigChangeV1>,
}

/// What has configs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ResourceKindV1 {
    /// The defaults of all nodes; without a name.
    AllNodes = 1,
    /// A node.
    Node = 2,
    /// A consumer group.
    Group = 3,
    /// A topic.
    Topic = 4,
}

impl ResourceKindV1 {
    /// The kind with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<ResourceKindV1> {
        match number {
            1 => Some(ResourceKindV1::AllNodes),
            2 => Some(ResourceKindV1::Node),
            3 => Some(ResourceKindV1::Group),
            4 => Some(ResourceKindV1::Topic),
            _ => None,
        }
    }
}

/// A change of one config.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ConfigChangeV1 {
    /// Kafka's name of the config.
    pub name: String,
    /// A [`ConfigOperationV1`].
    pub operation: u8,
    /// The value, or what is added to or taken from a list; not needed to delete.
    pub value: Option<String>,
}

/// What happens to a config; the numbers are Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ConfigOperationV1 {
    /// It gets the value.
    Set = 0,
    /// It is put back to its default.
    Delete = 1,
    /// The value's items are added to its list.
    Append = 2,
    /// The value's items are taken from its list.
    Subtract = 3,
}

impl ConfigOperationV1 {
    /// The operation with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<ConfigOperationV1> {
        match number {
            0 => Some(ConfigOperationV1::Set),
            1 => Some(ConfigOperationV1::Delete),
            2 => Some(ConfigOperationV1::Append),
            3 => Some(ConfigOperationV1::Subtract),
            _ => None,
        }
    }
}

/// One result per resource, in the order of the request.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct AlterConfigsReplyV1 {
    /// The metadata position that holds the changes.
    pub position: u64,
    /// Why the resource's configs were not changed, if they were not.
    pub refusals: Vec<Option<RefusalV1>>,
}

/// Give topics more partitions: each by itself.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct CreatePartitionsV1 {
    /// The topics.
    pub topics: Vec<GrowTopicV1>,
    /// Only say what would happen.
    pub validate_only: bool,
}

/// A topic that gets more partitions.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct GrowTopicV1 {
    /// Its name.
    pub name: String,
    /// How many partitions it has afterwards.
    pub count: i32,
    /// Which nodes hold each new partition; `None` lets the controller place them.
    pub assignments: Option<Vec<Vec<i32>>>,
}

/// One result per topic, in the order of the request.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct CreatePartitionsReplyV1 {
    /// The metadata position that holds the partitions.
    pub position: u64,
    /// Why the topic did not get them, if it did not.
    pub refusals: Vec<Option<RefusalV1>>,
}

/// Elect leaders anew: of each partition by itself.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ElectLeadersV1 {
    /// Whether any leader will do where there is none; else the preferred replica is to lead.
    pub any: bool,
    /// The partitions: topic names and indexes. `None` means all, and then only what was changed or refused for a
    /// reason is in the reply.
    pub partitions: Option<Vec<(String, i32)>>,
}

/// What came of the elections.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ElectLeadersReplyV1 {
    /// The metadata position that holds the new leaders.
    pub position: u64,
    /// The results: in the order of the request, if it named partitions.
    pub partitions: Vec<ElectedV1>,
}

/// What came of an election.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ElectedV1 {
    /// The topic's name.
    pub topic: String,
    /// The partition's index.
    pub partition: i32,
    /// Why the leader stayed, if it did.
    pub refusal: Option<RefusalV1>,
}

/// A node will not come back: forget it.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ForgetNodeV1 {
    /// The node.
    pub node: i32,
}

/// It is forgotten.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ForgetNodeReplyV1 {
    /// The metadata position that lacks the node.
    pub position: u64,
}
