//! The state of a consumer group: what its records say, and what follows from them.

use super::{
    change::{Change, ResolvedRegex},
    member::{CurrentAssignment, Member, MemberMetadata},
};
use crate::{GroupState, Name, partitions::Partitions};
use ringlog_model::{PartitionIndex, Timestamp, TopicId};
use std::collections::BTreeMap;

/// A group of the newer protocol.
///
/// The fields up to `regexes` are what the records say; those behind it follow from them and are kept up to date by
/// [`ConsumerGroup::apply`], the only place that changes any of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ConsumerGroup {
    /// Grows whenever a new target is due.
    pub(super) epoch: i32,
    /// Of the subscribed topics, when the epoch was set.
    pub(super) metadata_hash: i64,
    /// Whether an older Apache Kafka left a record of the subscribed topics' partitions.
    pub(super) has_partition_metadata: bool,
    pub(super) members: BTreeMap<Name, Member>,
    /// The epoch that the target was made for.
    pub(super) target_epoch: i32,
    /// When it was made; zero: not yet.
    pub(super) target_made_at: Timestamp,
    pub(super) target: BTreeMap<Name, Partitions>,
    pub(super) regexes: BTreeMap<Name, ResolvedRegex>,

    /// Static members by instance.
    pub(super) instances: BTreeMap<Name, Name>,
    /// Who holds a partition: has it or has not given it up yet.
    pub(super) holders: BTreeMap<(TopicId, PartitionIndex), Name>,
    /// How many members subscribe to a name.
    pub(super) name_subscribers: BTreeMap<Name, usize>,
    /// How many members subscribe by an expression.
    pub(super) regex_subscribers: BTreeMap<Name, usize>,
    /// How many members ask for an assignor.
    pub(super) assignor_votes: BTreeMap<Name, usize>,
    /// How many members speak the classic protocol.
    pub(super) classic_members: usize,
    /// How many of those support a protocol.
    pub(super) classic_protocols: BTreeMap<Name, usize>,

    /// The version of the topics for which hash and expressions are known to be right. Not durable: looked at again after a load.
    pub(super) topics_seen: Option<u64>,
}

impl ConsumerGroup {
    /// The sole mutation, shared by live operation and load. A change of something that is not there any more is ignored.
    pub(crate) fn apply(&mut self, change: &Change) {
        match change {
            Change::Epoch(value) => {
                let value = value.unwrap_or_default();
                self.epoch = value.epoch;
                self.metadata_hash = value.metadata_hash;
            }
            Change::PartitionMetadata { exists } => self.has_partition_metadata = *exists,
            Change::Member(id, Some(metadata)) => self.set_metadata(id, metadata),
            Change::Member(id, None) => self.remove_member(id),
            Change::TargetEpoch(value) => {
                let value = value.unwrap_or_default();
                self.target_epoch = value.epoch;
                self.target_made_at = value.made_at;
            }
            Change::Target(id, Some(partitions)) => {
                self.target.insert(id.clone(), partitions.clone());
            }
            Change::Target(id, None) => {
                self.target.remove(id);
            }
            Change::Current(id, Some(current)) => self.set_current(id, current.clone()),
            Change::Current(id, None) if self.members.contains_key(id) => {
                self.set_current(id, CurrentAssignment::default());
            }
            Change::Current(_, None) => {}
            Change::Regex(expression, Some(resolved)) => {
                self.regexes.insert(expression.clone(), resolved.clone());
            }
            Change::Regex(expression, None) => {
                self.regexes.remove(expression);
            }
        }
    }

    fn set_metadata(&mut self, id: &Name, metadata: &MemberMetadata) {
        let mut member = self.members.remove(id).unwrap_or_default();
        self.count(&member.metadata, id, Count::Out);
        member.metadata = metadata.clone();
        self.count(&member.metadata, id, Count::In);
        self.members.insert(id.clone(), member);
    }

    fn remove_member(&mut self, id: &Name) {
        if let Some(member) = self.members.remove(id) {
            self.count(&member.metadata, id, Count::Out);
            self.release(id, &member.current);
        }
    }

    fn set_current(&mut self, id: &Name, current: CurrentAssignment) {
        let mut member = self.members.remove(id).unwrap_or_default();
        self.release(id, &member.current);
        for (topic, index, _) in current.assigned.iter().chain(current.revoking.iter()) {
            self.holders.insert((topic, index), id.clone());
        }
        member.current = current;
        self.members.insert(id.clone(), member);
    }

