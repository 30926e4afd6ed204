//! Groups that come into being, and those that change their protocol.

use super::{
    ConsumerHeartbeat, ConsumerHeartbeatResponse, carry_out,
    downgrade::{Downgrade, Rebalance},
    group::ConsumerGroup,
    step::Context,
};
use crate::{
    Coordinator, Effects, Name, Record, Refusal, Topics, classic::ClassicGroup, coordinator::Turn,
    group::Group, timers::Timer,
};
use ringlog_model::Now;

/// The first member of the newer protocol joins: a new group, or one in the place of a classic group.
pub(super) fn found(
    coordinator: &mut Coordinator,
    now: Now,
    topics: &dyn Topics,
    request: &ConsumerHeartbeat,
    effects: &mut Effects,
) -> Result<ConsumerHeartbeatResponse, Refusal> {
    let name = &request.group;
    let context = Context::new(now, topics, &coordinator.config, name);
    let mut records = Vec::new();
    let mut group = match coordinator.groups.get(name) {
        Some(Group::Classic(classic)) => {
            records.extend(classic.record().map(|_| Record::ClassicGroup(name.clone(), None)));
            let facts = classic.facts();
            match facts.members.is_empty() {
                true => ConsumerGroup::default(),
                false => ConsumerGroup::from_classic(context, &facts)?,
            }
        }
        _ => ConsumerGroup::default(),
    };
    if group != ConsumerGroup::default() {
        records.extend(group.records(name));
    }
    let sessions = group.deadlines_after_load(&context.settings);
    let (outcome, response) = group.heartbeat(context, request)?;

    // Nothing refuses from here on.
    let before = coordinator.groups.insert(name.clone(), Group::Consumer(group));
    if let Some(Group::Classic(mut classic)) = before {
        let mut turn = Turn { now, config: &coordinator.config, timers: &mut coordinator.timers, effects };
        classic.dissolve(&mut turn);
    }
    for (timer, after) in sessions {
        coordinator.timers.set(Timer::Consumer(name.clone(), timer), now.monotonic.plus(after));
    }
    carry_out(coordinator, now, name, outcome, records, effects);
    Ok(response)
}

/// The group goes on as a classic one; `records` has removed the consumer group.
pub(super) fn to_classic(
    coordinator: &mut Coordinator,
    now: Now,
    name: &Name,
    downgrade: Downgrade,
    mut records: Vec<Record>,
    effects: &mut Effects,
) {
    let mut group = ClassicGroup::restored(name.clone(), &downgrade.value);
    records.push(Record::ClassicGroup(name.clone(), Some(downgrade.value)));
    effects.append(records);
    group.loaded(now, &mut coordinator.timers);
    if downgrade.rebalance == Rebalance::AtOnce {
        let mut turn = Turn { now, config: &coordinator.config, timers: &mut coordinator.timers, effects };
        group.prepare_rebalance(&mut turn);
    }
    coordinator.groups.insert(name.clone(), Group::Classic(group));
}
