//! ConsumerGroupHeartbeat: joining, staying in, and the way to the target.

use super::{
    change::Change,
    group::ConsumerGroup,
    member::{CurrentAssignment, EPOCH_AWAY, EPOCH_JOINING, Member, MemberMetadata},
    request::{ConsumerHeartbeat, ConsumerHeartbeatResponse},
    step::{ConsumerTimer, Context, Outcome, Step, check_state},
    subscription::{Subscriptions, check_regex},
};
use crate::{
    Name, Refusal,
    partitions::{OwnedPartitions, Partitions},
};
use ringlog_model::PartitionIndex;

/// Whose heartbeat it is.
pub(super) enum Sender {
    /// A member that the group knows.
    Known(Name),
    /// A member to be.
    New(Name),
    /// A static member under a new id, which takes over from the member of the old one.
    Returning { id: Name, old: Name },
}

impl Sender {
    pub(super) fn id(&self) -> &Name {
        match self {
            Sender::Known(id) | Sender::New(id) | Sender::Returning { id, .. } => id,
        }
    }
}

impl ConsumerGroup {
    /// A heartbeat of a member that stays or joins.
    ///
    /// # Errors
    /// Any of the refusals of ConsumerGroupHeartbeat; the group is then unchanged.
    pub(crate) fn heartbeat(
        &mut self,
        context: Context<'_>,
        request: &ConsumerHeartbeat,
    ) -> Result<(Outcome, ConsumerHeartbeatResponse), Refusal> {
        let reported: Option<Partitions> = request.owned.as_ref().map(|owned| partitions_of(owned));
        let is_known_instance =
            request.instance.as_ref().is_some_and(|name| self.instances.contains_key(name));
        if !is_known_instance {
            self.check_size(context, &request.member)?;
        }
        let sender = self.sender(request, reported.as_ref())?;
        let before = self.member_before(&sender);
        check_state(&before.current, reported.as_ref())?;
        let metadata = updated(before.metadata, request);
        self.check_new_regex(&metadata)?;

        let mut step = Step::new(self, context);
        let subscriptions = step.admit(&sender, metadata);
        step.refresh_epoch(subscriptions);
        step.refresh_target();
        let id = sender.id();
        step.reconcile(id, reported.as_ref());
        step.set_timer(ConsumerTimer::Session(id.clone()), context.settings.session_timeout);
        // A member that was classic before has no business with these any more.
        step.cancel_timer(ConsumerTimer::Join(id.clone()));
        step.cancel_timer(ConsumerTimer::Sync(id.clone()));

        let current = &step.group.members[id].current;
        let assigned = (is_full(request) || !same_partitions(&before.current.assigned, &current.assigned))
            .then(|| lists_of(&current.assigned));
        let response = ConsumerHeartbeatResponse {
            member: id.clone(),
            member_epoch: current.epoch,
            heartbeat_interval_ms: i32::try_from(context.settings.heartbeat_interval.as_millis())
                .unwrap_or(i32::MAX),
            assignment: assigned,
        };
        Ok((step.finish(), response))
    }

    pub(super) fn check_size(&self, context: Context<'_>, member: &str) -> Result<(), Refusal> {
        let is_new = member.is_empty() || !self.members.contains_key(member);
        if is_new && self.members.len() >= context.config.consumer_group_size_max {
            return Err(Refusal::GroupMaxSizeReached);
        }
        Ok(())
    }

    fn sender(&self, request: &ConsumerHeartbeat, reported: Option<&Partitions>) -> Result<Sender, Refusal> {
        let joins = request.member_epoch == EPOCH_JOINING;
        let id = match &*request.member {
            "" => Name::from(request.fresh.to_string()),
            _ => request.member.clone(),
        };
        let Some(instance) = &request.instance else {
            return match self.members.get(&id) {
                Some(member) => check_epoch(&member.current, request, reported).map(|()| Sender::Known(id)),
                None if joins => Ok(Sender::New(id)),
                None => Err(Refusal::UnknownMemberId),
            };
        };
        match self.static_member(instance) {
            None if joins && self.members.contains_key(&id) => Ok(Sender::Known(id)),
            None if joins => Ok(Sender::New(id)),
            None => Err(Refusal::UnknownMemberId),
            // Only a member that said it would be back, or one of the classic protocol that is being upgraded, can be replaced.
            Some((_, member)) if joins && !member.is_classic() && member.current.epoch != EPOCH_AWAY => {
                Err(Refusal::UnreleasedInstanceId)
            }
            Some((old, _)) if joins => Ok(Sender::Returning { id, old: old.clone() }),
            Some((existing, _)) if *existing != id => Err(Refusal::FencedInstanceId),
            Some((_, member)) => check_epoch(&member.current, request, reported).map(|()| Sender::Known(id)),
        }
    }

