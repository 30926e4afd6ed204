//! Who and which: clusters, nodes, shards, topics, partitions, producers.

use crate::Uuid;
use core::fmt;

macro_rules! number {
    ($(#[$meta:meta])* $name:ident($inner:ty)) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

number!(
    /// A node (Kafka's broker id).
    NodeId(i32)
);
number!(
    /// A voter of the controller quorum.
    ControllerId(u64)
);
number!(
    /// One pinned thread of a node, counted from zero.
    ShardId(u16)
);
number!(
    /// A partition's number within its topic, counted from zero.
    PartitionIndex(i32)
);
number!(
    /// The identity that the controller gives an idempotent or transactional producer (KIP-98).
    ProducerId(i64)
);
number!(
    /// Fences older holders of the same [`ProducerId`].
    ProducerEpoch(i16)
);
number!(
    /// One log on one node's disks. Never used again for another log.
    LogId(u64)
);
number!(
    /// The cluster's stable identifier, 22 characters.
    ClusterId(Uuid)
);
number!(
    /// A topic's identifier; a deleted and re-created topic gets another (KIP-516).
    TopicId(Uuid)
);

impl ProducerId {
    /// Kafka's `-1`: not an idempotent producer.
    pub const NONE: ProducerId = ProducerId(-1);
}

impl ProducerEpoch {
    /// Kafka's `-1`: not an idempotent producer.
    pub const NONE: ProducerEpoch = ProducerEpoch(-1);
}

impl NodeId {
    /// Kafka's `-1`: no node.
    pub const NONE: NodeId = NodeId(-1);
}

/// A partition of a topic, by identifier: survives renames, differs after delete and re-create.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionId {
    /// The topic.
    pub topic: TopicId,
    /// The partition's number in it.
    pub index: PartitionIndex,
}

impl fmt::Display for PartitionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.topic, self.index)
    }
}
