//! From one generation to the next.

use super::{group::ClassicGroup, join::SkipAssignment, subscription};
use crate::{GroupState, Name, Refusal, Response, coordinator::Turn, timers::Timer};
use core::time::Duration;

impl ClassicGroup {
    /// Something has changed: begins a rebalance, or ends one that waited just for this.
    pub(crate) fn rebalance_or_complete(&mut self, turn: &mut Turn<'_>) {
        match self.state {
            GroupState::Empty | GroupState::Stable | GroupState::CompletingRebalance => {
                self.prepare_rebalance(turn);
            }
            _ => self.complete_if_all_joined(turn),
        }
    }

    pub(crate) fn prepare_rebalance(&mut self, turn: &mut Turn<'_>) {
        if self.state == GroupState::CompletingRebalance {
            self.send_back_to_join(turn);
        }
        turn.timers.cancel(&Timer::Sync(self.name.clone()));
        self.is_initial = self.state == GroupState::Empty;
        self.enter(GroupState::PreparingRebalance, turn.now);
        if self.is_initial {
            self.was_joined = false;
            self.initial_delay = turn.config.initial_rebalance_delay;
            self.initial_remaining = self.rebalance_timeout().saturating_sub(self.initial_delay);
            self.wait_for_joins(turn, self.initial_delay);
            if self.initial_delay.is_zero() {
                self.complete_join(turn);
            }
        } else if self.have_all_joined() {
            self.complete_join(turn);
        } else {
            self.wait_for_joins(turn, self.rebalance_timeout());
        }
    }

    /// Members that wait for this generation's assignment never get it.
    fn send_back_to_join(&mut self, turn: &mut Turn<'_>) {
        let mut told = Vec::new();
        for (name, member) in &mut self.members {
            member.assignment = bytes::Bytes::new();
            if let Some(token) = member.syncing.take() {
                turn.effects.reply(token, Response::Sync(Err(Refusal::RebalanceInProgress)));
                told.push(name.clone());
            }
        }
        for name in told {
            self.extend_session(&name, turn.now, turn.timers);
        }
    }

    fn wait_for_joins(&self, turn: &mut Turn<'_>, duration: Duration) {
        turn.timers.set(Timer::Join(self.name.clone()), turn.now.monotonic.plus(duration));
    }

    /// The longest that any member wants to have for a rebalance.
    fn rebalance_timeout(&self) -> Duration {
        self.members.values().map(|member| member.rebalance_timeout).max().unwrap_or_default()
    }

    fn have_all_joined(&self) -> bool {
        self.pending.is_empty() && self.members.values().all(|member| member.joining.is_some())
    }

    pub(super) fn complete_if_all_joined(&mut self, turn: &mut Turn<'_>) {
        if self.state == GroupState::PreparingRebalance && !self.is_initial && self.have_all_joined() {
            self.complete_join(turn);
        }
    }

    /// The time for joining is up; an initial rebalance may extend it while members keep coming.
    fn joins_timed_out(&mut self, turn: &mut Turn<'_>) {
        if self.state != GroupState::PreparingRebalance {
            return;
        }
        if self.is_initial && self.was_joined && !self.initial_remaining.is_zero() {
            self.was_joined = false;
            let delay = self.initial_delay.min(self.initial_remaining);
            self.initial_remaining = self.initial_remaining.saturating_sub(self.initial_delay);
            self.initial_delay = delay;
            return self.wait_for_joins(turn, delay);
        }
        self.complete_join(turn);
    }

    fn complete_join(&mut self, turn: &mut Turn<'_>) {
        turn.timers.cancel(&Timer::Join(self.name.clone()));
        // Static members that are away keep their place until their session ends (KIP-345).
        let lost =
            self.members.iter().filter(|(_, member)| member.joining.is_none() && member.instance.is_none());
        let lost: Vec<_> = lost.map(|(name, _)| name.clone()).collect();
        for name in lost {
            self.remove(turn, &name);
        }
        if self.members.is_empty() {
            return self.become_empty(turn);
        }
        if !self.elect_leader() {
            // Only static members that are away are left: their sessions decide.
            return self.wait_for_joins(turn, self.rebalance_timeout());
        }
        self.begin_generation(turn);
    }

