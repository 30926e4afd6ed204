//! Groups whose assignment the broker makes (KIP-848).
//!
//! ```text
//! heartbeat ─> refused, or a Step:  metadata ─> expressions, epoch ─> target ─> this member's way to it
//!                                  (subscription.rs)               (target.rs)  (reconcile.rs)
//! ```
//!
//! Three epochs follow each other: the group's, raised when members, subscriptions or topics change; the target's, for which partitions
//! were last assigned; each member's, the target that it has reached. A member gets a partition only when nobody else holds it.
//!
//! A [`Step`](step::Step) applies [`Change`]s as it makes them, and only once nothing can refuse the request any more.

mod change;
mod check;
mod classic;
mod convert;
mod describe;
mod downgrade;
mod embedded;
mod group;
mod heartbeat;
mod leave;
mod member;
mod reconcile;
mod record;
mod request;
mod step;
mod subscription;
mod target;
#[cfg(test)]
mod tests;
mod topics_hash;
mod upgrade;

pub use change::{Change, GroupEpoch, ResolvedRegex, TargetEpoch};
pub(crate) use group::ConsumerGroup;
pub use member::{ClassicMember, CurrentAssignment, MemberMetadata, MemberState};
pub use record::ConsumerRecord;
pub use request::{
    ConsumerHeartbeat, ConsumerHeartbeatResponse, DescribedConsumerGroup, DescribedConsumerMember,
};
pub(crate) use step::ConsumerTimer;
pub(crate) use upgrade::ClassicFacts;

use crate::{
    Coordinator, Effects, Heartbeat, Join, Leave, LeftMember, Name, Record, Refusal, Response, Sync, Synced,
    Token, Topics, group::Group, timers::Timer,
};
use ringlog_model::Now;
use step::{Context, Outcome, TimerChanges};

/// The durable half: what a record changes. Live operation and load come through here.
pub(crate) fn apply(coordinator: &mut Coordinator, record: &ConsumerRecord) {
    let groups = &mut coordinator.groups;
    match (groups.get_mut(&record.group), &record.change) {
        (Some(Group::Consumer(_)), Change::Epoch(None)) => {
            groups.remove(&record.group);
        }
        (Some(Group::Consumer(group)), change) => group.apply(change),
        (_, change) if change.is_removal() => {}
        (_, change) => {
            let mut group = ConsumerGroup::default();
            group.apply(change);
            groups.insert(record.group.clone(), Group::Consumer(group));
        }
    }
}

/// The volatile half after a load: sessions of all members begin.
pub(crate) fn loaded(coordinator: &mut Coordinator, now: Now, topics: &dyn Topics) {
    for (name, group) in &coordinator.groups {
        let Group::Consumer(group) = group else { continue };
        let settings = Context::new(now, topics, &coordinator.config, name).settings;
        for (timer, after) in group.deadlines_after_load(&settings) {
            coordinator.timers.set(Timer::Consumer(name.clone(), timer), now.monotonic.plus(after));
        }
    }
}

/// ConsumerGroupHeartbeat.
pub(crate) fn heartbeat(
    coordinator: &mut Coordinator,
    now: Now,
    topics: &dyn Topics,
    request: &ConsumerHeartbeat,
    effects: &mut Effects,
) -> Result<ConsumerHeartbeatResponse, Refusal> {
    check::check(request, &coordinator.config.consumer_assignors)?;
    let context = Context::new(now, topics, &coordinator.config, &request.group);
    let (outcome, response) = match coordinator.groups.get_mut(&request.group) {
        Some(Group::Consumer(group)) if request.member_epoch < 0 => group.leave(context, request)?,
        Some(Group::Consumer(group)) => group.heartbeat(context, request)?,
        _ if request.member_epoch == 0 => return convert::found(coordinator, now, topics, request, effects),
        _ => return Err(Refusal::GroupIdNotFound),
    };
    carry_out(coordinator, now, &request.group, outcome, Vec::new(), effects);
    Ok(response)
}

/// ConsumerGroupDescribe of one group.
pub(crate) fn describe(
    coordinator: &Coordinator,
    topics: &dyn Topics,
    group: &Name,
) -> Result<DescribedConsumerGroup, Refusal> {
    match coordinator.groups.get(group) {
        Some(Group::Consumer(group)) => Ok(group.describe(topics, &coordinator.config.consumer_assignors)),
        _ => Err(Refusal::GroupIdNotFound),
    }
}

