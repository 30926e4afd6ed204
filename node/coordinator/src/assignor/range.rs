//! Ranges: member number n of a topic's subscribers gets the n-th range of its partitions.
//!
//! ```text
//! two topics of 5 partitions, members a b:   a: 0 1 2 of both    b: 3 4 of both
//! ```

use super::GroupView;
use crate::partitions::Partitions;
use ringlog_model::{PartitionIndex, TopicId};
use std::collections::BTreeMap;

/// How far the ranges of one topic have been handed out.
struct Ranges {
    next: i32,
    /// Least partitions of a range.
    least: i32,
    /// How many more ranges have one partition more.
    longer: i32,
}

impl Ranges {
    fn take(&mut self) -> std::ops::Range<i32> {
        let length = self.least + i32::from(self.longer > 0);
        self.longer = (self.longer - 1).max(0);
        let from = self.next;
        self.next += length;
        from..self.next
    }
}

pub(super) fn assign<'a>(group: &GroupView<'a>) -> BTreeMap<&'a str, Partitions> {
    let mut ranges = ranges(group);
    let mut target: BTreeMap<&str, Partitions> = BTreeMap::new();
    for member in order(group) {
        let mut partitions = Partitions::default();
        for topic in group.members[member].topics {
            if let Some(ranges) = ranges.get_mut(topic) {
                ranges.take().for_each(|index| partitions.insert(*topic, PartitionIndex(index)));
            }
        }
        target.insert(member, partitions);
    }
    target
}

fn ranges(group: &GroupView<'_>) -> BTreeMap<TopicId, Ranges> {
    let mut subscribers: BTreeMap<TopicId, i32> = BTreeMap::new();
    for topic in group.members.values().flat_map(|member| member.topics) {
        *subscribers.entry(*topic).or_default() += 1;
    }
    subscribers
        .into_iter()
        .map(|(topic, members)| {
            let count = group.count(topic);
            (topic, Ranges { next: 0, least: count / members, longer: count % members })
        })
        .collect()
}

/// Static members by instance id, then the others by member id: a static member that returns under another member id keeps its range.
fn order<'a>(group: &GroupView<'a>) -> Vec<&'a str> {
    let mut order: Vec<_> = group
        .members
        .iter()
        .map(|(id, member)| (member.instance_id.is_none(), member.instance_id, *id))
        .collect();
    order.sort_unstable();
    order.into_iter().map(|(_, _, id)| id).collect()
}
