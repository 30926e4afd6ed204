//! JoinGroup.

use super::{
    group::ClassicGroup,
    member::{Member, milliseconds},
};
use crate::{
    Coordinator, Effects, GroupState, Join, JoinResponse, JoinedMember, Name, Refusal, Response, Token,
    Topics, consumer, coordinator::Turn, group::Group, timers::Timer,
};
use core::time::Duration;
use ringlog_model::Now;

/// How long a member that was never told its id may wait in a join. It cannot send heartbeats, and nobody would notice
/// that its client has gone.
const NEW_MEMBER_PATIENCE: Duration = Duration::from_secs(300);

pub(crate) fn join(
    coordinator: &mut Coordinator,
    now: Now,
    topics: &dyn Topics,
    token: Token,
    request: Join,
    effects: &mut Effects,
) {
    let mut refuse = |refusal| {
        effects.reply(token, Response::Join(JoinResponse::refused(&request.member, refusal)));
    };
    if request.group.is_empty() {
        return refuse(Refusal::InvalidGroupId);
    }
    let config = &coordinator.config;
    let timeout = milliseconds(request.session_timeout_ms);
    if timeout < config.session_timeout_min || timeout > config.session_timeout_max {
        return refuse(Refusal::InvalidSessionTimeout);
    }
    let says_nothing = request.protocol_type.is_empty() || request.protocols.is_empty();
    match coordinator.groups.get(&request.group) {
        // Before the group becomes a classic one.
        Some(Group::Consumer(group)) if group.state() == GroupState::Empty && says_nothing => {
            return refuse(Refusal::InconsistentGroupProtocol);
        }
        Some(Group::Consumer(group)) if group.state() == GroupState::Empty => {
            let records = group.tombstones(&request.group);
            coordinator.commit(records, effects);
            coordinator.groups.remove(&request.group);
        }
        Some(Group::Consumer(_)) => {
            return consumer::classic_join(coordinator, now, topics, token, &request, effects);
        }
        Some(Group::Classic(_)) => {}
        None if !request.member.is_empty() => return refuse(Refusal::UnknownMemberId),
        None if says_nothing => return refuse(Refusal::InconsistentGroupProtocol),
        None if config.group_size_max == 0 => return refuse(Refusal::GroupMaxSizeReached),
        None => {}
    }
    let name = request.group.clone();
    let entry = coordinator.groups.entry(name.clone());
    let Group::Classic(group) = entry.or_insert_with(|| Group::Classic(ClassicGroup::new(name))) else {
        unreachable!("the other kind was handled")
    };
    let mut turn = Turn { now, config: &coordinator.config, timers: &mut coordinator.timers, effects };
    group.join(&mut turn, token, request);
}

impl ClassicGroup {
    fn join(&mut self, turn: &mut Turn<'_>, token: Token, request: Join) {
        if !self.has_room(turn, &request.member) {
            let member = request.member.clone();
            self.remove_and_go_on(turn, &member);
            return refuse(turn, token, &Name::default(), Refusal::GroupMaxSizeReached);
        }
        if !self.supports(&request.protocol_type, &request.protocols) {
            return refuse(turn, token, &request.member, Refusal::InconsistentGroupProtocol);
        }
        if request.member.is_empty() {
            self.join_new(turn, token, request);
        } else {
            self.join_known(turn, token, request);
        }
    }

    fn has_room(&self, turn: &Turn<'_>, member: &Name) -> bool {
        let most = turn.config.group_size_max;
        match self.state {
            GroupState::PreparingRebalance => {
                let is_waiting = |member: &Member| member.joining.is_some();
                self.members.get(member).is_some_and(is_waiting)
                    || self.members.values().filter(|member| is_waiting(member)).count() < most
            }
            GroupState::CompletingRebalance | GroupState::Stable => {
                self.members.contains_key(member) || self.members.len() < most
            }
            _ => true,
        }
    }

    fn join_new(&mut self, turn: &mut Turn<'_>, token: Token, request: Join) {
        let id = ClassicGroup::new_member_id(&request.client.id, request.instance.as_ref(), request.fresh);
        if let Some(instance) = &request.instance {
            return match self.instances.get(instance).cloned() {
                Some(former) => self.rejoin_static(turn, token, &former, id, request),
                None => self.add_and_rebalance(turn, token, id, request),
            };
        }
        if !request.member_id_required {
            return self.add_and_rebalance(turn, token, id, request);
        }
        let session = milliseconds(request.session_timeout_ms);
        turn.timers.set(Timer::Pending(self.name.clone(), id.clone()), turn.now.monotonic.plus(session));
        self.pending.insert(id.clone());
        refuse(turn, token, &id, Refusal::MemberIdRequired);
    }