/// A deadline of a consumer group has passed.
pub(crate) fn timed_out(
    coordinator: &mut Coordinator,
    now: Now,
    topics: &dyn Topics,
    name: &Name,
    timer: &ConsumerTimer,
    effects: &mut Effects,
) {
    let context = Context::new(now, topics, &coordinator.config, name);
    if let Some(Group::Consumer(group)) = coordinator.groups.get_mut(name) {
        let outcome = group.timed_out(context, timer);
        carry_out(coordinator, now, name, outcome, Vec::new(), effects);
    }
}

/// JoinGroup to a consumer group.
pub(crate) fn classic_join(
    coordinator: &mut Coordinator,
    now: Now,
    topics: &dyn Topics,
    token: Token,
    request: &Join,
    effects: &mut Effects,
) {
    let context = Context::new(now, topics, &coordinator.config, &request.group);
    let Some(Group::Consumer(group)) = coordinator.groups.get_mut(&request.group) else { return };
    match group.join_classic(context, request) {
        Ok((outcome, joined)) => {
            carry_out(coordinator, now, &request.group, outcome, Vec::new(), effects);
            effects.reply(token, Response::Join(joined));
        }
        Err(refused) => effects.reply(token, Response::Join(*refused)),
    }
}

/// SyncGroup to a consumer group.
pub(crate) fn classic_sync(
    coordinator: &mut Coordinator,
    now: Now,
    topics: &dyn Topics,
    request: &Sync,
) -> Result<Synced, Refusal> {
    let context = Context::new(now, topics, &coordinator.config, &request.group);
    let Some(Group::Consumer(group)) = coordinator.groups.get_mut(&request.group) else {
        return Err(Refusal::UnknownMemberId);
    };
    let (timers, synced) = group.sync_classic(context, request);
    set_timers(coordinator, &request.group, timers);
    synced
}

/// Heartbeat to a consumer group.
pub(crate) fn classic_heartbeat(
    coordinator: &mut Coordinator,
    now: Now,
    topics: &dyn Topics,
    request: &Heartbeat,
) -> Result<(), Refusal> {
    let context = Context::new(now, topics, &coordinator.config, &request.group);
    let Some(Group::Consumer(group)) = coordinator.groups.get_mut(&request.group) else {
        return Err(Refusal::UnknownMemberId);
    };
    let (timers, beat) = group.heartbeat_classic(context, request);
    set_timers(coordinator, &request.group, timers);
    beat
}

/// LeaveGroup to a consumer group.
pub(crate) fn classic_leave(
    coordinator: &mut Coordinator,
    now: Now,
    topics: &dyn Topics,
    request: &Leave,
    effects: &mut Effects,
) -> Vec<LeftMember> {
    let context = Context::new(now, topics, &coordinator.config, &request.group);
    let Some(Group::Consumer(group)) = coordinator.groups.get_mut(&request.group) else { return Vec::new() };
    let (outcome, left) = group.leave_classic(context, request);
    carry_out(coordinator, now, &request.group, outcome, Vec::new(), effects);
    left
}

/// Sets deadlines, has `first` and the changes appended, and lets the group go on as a classic one where that is due. The changes are applied
/// already.
fn carry_out(
    coordinator: &mut Coordinator,
    now: Now,
    name: &Name,
    outcome: Outcome,
    first: Vec<Record>,
    effects: &mut Effects,
) {
    set_timers(coordinator, name, outcome.timers);
    let mut records = first;
    records.extend(outcome.changes.into_iter().map(|change| record(name, change)));
    match outcome.downgrade {
        None => effects.append(records),
        Some(downgrade) => convert::to_classic(coordinator, now, name, downgrade, records, effects),
    }
}

fn set_timers(coordinator: &mut Coordinator, name: &Name, timers: TimerChanges) {
    for (timer, change) in timers {
        change.apply(&mut coordinator.timers, Timer::Consumer(name.clone(), timer));
    }
}

fn record(group: &Name, change: Change) -> Record {
    Record::Consumer(ConsumerRecord { group: group.clone(), change })
}

impl ConsumerGroup {
    /// What removes the group.
    pub(crate) fn tombstones(&self, group: &Name) -> Vec<Record> {
        self.removal().into_iter().map(|change| record(group, change)).collect()
    }

    /// The group as records: replayed into an empty coordinator they give this state.
    pub(crate) fn records(&self, group: &Name) -> Vec<Record> {
        self.creation().into_iter().map(|change| record(group, change)).collect()
    }
}
