//! LeaveGroup: members say goodbye, or an administrator removes static ones.

use super::group::ClassicGroup;
use crate::{
    Coordinator, Effects, Leave, LeavingMember, LeftMember, Refusal, Response, Token, Topics, consumer,
    coordinator::Turn, group::Group,
};
use ringlog_model::Now;

pub(crate) fn leave(
    coordinator: &mut Coordinator,
    now: Now,
    topics: &dyn Topics,
    token: Token,
    request: &Leave,
    effects: &mut Effects,
) {
    let refusal = if request.group.is_empty() { Refusal::InvalidGroupId } else { Refusal::UnknownMemberId };
    match coordinator.groups.get_mut(&request.group) {
        Some(Group::Classic(group)) => {
            let mut turn =
                Turn { now, config: &coordinator.config, timers: &mut coordinator.timers, effects };
            let left = group.leave(&mut turn, request);
            effects.reply(token, Response::Leave(Ok(left)));
        }
        Some(Group::Consumer(_)) => {
            let left = consumer::classic_leave(coordinator, now, topics, request, effects);
            effects.reply(token, Response::Leave(Ok(left)));
        }
        None => effects.reply(token, Response::Leave(Err(refusal))),
    }
}

impl ClassicGroup {
    fn leave(&mut self, turn: &mut Turn<'_>, request: &Leave) -> Vec<LeftMember> {
        let members_before = self.members.len();
        let mut left = Vec::with_capacity(request.members.len());
        for leaving in &request.members {
            let result = self.leave_one(turn, leaving);
            let LeavingMember { member, instance, .. } = leaving.clone();
            left.push(LeftMember { member, instance, result });
        }
        if self.members.len() < members_before {
            self.go_on(turn);
        } else {
            // Somebody for whom the others waited will not come.
            self.complete_if_all_joined(turn);
        }
        left
    }

    fn leave_one(&mut self, turn: &mut Turn<'_>, leaving: &LeavingMember) -> Result<(), Refusal> {
        let name = if leaving.member.is_empty() {
            let instance = leaving.instance.as_ref().ok_or(Refusal::UnknownMemberId)?;
            self.instances.get(instance).cloned().ok_or(Refusal::UnknownMemberId)?
        } else {
            if !self.pending.contains(&leaving.member) {
                self.check_member(&leaving.member, leaving.instance.as_ref())?;
            }
            leaving.member.clone()
        };
        self.remove(turn, &name);
        Ok(())
    }
}