    fn join_known(&mut self, turn: &mut Turn<'_>, token: Token, request: Join) {
        let name = request.member.clone();
        if request.instance.is_none() && self.pending.contains(&name) {
            self.forget_pending(turn, &name);
            return self.add_and_rebalance(turn, token, name, request);
        }
        if let Err(refusal) = self.check_member(&name, request.instance.as_ref()) {
            return refuse(turn, token, &name, refusal);
        }
        let member = &self.members[&name];
        let is_unchanged = member.protocols == request.protocols;
        match self.state {
            // The answer to its last join was lost, or it is a follower that has nothing new to say.
            GroupState::CompletingRebalance if is_unchanged => {
                let response = self.joined(&name, SkipAssignment::No);
                turn.effects.reply(token, Response::Join(response));
            }
            GroupState::Stable if is_unchanged && !self.is_leader(&name) => {
                let response = JoinResponse { members: Vec::new(), ..self.joined(&name, SkipAssignment::No) };
                turn.effects.reply(token, Response::Join(response));
            }
            // A leader that joins again has seen something that changes the assignment.
            GroupState::Stable | GroupState::CompletingRebalance | GroupState::PreparingRebalance => {
                self.park(turn, token, &name, request);
                self.rebalance_or_complete(turn);
            }
            _ => refuse(turn, token, &name, Refusal::UnknownMemberId),
        }
    }

    fn add_and_rebalance(&mut self, turn: &mut Turn<'_>, token: Token, name: Name, request: Join) {
        if self.state == GroupState::PreparingRebalance && self.is_initial {
            self.was_joined = true;
        }
        let member = Member {
            instance: request.instance,
            client: request.client,
            session_timeout: milliseconds(request.session_timeout_ms),
            rebalance_timeout: milliseconds(request.rebalance_timeout_ms),
            protocols: request.protocols,
            assignment: bytes::Bytes::new(),
            joining: Some(token),
            syncing: None,
            is_new: true,
        };
        self.add(&name, member, &request.protocol_type);
        let session = Timer::Session(self.name.clone(), name);
        turn.timers.set(session, turn.now.monotonic.plus(NEW_MEMBER_PATIENCE));
        self.rebalance_or_complete(turn);
    }

    /// A known member joins: it is what it says now, and waits.
    fn park(&mut self, turn: &mut Turn<'_>, token: Token, name: &Name, request: Join) {
        let Some(member) = self.members.get_mut(name) else { return };
        member.protocols = request.protocols;
        member.session_timeout = milliseconds(request.session_timeout_ms);
        member.rebalance_timeout = milliseconds(request.rebalance_timeout_ms);
        if let Some(overtaken) = member.joining.replace(token) {
            refuse(turn, overtaken, name, Refusal::RebalanceInProgress);
        }
    }

    /// A static member comes back without its member id (KIP-345).
    fn rejoin_static(&mut self, turn: &mut Turn<'_>, token: Token, former: &Name, id: Name, request: Join) {
        let leader_before = self.leader.clone().unwrap_or_default();
        let skip = if request.skip_assignment_supported { SkipAssignment::Yes } else { SkipAssignment::No };
        let Some(instance) = request.instance.clone() else { return };
        self.replace_static(turn, &instance, former, &id);
        self.extend_session(&id, turn.now, turn.timers);
        self.park(turn, token, &id, request);
        match self.state {
            GroupState::Stable if self.vote() == self.protocol => {
                // The assignment stands. The generation is recorded with the new member id.
                if let Some(member) = self.members.get_mut(&id) {
                    member.joining = None;
                }
                turn.effects.append(self.record().into_iter().collect());
                let mut response = self.joined(&id, skip);
                if skip == SkipAssignment::No {
                    // An old client that learned it leads would assign anew: it is told of its former self instead.
                    response.leader = leader_before;
                    response.members = Vec::new();
                }
                turn.effects.reply(token, Response::Join(response));
            }
            // The former self may be in the assignment that the leader is computing.
            GroupState::Stable | GroupState::CompletingRebalance => self.prepare_rebalance(turn),
            _ => self.rebalance_or_complete(turn),
        }
    }

    /// What a member is told of the generation; the leader gets all members.
    pub(super) fn joined(&self, name: &Name, skip: SkipAssignment) -> JoinResponse {
        let is_leader = self.is_leader(name);
        JoinResponse {
            refusal: None,
            generation: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol_name: self.protocol.clone(),
            leader: self.leader.clone().unwrap_or_default(),
            skip_assignment: is_leader && skip == SkipAssignment::Yes,
            member: name.clone(),
            members: if is_leader { self.joined_members() } else { Vec::new() },
        }
    }

    fn joined_members(&self) -> Vec<JoinedMember> {
        let metadata = |member: &Member| {
            self.protocol.as_ref().and_then(|protocol| member.metadata(protocol)).cloned().unwrap_or_default()
        };
        let members = self.members.iter().map(|(name, member)| JoinedMember {
            member: name.clone(),
            instance: member.instance.clone(),
            metadata: metadata(member),
        });
        members.collect()
    }
}

/// Whether a leader is told that the assignment stands (KIP-814).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SkipAssignment {
    Yes,
    No,
}

fn refuse(turn: &mut Turn<'_>, token: Token, member: &Name, refusal: Refusal) {
    turn.effects.reply(token, Response::Join(JoinResponse::refused(member, refusal)));
}
