//! Members that go: by their own word, or because they were not heard of.

use super::{
    change::Change,
    downgrade,
    group::ConsumerGroup,
    member::{CurrentAssignment, EPOCH_AWAY, MemberState},
    request::{ConsumerHeartbeat, ConsumerHeartbeatResponse},
    step::{ConsumerTimer, Context, Outcome, Step, milliseconds},
    subscription::Subscriptions,
};
use crate::{GroupSettings, Name, Refusal, partitions::OwnedPartitions};
use core::time::Duration;

impl ConsumerGroup {
    /// A heartbeat by which a member leaves, for good or (a static one) for a while.
    ///
    /// # Errors
    /// The group does not know the member, or its instance belongs to another one.
    pub(crate) fn leave(
        &mut self,
        context: Context<'_>,
        request: &ConsumerHeartbeat,
    ) -> Result<(Outcome, ConsumerHeartbeatResponse), Refusal> {
        let id = match &request.instance {
            None => self.members.contains_key(&request.member).then_some(&request.member),
            Some(instance) => match self.static_member(instance) {
                Some((id, _)) if *id != request.member => return Err(Refusal::FencedInstanceId),
                found => found.map(|(id, _)| id),
            },
        };
        let id = id.ok_or(Refusal::UnknownMemberId)?.clone();
        let mut step = Step::new(self, context);
        if request.member_epoch == EPOCH_AWAY {
            step.go_away(&id);
        } else {
            step.remove_members(std::slice::from_ref(&id));
        }
        let response = ConsumerHeartbeatResponse {
            member: id,
            member_epoch: request.member_epoch,
            heartbeat_interval_ms: 0,
            assignment: None,
        };
        Ok((step.finish(), response))
    }

    /// A deadline has passed.
    pub(crate) fn timed_out(&mut self, context: Context<'_>, timer: &ConsumerTimer) -> Outcome {
        let mut step = Step::new(self, context);
        match timer {
            ConsumerTimer::Session(id)
            | ConsumerTimer::Revocation(id)
            | ConsumerTimer::Join(id)
            | ConsumerTimer::Sync(id) => {
                if step.group.members.contains_key(id) {
                    step.remove_members(std::slice::from_ref(id));
                }
            }
            ConsumerTimer::Target => step.refresh_target(),
        }
        step.finish()
    }
}

impl ConsumerGroup {
    /// The deadlines that begin anew when the group has been loaded.
    pub(super) fn deadlines_after_load(&self, settings: &GroupSettings) -> Vec<(ConsumerTimer, Duration)> {
        let mut deadlines = Vec::new();
        for (id, member) in &self.members {
            let session = match &member.metadata.classic {
                Some(classic) => milliseconds(classic.session_timeout_ms),
                None => settings.session_timeout,
            };
            deadlines.push((ConsumerTimer::Session(id.clone()), session));
            if member.current.state == MemberState::UnrevokedPartitions {
                let timeout = milliseconds(member.metadata.rebalance_timeout_ms);
                let timer = if member.is_classic() { ConsumerTimer::Join } else { ConsumerTimer::Revocation };
                deadlines.push((timer(id.clone()), timeout));
            }
        }
        deadlines
    }
}

impl Step<'_> {
    /// Takes members out. If those that remain all speak the classic protocol, the group goes on as a classic one.
    pub(super) fn remove_members(&mut self, ids: &[Name]) {
        for id in ids {
            self.remove_member(id);
        }
        if downgrade::is_due(self.group, self.context.config) {
            self.downgrade(downgrade::Rebalance::AtOnce);
            return;
        }
        self.refresh_epoch(Subscriptions::Changed);
    }

    /// A static member keeps its partitions while it is away; its session decides how long. What it was giving up anyway is free now.
    fn go_away(&mut self, id: &Name) {
        let Some(member) = self.group.members.get(id) else { return };
        let assigned = member.current.assigned.iter().map(|(topic, index, _)| (topic, index, 0)).collect();
        let current = CurrentAssignment {
            epoch: EPOCH_AWAY,
            previous_epoch: member.current.previous_epoch,
            state: MemberState::Stable,
            assigned,
            revoking: OwnedPartitions::default(),
        };
        self.cancel_timer(ConsumerTimer::Revocation(id.clone()));
        self.put(Change::Current(id.clone(), Some(current)));
    }
}