    fn become_empty(&mut self, turn: &mut Turn<'_>) {
        self.is_initial = false;
        self.generation += 1;
        self.protocol = None;
        self.leader = None;
        self.unsynced.clear();
        self.subscribed = subscription::topics(self);
        self.enter(GroupState::Empty, turn.now);
        turn.effects.append(self.record().into_iter().collect());
    }

    /// Makes sure that the leader has joined. False if nobody has.
    fn elect_leader(&mut self) -> bool {
        let has_joined = |name: &Name| self.members.get(name).is_some_and(|member| member.joining.is_some());
        if !self.leader.as_ref().is_some_and(has_joined) {
            let joined = self.members.iter().find(|(_, member)| member.joining.is_some());
            let Some(leader) = joined.map(|(name, _)| name.clone()) else { return false };
            self.leader = Some(leader);
        }
        true
    }

    fn begin_generation(&mut self, turn: &mut Turn<'_>) {
        self.is_initial = false;
        self.generation += 1;
        self.protocol = self.vote();
        self.subscribed = subscription::topics(self);
        self.unsynced = self.members.keys().cloned().collect();
        self.enter(GroupState::CompletingRebalance, turn.now);
        for name in self.unsynced.clone() {
            let response = self.joined(&name, SkipAssignment::No);
            let Some(member) = self.members.get_mut(&name) else { continue };
            let session = member.session_timeout;
            // A static member that is away is in the middle of its session, which goes on.
            if let Some(token) = member.joining.take() {
                member.is_new = false;
                turn.effects.reply(token, Response::Join(response));
                let timer = Timer::Session(self.name.clone(), name);
                turn.timers.set(timer, turn.now.monotonic.plus(session));
            }
        }
        let sync = Timer::Sync(self.name.clone());
        turn.timers.set(sync, turn.now.monotonic.plus(self.rebalance_timeout()));
    }

    /// Not all members have fetched the assignment in time: those that have not are lost.
    fn syncs_timed_out(&mut self, turn: &mut Turn<'_>) {
        if !matches!(self.state, GroupState::CompletingRebalance | GroupState::Stable)
            || self.unsynced.is_empty()
        {
            return;
        }
        for name in core::mem::take(&mut self.unsynced) {
            self.remove(turn, &name);
        }
        self.prepare_rebalance(turn);
    }

    /// Lets a member go, and the group go on without it.
    pub(super) fn remove_and_go_on(&mut self, turn: &mut Turn<'_>, name: &Name) {
        let was_known = self.members.contains_key(name) || self.pending.contains(name);
        self.remove(turn, name);
        if was_known {
            self.go_on(turn);
        }
    }

    /// What follows when members have gone.
    pub(super) fn go_on(&mut self, turn: &mut Turn<'_>) {
        match self.state {
            GroupState::Stable | GroupState::CompletingRebalance => self.prepare_rebalance(turn),
            GroupState::PreparingRebalance => self.complete_if_all_joined(turn),
            _ => {}
        }
    }

    /// One of the group's deadlines has passed.
    pub(crate) fn timed_out(&mut self, turn: &mut Turn<'_>, timer: &Timer) {
        match timer {
            Timer::Join(_) => self.joins_timed_out(turn),
            Timer::Sync(_) => self.syncs_timed_out(turn),
            Timer::Session(_, name) => {
                // A parked member gets a new session when it is answered.
                if self.members.get(name).is_some_and(|member| !member.is_parked()) {
                    self.remove_and_go_on(turn, name);
                }
            }
            Timer::Pending(_, name) => {
                if self.pending.remove(name) {
                    self.complete_if_all_joined(turn);
                }
            }
            Timer::Consumer(..) | Timer::Expiry => {}
        }
    }
}