    fn release(&mut self, id: &Name, current: &CurrentAssignment) {
        for (topic, index, _) in current.assigned.iter().chain(current.revoking.iter()) {
            if self.holders.get(&(topic, index)) == Some(id) {
                self.holders.remove(&(topic, index));
            }
        }
    }

    fn count(&mut self, metadata: &MemberMetadata, id: &Name, count: Count) {
        for name in &metadata.topic_names {
            count.of(&mut self.name_subscribers, name);
        }
        if let Some(regex) = &metadata.topic_regex {
            count.of(&mut self.regex_subscribers, regex);
        }
        if let Some(assignor) = &metadata.assignor {
            count.of(&mut self.assignor_votes, assignor);
        }
        if let Some(classic) = &metadata.classic {
            match count {
                Count::In => self.classic_members += 1,
                Count::Out => self.classic_members -= 1,
            }
            for (protocol, _) in &classic.protocols {
                count.of(&mut self.classic_protocols, protocol);
            }
        }
        if let Some(instance) = &metadata.instance {
            match count {
                Count::In => {
                    self.instances.insert(instance.clone(), id.clone());
                }
                Count::Out if self.instances.get(instance) == Some(id) => {
                    self.instances.remove(instance);
                }
                Count::Out => {}
            }
        }
    }

    pub(crate) fn state(&self) -> GroupState {
        if self.members.is_empty() {
            GroupState::Empty
        } else if self.epoch > self.target_epoch {
            GroupState::Assigning
        } else if self.members.values().all(|member| member.current.is_reconciled_to(self.target_epoch)) {
            GroupState::Stable
        } else {
            GroupState::Reconciling
        }
    }

    /// Whether a member reads this topic.
    pub(crate) fn is_subscribed_to(&self, topic: &str) -> bool {
        self.name_subscribers.contains_key(topic)
            || self.regexes.values().any(|resolved| resolved.topics.contains(topic))
    }

    /// Whether `member` may be given a partition: nobody else holds it.
    pub(super) fn is_free(&self, member: &str, topic: TopicId, index: PartitionIndex) -> bool {
        self.holders.get(&(topic, index)).is_none_or(|holder| **holder == *member)
    }

    /// The static member of an instance.
    pub(super) fn static_member(&self, instance: &str) -> Option<(&Name, &Member)> {
        let id = self.instances.get(instance)?;
        Some((id, self.members.get(id)?))
    }

    /// Changes that remove all there is of the group, members before the group.
    pub(crate) fn removal(&self) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::new();
        changes.extend(self.members.keys().map(|id| Change::Current(id.clone(), None)));
        changes.extend(self.target.keys().map(|id| Change::Target(id.clone(), None)));
        changes.push(Change::TargetEpoch(None));
        changes.extend(self.members.keys().map(|id| Change::Member(id.clone(), None)));
        changes.extend(self.regexes.keys().map(|expression| Change::Regex(expression.clone(), None)));
        if self.has_partition_metadata {
            changes.push(Change::PartitionMetadata { exists: false });
        }
        changes.push(Change::Epoch(None));
        changes
    }

    /// Changes that make this group out of an empty one.
    pub(crate) fn creation(&self) -> Vec<Change> {
        use super::change::{GroupEpoch, TargetEpoch};
        let mut changes: Vec<Change> = Vec::new();
        let members = self.members.iter();
        changes.extend(
            members.clone().map(|(id, member)| Change::Member(id.clone(), Some(member.metadata.clone()))),
        );
        let regexes = self.regexes.iter();
        changes.extend(
            regexes.map(|(expression, resolved)| Change::Regex(expression.clone(), Some(resolved.clone()))),
        );
        changes
            .push(Change::Epoch(Some(GroupEpoch { epoch: self.epoch, metadata_hash: self.metadata_hash })));
        let targets = self.target.iter();
        changes.extend(targets.map(|(id, partitions)| Change::Target(id.clone(), Some(partitions.clone()))));
        let made_at = self.target_made_at;
        changes.push(Change::TargetEpoch(Some(TargetEpoch { epoch: self.target_epoch, made_at })));
        changes.extend(members.map(|(id, member)| Change::Current(id.clone(), Some(member.current.clone()))));
        changes
    }
}

/// A member comes into the counts or leaves them.
#[derive(Clone, Copy)]
enum Count {
    In,
    Out,
}

impl Count {
    fn of(self, counts: &mut BTreeMap<Name, usize>, key: &Name) {
        match self {
            Count::In => *counts.entry(key.clone()).or_default() += 1,
            Count::Out => {
                if let Some(count) = counts.get_mut(key) {
                    *count -= 1;
                    if *count == 0 {
                        counts.remove(key);
                    }
                }
            }
        }
    }
}
