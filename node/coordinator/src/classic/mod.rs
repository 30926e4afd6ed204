//! Groups whose members assign among themselves (JoinGroup, SyncGroup).

mod group;
mod member;
mod subscription;

pub(crate) use group::ClassicGroup;

use crate::{
    Coordinator, DescribedGroup, Effects, Heartbeat, Join, JoinResponse, Leave, Name, Refusal, Response,
    Sync, Token, Topics, coordinator::Turn, timers::Timer,
};
use ringlog_model::Now;

pub(crate) fn join(
    _coordinator: &mut Coordinator,
    _now: Now,
    _topics: &dyn Topics,
    token: Token,
    request: Join,
    effects: &mut Effects,
) {
    effects.reply(token, Response::Join(JoinResponse::refused(&request.member, Refusal::UnknownMemberId)));
}

pub(crate) fn sync(
    _coordinator: &mut Coordinator,
    _now: Now,
    token: Token,
    _request: &Sync,
    effects: &mut Effects,
) {
    effects.reply(token, Response::Sync(Err(Refusal::UnknownMemberId)));
}

pub(crate) fn leave(
    _coordinator: &mut Coordinator,
    _now: Now,
    _topics: &dyn Topics,
    token: Token,
    _request: &Leave,
    effects: &mut Effects,
) {
    effects.reply(token, Response::Leave(Err(Refusal::UnknownMemberId)));
}

pub(crate) fn heartbeat(
    _coordinator: &mut Coordinator,
    _now: Now,
    _request: &Heartbeat,
) -> Result<(), Refusal> {
    Err(Refusal::UnknownMemberId)
}

pub(crate) fn describe(
    _coordinator: &Coordinator,
    _group: &Name,
    _version: i16,
) -> Result<DescribedGroup, Refusal> {
    Err(Refusal::GroupIdNotFound)
}

impl ClassicGroup {
    pub(crate) fn timed_out(&mut self, _turn: &mut Turn<'_>, _timer: &Timer) {}
}
