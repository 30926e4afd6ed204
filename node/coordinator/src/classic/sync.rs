//! SyncGroup.

use super::group::ClassicGroup;
use crate::{
    Coordinator, Effects, GroupState, Name, Refusal, Response, Sync, Synced, Token, Topics, consumer,
    coordinator::Turn, group::Group, timers::Timer,
};
use bytes::Bytes;
use ringlog_model::Now;
use std::collections::BTreeMap;

pub(crate) fn sync(
    coordinator: &mut Coordinator,
    now: Now,
    topics: &dyn Topics,
    token: Token,
    request: &Sync,
    effects: &mut Effects,
) {
    let refusal = if request.group.is_empty() { Refusal::InvalidGroupId } else { Refusal::UnknownMemberId };
    match coordinator.groups.get_mut(&request.group) {
        Some(Group::Classic(group)) => {
            let mut turn =
                Turn { now, config: &coordinator.config, timers: &mut coordinator.timers, effects };
            group.sync(&mut turn, token, request);
        }
        Some(Group::Consumer(_)) => {
            let synced = consumer::classic_sync(coordinator, now, topics, request);
            effects.reply(token, Response::Sync(synced));
        }
        None => effects.reply(token, Response::Sync(Err(refusal))),
    }
}

impl ClassicGroup {
    fn sync(&mut self, turn: &mut Turn<'_>, token: Token, request: &Sync) {
        if let Err(refusal) = self.check_sync(request) {
            return turn.effects.reply(token, Response::Sync(Err(refusal)));
        }
        let name = &request.member;
        self.unsynced.remove(name);
        if self.unsynced.is_empty() {
            turn.timers.cancel(&Timer::Sync(self.name.clone()));
        }
        if self.state == GroupState::Stable {
            self.extend_session(name, turn.now, turn.timers);
            let synced = self.synced(self.members[name].assignment.clone());
            return turn.effects.reply(token, Response::Sync(Ok(synced)));
        }
        if let Some(member) = self.members.get_mut(name)
            && let Some(overtaken) = member.syncing.replace(token)
        {
            turn.effects.reply(overtaken, Response::Sync(Err(Refusal::RebalanceInProgress)));
        }
        if self.is_leader(name) {
            self.assign(turn, request);
        }
    }

    fn check_sync(&self, request: &Sync) -> Result<(), Refusal> {
        self.check_member(&request.member, request.instance.as_ref())?;
        if request.generation != self.generation {
            return Err(Refusal::IllegalGeneration);
        }
        let differs =
            |said: &Option<Name>, is: &Option<Name>| said.is_some() && said.as_deref() != is.as_deref();
        if differs(&request.protocol_type, &self.protocol_type)
            || differs(&request.protocol_name, &self.protocol)
        {
            return Err(Refusal::InconsistentGroupProtocol);
        }
        match self.state {
            GroupState::CompletingRebalance | GroupState::Stable => Ok(()),
            GroupState::PreparingRebalance => Err(Refusal::RebalanceInProgress),
            _ => Err(Refusal::UnknownMemberId),
        }
    }

    /// The leader has assigned: the generation is finished and recorded, and whoever waits is told.
    fn assign(&mut self, turn: &mut Turn<'_>, request: &Sync) {
        let mut assignments: BTreeMap<&Name, &Bytes> =
            request.assignments.iter().map(|(name, assignment)| (name, assignment)).collect();
        for (name, member) in &mut self.members {
            member.assignment = assignments.remove(name).cloned().unwrap_or_default();
        }
        self.enter(GroupState::Stable, turn.now);
        turn.effects.append(self.record().into_iter().collect());
        let waiting = self.members.iter_mut().filter_map(|(name, member)| {
            let token = member.syncing.take()?;
            Some((name.clone(), token, member.assignment.clone()))
        });
        for (name, token, assignment) in waiting.collect::<Vec<_>>() {
            self.extend_session(&name, turn.now, turn.timers);
            turn.effects.reply(token, Response::Sync(Ok(self.synced(assignment))));
        }
    }

    fn synced(&self, assignment: Bytes) -> Synced {
        Synced { protocol_type: self.protocol_type.clone(), protocol_name: self.protocol.clone(), assignment }
    }
}
