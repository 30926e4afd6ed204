//! A classic group of Kafka's consumers becomes a consumer group when the first member of the newer protocol joins (KIP-848, migration).

use super::{
    embedded,
    group::ConsumerGroup,
    member::{ClassicMember, CurrentAssignment, Member, MemberMetadata, MemberState},
    step::Context,
};
use crate::{ClassicMemberValue, Migration, Name, Refusal, partitions::Partitions};
use bytes::Bytes;

/// A classic group, as far as a consumer group can be made of it.
pub(crate) struct ClassicFacts {
    pub(crate) generation: i32,
    /// Whether its members are Kafka's consumers.
    pub(crate) is_of_consumers: bool,
    /// Its members, with all of their protocols, in order of preference.
    pub(crate) members: Vec<(ClassicMemberValue, Vec<(Name, Bytes)>)>,
}

impl ConsumerGroup {
    /// The classic group as a consumer group: every member has what it had, in the generation as its epoch.
    ///
    /// # Errors
    /// The policy forbids it, there are too many members, or the assignment was not made by one of Kafka's own assignors and would lose
    /// something.
    pub(crate) fn from_classic(context: Context<'_>, facts: &ClassicFacts) -> Result<ConsumerGroup, Refusal> {
        let allowed = matches!(context.config.migration, Migration::Bidirectional | Migration::Upgrade);
        let fits = facts.members.len() <= context.config.consumer_group_size_max;
        if !allowed || !facts.is_of_consumers || !fits {
            return Err(Refusal::GroupIdNotFound);
        }
        let mut group = ConsumerGroup {
            epoch: facts.generation,
            target_epoch: facts.generation,
            target_made_at: context.now.wall,
            ..ConsumerGroup::default()
        };
        for (value, protocols) in &facts.members {
            let (member, target) = member(context, facts.generation, value, protocols, &group)?;
            group.adopt(&value.member, member, target);
        }
        // The topics are those that the members were assigned: they are no reason to assign anew.
        group.metadata_hash = group.hash_of_topics(context.topics);
        group.topics_seen = Some(context.topics.version());
        Ok(group)
    }

    fn adopt(&mut self, id: &Name, member: Member, target: Partitions) {
        use super::change::Change;
        self.apply(&Change::Member(id.clone(), Some(member.metadata)));
        self.apply(&Change::Target(id.clone(), Some(target)));
        self.apply(&Change::Current(id.clone(), Some(member.current)));
    }
}

fn member(
    context: Context<'_>,
    generation: i32,
    value: &ClassicMemberValue,
    protocols: &[(Name, Bytes)],
    group: &ConsumerGroup,
) -> Result<(Member, Partitions), Refusal> {
    let subscription = protocols.first().map_or(&value.subscription, |(_, metadata)| metadata);
    let subscription =
        embedded::read_subscription(subscription, context.topics).ok_or(Refusal::GroupIdNotFound)?;
    let target =
        embedded::read_assignment(&value.assignment, context.topics).map_err(|_| Refusal::GroupIdNotFound)?;
    // A member in the middle of a rebalance has no assignment of this generation, but may still read what it had.
    let had = if value.assignment.is_empty() { &subscription.owned } else { &target };
    let assigned = had
        .iter()
        .filter(|(topic, index)| group.is_free(&value.member, *topic, *index))
        .map(|(topic, index)| (topic, index, generation));
    let current = CurrentAssignment {
        epoch: generation,
        previous_epoch: generation,
        state: MemberState::Stable,
        assigned: assigned.collect(),
        ..CurrentAssignment::default()
    };
    let metadata = MemberMetadata {
        instance: value.instance.clone(),
        rack: subscription.rack,
        client_id: value.client_id.clone(),
        client_host: value.client_host.clone(),
        topic_names: subscription.topics,
        topic_regex: None,
        rebalance_timeout_ms: value.rebalance_timeout_ms,
        assignor: None,
        classic: Some(ClassicMember {
            session_timeout_ms: value.session_timeout_ms,
            protocols: protocols.to_vec(),
        }),
    };
    Ok((Member { metadata, current }, target))
}
