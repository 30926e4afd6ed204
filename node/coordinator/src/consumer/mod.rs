//! Groups whose assignment the broker makes (KIP-848).

mod group;
mod record;
mod request;

pub(crate) use group::ConsumerGroup;
pub use record::ConsumerRecord;
pub use request::{
    ConsumerHeartbeat, ConsumerHeartbeatResponse, DescribedConsumerGroup, DescribedConsumerMember,
};

use crate::{
    Coordinator, Effects, Heartbeat, Join, Leave, Name, OffsetCommit, Refusal, Request, Response, Sync,
    Token, Topics, coordinator::Decision,
};
use ringlog_model::Now;

/// The durable half: what a record changes. Live operation and load come through here.
pub(crate) fn apply(_coordinator: &mut Coordinator, _record: &ConsumerRecord) {}

/// The volatile half after a load: sessions of all members begin.
pub(crate) fn loaded(_coordinator: &mut Coordinator, _now: Now) {}

/// ConsumerGroupHeartbeat.
pub(crate) fn heartbeat(
    _coordinator: &mut Coordinator,
    _now: Now,
    _topics: &dyn Topics,
    _request: &ConsumerHeartbeat,
) -> Result<Decision<ConsumerHeartbeatResponse>, Refusal> {
    Err(Refusal::UnsupportedVersion)
}

/// ConsumerGroupDescribe of one group.
pub(crate) fn describe(
    _coordinator: &Coordinator,
    _topics: &dyn Topics,
    _group: &Name,
) -> Result<DescribedConsumerGroup, Refusal> {
    Err(Refusal::GroupIdNotFound)
}

/// A session ended, or a member did not give up partitions in time.
pub(crate) fn timed_out(
    _coordinator: &mut Coordinator,
    _now: Now,
    _topics: &dyn Topics,
    _timer: &crate::timers::Timer,
    _effects: &mut Effects,
) {
}

/// The topics changed: groups that are subscribed to them are assigned anew at their next heartbeats.
pub(crate) fn topics_changed(
    _coordinator: &mut Coordinator,
    _now: Now,
    _topics: &dyn Topics,
    _effects: &mut Effects,
) {
}

/// Requests of the classic protocol to a consumer group: members that are being upgraded. Replies through `effects`.
pub(crate) fn classic_join(
    _coordinator: &mut Coordinator,
    _now: Now,
    _topics: &dyn Topics,
    token: Token,
    request: &Join,
    effects: &mut Effects,
) {
    let refused = crate::JoinResponse::refused(&request.member, Refusal::InconsistentGroupProtocol);
    effects.reply(token, Response::Join(refused));
}

pub(crate) fn classic_sync(
    _coordinator: &mut Coordinator,
    _now: Now,
    token: Token,
    _request: &Sync,
    effects: &mut Effects,
) {
    effects.reply(token, Response::Sync(Err(Refusal::UnknownMemberId)));
}

pub(crate) fn classic_heartbeat(
    _coordinator: &mut Coordinator,
    _now: Now,
    _request: &Heartbeat,
) -> Result<(), Refusal> {
    Err(Refusal::UnknownMemberId)
}

pub(crate) fn classic_leave(
    _coordinator: &mut Coordinator,
    _now: Now,
    _topics: &dyn Topics,
    token: Token,
    _request: &Leave,
    effects: &mut Effects,
) {
    effects.reply(token, Response::Leave(Err(Refusal::UnknownMemberId)));
}

/// A join of a member of the newer protocol's client to a classic group, or of a consumer member to one: whether the
/// classic group `request` names may become a consumer group is decided in `heartbeat`. Nothing to do here yet.
#[allow(dead_code, reason = "documents where conversion belongs")]
fn conversion(_request: &Request, _commit: &OffsetCommit) {}
