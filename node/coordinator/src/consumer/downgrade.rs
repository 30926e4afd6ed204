//! A consumer group whose members all speak the classic protocol goes on as a classic group (KIP-848, migration).

use super::{
    embedded::{self, PROTOCOL_TYPE},
    group::ConsumerGroup,
    member::Member,
    step::{ConsumerTimer, Step},
};
use crate::{ClassicGroupValue, ClassicMemberValue, Config, GroupState, Migration, Name, Topics};
use ringlog_model::Timestamp;

/// The group as a classic one.
#[derive(Debug)]
pub(crate) struct Downgrade {
    pub(crate) value: ClassicGroupValue,
    pub(crate) rebalance: Rebalance,
}

/// Whether the members have to join anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rebalance {
    /// Now: what they have is not what they shall have.
    AtOnce,
    /// Not before one of them asks.
    WhenAsked,
}

/// Whether the group is to go on as a classic one.
pub(super) fn is_due(group: &ConsumerGroup, config: &Config) -> bool {
    !group.members.is_empty()
        && group.classic_members == group.members.len()
        && matches!(config.migration, Migration::Bidirectional | Migration::Downgrade)
        && group.members.len() <= config.group_size_max
}

impl Step<'_> {
    /// Replaces all records of the group by the one of a classic group, which the caller makes out of the outcome.
    pub(super) fn downgrade(&mut self, rebalance: Rebalance) {
        // Members on their way to the target may have what others wait for: only a rebalance sorts that out.
        let rebalance = if self.group.state() == GroupState::Stable { rebalance } else { Rebalance::AtOnce };
        let value = classic_value(self.group, self.context.topics, self.context.now.wall);
        let ids: Vec<Name> = self.group.members.keys().cloned().collect();
        ids.iter().for_each(|id| self.cancel_member_timers(id));
        self.cancel_timer(ConsumerTimer::Target);
        for change in self.group.removal() {
            self.put(change);
        }
        self.outcome_mut().downgrade = Some(Downgrade { value, rebalance });
    }
}

fn classic_value(group: &ConsumerGroup, topics: &dyn Topics, now: Timestamp) -> ClassicGroupValue {
    let protocol = common_protocol(group);
    let members =
        group.members.iter().map(|(id, member)| classic_member(group, id, member, protocol.as_ref(), topics));
    ClassicGroupValue {
        protocol_type: Name::from(PROTOCOL_TYPE),
        generation: group.epoch,
        protocol: protocol.clone(),
        leader: group.members.keys().next().cloned(),
        since: Some(now),
        members: members.collect(),
    }
}

/// The first protocol of the first member that all others have, too.
fn common_protocol(group: &ConsumerGroup) -> Option<Name> {
    let first = group.members.values().next()?.metadata.classic.as_ref()?;
    let mut names = first.protocols.iter().map(|(name, _)| name);
    names.find(|name| group.classic_protocols.get(*name) == Some(&group.members.len())).cloned()
}

fn classic_member(
    group: &ConsumerGroup,
    id: &Name,
    member: &Member,
    protocol: Option<&Name>,
    topics: &dyn Topics,
) -> ClassicMemberValue {
    let metadata = &member.metadata;
    let classic = metadata.classic.clone().unwrap_or_default();
    let subscription = classic.protocols.into_iter().find(|(name, _)| Some(name) == protocol);
    let subscription = subscription.map(|(_, bytes)| bytes).unwrap_or_default();
    let target = group.target.get(id).cloned().unwrap_or_default();
    ClassicMemberValue {
        member: id.clone(),
        instance: metadata.instance.clone(),
        client_id: metadata.client_id.clone(),
        client_host: metadata.client_host.clone(),
        rebalance_timeout_ms: metadata.rebalance_timeout_ms,
        session_timeout_ms: classic.session_timeout_ms,
        assignment: embedded::write_assignment(&target, &subscription, topics),
        subscription,
    }
}
