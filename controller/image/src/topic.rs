//! Topics and partitions as the controller knows them.

use crate::PartitionState;
use alloc::{collections::BTreeMap, string::String, sync::Arc, vec::Vec};
use ringlog_model::{NodeId, PartitionId, PartitionIndex, TopicId};

/// A topic with its partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicImage {
    /// Its identifier.
    pub id: TopicId,
    /// Its name.
    pub name: Arc<str>,
    /// The configs that somebody has set, by Kafka's name; the others have their defaults.
    pub configs: BTreeMap<String, String>,
    /// Its partitions; the position is the partition's index.
    pub partitions: Vec<PartitionImage>,
}

/// A partition: see [`PartitionState`].
pub type PartitionImage = PartitionState;

impl TopicImage {
    /// The partition with this index.
    #[must_use]
    pub fn partition(&self, index: PartitionIndex) -> Option<&PartitionImage> {
        self.partitions.get(usize::try_from(index.0).ok()?)
    }

    /// Every partition with its identifier, in the order of indexes.
    pub fn partitions(&self) -> impl Iterator<Item = (PartitionId, &PartitionImage)> {
        self.partitions.iter().enumerate().map(|(index, partition)| {
            let index = PartitionIndex(i32::try_from(index).expect("partition indexes are i32 on the wire"));
            (PartitionId { topic: self.id, index }, partition)
        })
    }
}

impl PartitionState {
    /// Whether `node` holds a replica.
    #[must_use]
    pub fn is_replica(&self, node: NodeId) -> bool {
        self.replicas.contains(&node)
    }

    /// Whether `node` is in sync.
    #[must_use]
    pub fn is_in_sync(&self, node: NodeId) -> bool {
        self.isr.contains(&node)
    }
}
