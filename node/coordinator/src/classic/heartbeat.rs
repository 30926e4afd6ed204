//! Heartbeat.

use crate::{Coordinator, GroupState, Heartbeat, Refusal, Topics, consumer, group::Group};
use ringlog_model::Now;

pub(crate) fn heartbeat(
    coordinator: &mut Coordinator,
    now: Now,
    topics: &dyn Topics,
    request: &Heartbeat,
) -> Result<(), Refusal> {
    if request.group.is_empty() {
        return Err(Refusal::InvalidGroupId);
    }
    let group = match coordinator.groups.get(&request.group) {
        Some(Group::Classic(group)) => group,
        Some(Group::Consumer(_)) => return consumer::classic_heartbeat(coordinator, now, topics, request),
        None => return Err(Refusal::UnknownMemberId),
    };
    group.check_member(&request.member, request.instance.as_ref())?;
    if request.generation != group.generation {
        return Err(Refusal::IllegalGeneration);
    }
    match group.state {
        GroupState::Stable | GroupState::CompletingRebalance => {
            group.extend_session(&request.member, now, &mut coordinator.timers);
            Ok(())
        }
        GroupState::PreparingRebalance => {
            group.extend_session(&request.member, now, &mut coordinator.timers);
            Err(Refusal::RebalanceInProgress)
        }
        _ => Err(Refusal::UnknownMemberId),
    }
}
