//! ConsumerGroupDescribe, and what members may do with positions.

use super::{
    group::ConsumerGroup,
    member::Member,
    request::{DescribedConsumerGroup, DescribedConsumerMember},
};
use crate::{CommitOffset, FetchOffsets, Name, OffsetCommit, Refusal, Topics, partitions::Partitions};
use ringlog_model::{PartitionIndex, TopicId};

/// The version of OffsetCommit from which it knows member epochs.
const COMMITS_WITH_EPOCHS_FROM: i16 = 9;

fn wrong_epoch(member: &Member) -> Refusal {
    if member.is_classic() { Refusal::IllegalGeneration } else { Refusal::StaleMemberEpoch }
}

impl ConsumerGroup {
    /// Whether this commit may be made, as far as it does not depend on the partition.
    ///
    /// # Errors
    /// The member is not known, its epoch is not right, or the request's version knows no epochs.
    pub(crate) fn check_commit(&self, request: &OffsetCommit) -> Result<(), Refusal> {
        if request.generation < 0 && self.members.is_empty() {
            return Ok(());
        }
        let member = self.members.get(&request.member).ok_or(Refusal::UnknownMemberId)?;
        if !member.is_classic() && request.version < COMMITS_WITH_EPOCHS_FROM {
            return Err(Refusal::UnsupportedVersion);
        }
        if request.generation > member.current.epoch {
            return Err(wrong_epoch(member));
        }
        Ok(())
    }

    /// Whether the position of this partition may be committed, the rest of the request being right: a member that has not heard of its
    /// newest epoch yet may commit what it has had since the one that it knows (KIP-1251).
    ///
    /// # Errors
    /// The member got the partition later than the request's epoch, or does not have it.
    pub(crate) fn check_position(
        &self,
        request: &OffsetCommit,
        position: &CommitOffset,
    ) -> Result<(), Refusal> {
        let Some(member) = self.members.get(&request.member) else { return Ok(()) };
        let current = &member.current;
        if request.generation == current.epoch {
            return Ok(());
        }
        let (topic, index) = (position.topic_id, PartitionIndex(position.partition));
        let since = current.assigned.epoch(topic, index).or_else(|| current.revoking.epoch(topic, index));
        match since {
            Some(since) if since <= request.generation => Ok(()),
            _ => Err(wrong_epoch(member)),
        }
    }

    /// Whether this member may read positions.
    ///
    /// # Errors
    /// The member is not known or its epoch is not right.
    pub(crate) fn check_fetch(&self, request: &FetchOffsets) -> Result<(), Refusal> {
        let Some(id) = &request.member else {
            return if request.member_epoch < 0 { Ok(()) } else { Err(Refusal::UnknownMemberId) };
        };
        let member = self.members.get(id).ok_or(Refusal::UnknownMemberId)?;
        if member.current.epoch == request.member_epoch { Ok(()) } else { Err(wrong_epoch(member)) }
    }

    /// The group with its members.
    pub(crate) fn describe(&self, topics: &dyn Topics, assignors: &[Name]) -> DescribedConsumerGroup {
        let members = self.members.iter().map(|(id, member)| {
            let metadata = &member.metadata;
            DescribedConsumerMember {
                member: id.clone(),
                instance: metadata.instance.clone(),
                rack: metadata.rack.clone(),
                member_epoch: member.current.epoch,
                client_id: metadata.client_id.clone(),
                client_host: metadata.client_host.clone(),
                subscribed_names: metadata.topic_names.iter().cloned().collect(),
                subscribed_regex: metadata.topic_regex.clone(),
                assignment: named(&member.current.assigned.partitions(), topics),
                target: self.target.get(id).map(|target| named(target, topics)).unwrap_or_default(),
                is_classic: member.is_classic(),
            }
        });
        DescribedConsumerGroup {
            state: self.state(),
            group_epoch: self.epoch,
            assignment_epoch: self.target_epoch,
            assignor: Name::from(self.assignor(assignors).name()),
            members: members.collect(),
        }
    }
}

/// Partitions with the names of their topics; those of topics that are gone are left out, as they have none.
fn named(partitions: &Partitions, topics: &dyn Topics) -> Vec<(TopicId, Name, Vec<i32>)> {
    let named = partitions.topics().filter_map(|(id, indexes)| {
        let topic = topics.by_id(id)?;
        Some((id, topic.name, indexes.iter().map(|index| index.0).collect()))
    });
    named.collect()
}
