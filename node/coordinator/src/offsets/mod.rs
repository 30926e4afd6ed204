//! Committed positions: kept, committed, fetched, deleted, expired.

mod commit;
mod delete;
mod expire;
mod fetch;
#[cfg(test)]
mod tests;

pub(crate) use expire::ExpiryBase;

use crate::{Name, OffsetKey, OffsetValue, Record};
use std::collections::BTreeMap;

/// The positions of all groups of a partition of `__consumer_offsets`, by group, topic and partition.
#[derive(Debug, Default)]
pub(crate) struct Offsets {
    groups: BTreeMap<Name, BTreeMap<Name, BTreeMap<i32, OffsetValue>>>,
}

impl Offsets {
    pub(crate) fn put(&mut self, key: &OffsetKey, value: OffsetValue) {
        let topics = self.groups.entry(key.group.clone()).or_default();
        topics.entry(key.topic.clone()).or_default().insert(key.partition, value);
    }

    pub(crate) fn remove(&mut self, key: &OffsetKey) {
        let Some(topics) = self.groups.get_mut(&key.group) else { return };
        if let Some(partitions) = topics.get_mut(&key.topic) {
            partitions.remove(&key.partition);
            if partitions.is_empty() {
                topics.remove(&key.topic);
            }
        }
        if topics.is_empty() {
            self.groups.remove(&key.group);
        }
    }

    pub(crate) fn get(&self, group: &str, topic: &str, partition: i32) -> Option<&OffsetValue> {
        self.groups.get(group)?.get(topic)?.get(&partition)
    }

    /// The positions of a group by topic and partition.
    pub(crate) fn topics(&self, group: &str) -> impl Iterator<Item = (&Name, &BTreeMap<i32, OffsetValue>)> {
        self.groups.get(group).into_iter().flatten()
    }

    /// What removes all positions of a group.
    pub(crate) fn of_group(&self, group: &Name) -> Vec<Record> {
        let positions = self.topics(group).flat_map(|(topic, partitions)| {
            partitions.keys().map(move |partition| tombstone(group, topic, *partition))
        });
        positions.collect()
    }

    /// What removes all positions in some topics.
    pub(crate) fn in_topics(&self, deleted: &[Name]) -> Vec<Record> {
        let mut records = Vec::new();
        if deleted.is_empty() {
            return records;
        }
        for (group, topics) in &self.groups {
            for topic in deleted {
                let partitions = topics.get(topic).into_iter().flat_map(BTreeMap::keys);
                records.extend(partitions.map(|partition| tombstone(group, topic, *partition)));
            }
        }
        records
    }

    /// All positions as records.
    pub(crate) fn records(&self) -> impl Iterator<Item = Record> {
        self.groups.iter().flat_map(|(group, topics)| {
            topics.iter().flat_map(move |(topic, partitions)| {
                partitions.iter().map(move |(partition, value)| {
                    let key = OffsetKey { group: group.clone(), topic: topic.clone(), partition: *partition };
                    Record::Offset(key, Some(value.clone()))
                })
            })
        })
    }
}

fn tombstone(group: &Name, topic: &Name, partition: i32) -> Record {
    Record::Offset(OffsetKey { group: group.clone(), topic: topic.clone(), partition }, None)
}
