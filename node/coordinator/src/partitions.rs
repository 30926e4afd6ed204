//! Sets of partitions by topic, ordered so that records and replies come out the same on every run.

use ringlog_model::{PartitionIndex, TopicId};
use std::collections::{BTreeMap, BTreeSet};

/// Partitions by topic; no topic without a partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partitions(BTreeMap<TopicId, BTreeSet<PartitionIndex>>);

/// Partitions by topic, each with the epoch in which its member got it (KIP-1251); no topic without a partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnedPartitions(BTreeMap<TopicId, BTreeMap<PartitionIndex, i32>>);

impl Partitions {
    /// None.
    #[must_use]
    pub const fn new() -> Partitions {
        Partitions(BTreeMap::new())
    }

    /// Adds a partition.
    pub fn insert(&mut self, topic: TopicId, index: PartitionIndex) {
        self.0.entry(topic).or_default().insert(index);
    }

    /// Takes a partition out; whether it was there.
    pub fn remove(&mut self, topic: TopicId, index: PartitionIndex) -> bool {
        let Some(indexes) = self.0.get_mut(&topic) else { return false };
        let removed = indexes.remove(&index);
        if indexes.is_empty() {
            self.0.remove(&topic);
        }
        removed
    }

    /// Whether it holds a partition.
    #[must_use]
    pub fn contains(&self, topic: TopicId, index: PartitionIndex) -> bool {
        self.0.get(&topic).is_some_and(|indexes| indexes.contains(&index))
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many it holds.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = (TopicId, PartitionIndex)> + '_ {
        self.0.iter().flat_map(|(topic, indexes)| indexes.iter().map(|index| (*topic, *index)))
    }

    /// By topic, in order.
    pub fn topics(&self) -> impl Iterator<Item = (TopicId, &BTreeSet<PartitionIndex>)> + '_ {
        self.0.iter().map(|(topic, indexes)| (*topic, indexes))
    }
}

impl FromIterator<(TopicId, PartitionIndex)> for Partitions {
    fn from_iter<I: IntoIterator<Item = (TopicId, PartitionIndex)>>(partitions: I) -> Partitions {
        let mut all = Partitions::default();
        partitions.into_iter().for_each(|(topic, index)| all.insert(topic, index));
        all
    }
}

impl OwnedPartitions {
    /// Adds a partition, or sets its epoch.
    pub fn insert(&mut self, topic: TopicId, index: PartitionIndex, epoch: i32) {
        self.0.entry(topic).or_default().insert(index, epoch);
    }

    /// Whether it holds a partition.
    #[must_use]
    pub fn contains(&self, topic: TopicId, index: PartitionIndex) -> bool {
        self.epoch(topic, index).is_some()
    }

    /// The epoch in which the partition was got.
    #[must_use]
    pub fn epoch(&self, topic: TopicId, index: PartitionIndex) -> Option<i32> {
        self.0.get(&topic)?.get(&index).copied()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All with their epochs, in order.
    pub fn iter(&self) -> impl Iterator<Item = (TopicId, PartitionIndex, i32)> + '_ {
        self.0
            .iter()
            .flat_map(|(topic, indexes)| indexes.iter().map(|(index, epoch)| (*topic, *index, *epoch)))
    }

    /// By topic, in order.
    pub fn topics(&self) -> impl Iterator<Item = (TopicId, &BTreeMap<PartitionIndex, i32>)> + '_ {
        self.0.iter().map(|(topic, indexes)| (*topic, indexes))
    }

    /// The partitions alone.
    #[must_use]
    pub fn partitions(&self) -> Partitions {
        self.iter().map(|(topic, index, _)| (topic, index)).collect()
    }

    /// Those whose partition and epoch fulfil `keep`, and the others.
    pub fn split(
        &self,
        mut keep: impl FnMut(TopicId, PartitionIndex) -> bool,
    ) -> (OwnedPartitions, OwnedPartitions) {
        let (mut kept, mut others) = (OwnedPartitions::default(), OwnedPartitions::default());
        for (topic, index, epoch) in self.iter() {
            let side = if keep(topic, index) { &mut kept } else { &mut others };
            side.insert(topic, index, epoch);
        }
        (kept, others)
    }
}

impl FromIterator<(TopicId, PartitionIndex, i32)> for OwnedPartitions {
    fn from_iter<I: IntoIterator<Item = (TopicId, PartitionIndex, i32)>>(partitions: I) -> OwnedPartitions {
        let mut all = OwnedPartitions::default();
        partitions.into_iter().for_each(|(topic, index, epoch)| all.insert(topic, index, epoch));
        all
    }
}