    /// The member before this heartbeat, as far as the next one begins where it ended.
    pub(super) fn member_before(&self, sender: &Sender) -> Member {
        match sender {
            Sender::Known(id) => self.members.get(id).cloned().unwrap_or_default(),
            Sender::New(_) => Member::default(),
            Sender::Returning { old, .. } => {
                let mut member = self.members.get(old).cloned().unwrap_or_default();
                member.current = rejoining(&member.current);
                member
            }
        }
    }

    /// An expression that the group knows was checked by the member that brought it.
    fn check_new_regex(&self, metadata: &MemberMetadata) -> Result<(), Refusal> {
        match &metadata.topic_regex {
            Some(expression) if !self.regex_subscribers.contains_key(expression) => check_regex(expression),
            _ => Ok(()),
        }
    }
}

impl Step<'_> {
    /// Takes the member in, or over from its predecessor, and puts its metadata.
    pub(super) fn admit(&mut self, sender: &Sender, metadata: MemberMetadata) -> Subscriptions {
        if let Sender::Returning { id, old } = sender {
            self.replace(old, id);
        }
        self.put_metadata(sender.id(), metadata)
    }

    /// A static member's new id inherits all that the old one had.
    fn replace(&mut self, old: &Name, id: &Name) {
        let member = self.group.members.get(old).cloned().expect("the instance's member is there");
        let target = self.group.target.get(old).cloned().unwrap_or_default();
        self.remove_member(old);
        self.put(Change::Member(id.clone(), Some(member.metadata)));
        self.put(Change::Target(id.clone(), Some(target)));
        self.put(Change::Current(id.clone(), Some(rejoining(&member.current))));
    }

    /// Everything of a member goes, deadlines included.
    pub(super) fn remove_member(&mut self, id: &Name) {
        self.cancel_member_timers(id);
        self.put(Change::Current(id.clone(), None));
        self.put(Change::Target(id.clone(), None));
        self.put(Change::Member(id.clone(), None));
    }
}

/// What a member that begins anew has of what it had.
fn rejoining(current: &CurrentAssignment) -> CurrentAssignment {
    CurrentAssignment { epoch: EPOCH_JOINING, previous_epoch: EPOCH_JOINING, ..current.clone() }
}

/// Whether the epoch is the member's. The one before is accepted from a member that owns no more than it was given: the answer with the
/// new epoch was lost.
fn check_epoch(
    current: &CurrentAssignment,
    request: &ConsumerHeartbeat,
    reported: Option<&Partitions>,
) -> Result<(), Refusal> {
    let epoch = request.member_epoch;
    let lost_answer =
        || epoch == current.previous_epoch && reported.is_some_and(|owned| current.covers(owned));
    if epoch == EPOCH_JOINING || epoch == current.epoch || (epoch < current.epoch && lost_answer()) {
        return Ok(());
    }
    Err(Refusal::FencedMemberEpoch)
}

/// Whether the member says everything, and so wants to hear everything.
fn is_full(request: &ConsumerHeartbeat) -> bool {
    let subscribes = request.subscribed_names.is_some() || request.subscribed_regex.is_some();
    request.member_epoch == EPOCH_JOINING
        || (request.rebalance_timeout_ms != -1 && subscribes && request.owned.is_some())
}

/// The metadata with what the request brings; what it leaves out stays.
fn updated(before: MemberMetadata, request: &ConsumerHeartbeat) -> MemberMetadata {
    MemberMetadata {
        instance: request.instance.clone().or(before.instance),
        rack: request.rack.clone().or(before.rack),
        client_id: request.client.id.clone(),
        client_host: request.client.host.clone(),
        topic_names: match &request.subscribed_names {
            Some(names) => names.iter().cloned().collect(),
            None => before.topic_names,
        },
        topic_regex: match &request.subscribed_regex {
            Some(expression) => Some(expression.clone()).filter(|expression| !expression.is_empty()),
            None => before.topic_regex,
        },
        rebalance_timeout_ms: match request.rebalance_timeout_ms {
            -1 => before.rebalance_timeout_ms,
            timeout => timeout,
        },
        assignor: request.assignor.clone().or(before.assignor),
        classic: None,
    }
}

fn partitions_of(lists: &[(ringlog_model::TopicId, Vec<i32>)]) -> Partitions {
    let all = lists
        .iter()
        .flat_map(|(topic, indexes)| indexes.iter().map(|index| (*topic, PartitionIndex(*index))));
    all.collect()
}

pub(super) fn lists_of(owned: &OwnedPartitions) -> Vec<(ringlog_model::TopicId, Vec<i32>)> {
    owned.topics().map(|(topic, indexes)| (topic, indexes.keys().map(|index| index.0).collect())).collect()
}

fn same_partitions(left: &OwnedPartitions, right: &OwnedPartitions) -> bool {
    let partitions = |owned: &OwnedPartitions| owned.partitions();
    left == right || partitions(left) == partitions(right)
}
