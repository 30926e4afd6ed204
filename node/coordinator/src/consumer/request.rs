//! What members of consumer groups ask and are told.

use crate::{Client, GroupState, Name};
use ringlog_model::{TopicId, Uuid};

/// ConsumerGroupHeartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct ConsumerHeartbeat {
    pub group: Name,
    pub client: Client,
    /// Empty up to version 0: the broker names the member.
    pub member: Name,
    pub member_epoch: i32,
    pub instance: Option<Name>,
    pub rack: Option<Name>,
    pub rebalance_timeout_ms: i32,
    pub subscribed_names: Option<Vec<Name>>,
    pub subscribed_regex: Option<Name>,
    pub assignor: Option<Name>,
    /// What the member has; none: as before.
    pub owned: Option<Vec<(TopicId, Vec<i32>)>>,
    pub version: i16,
    /// A new member's id, where the broker gives it.
    pub fresh: Uuid,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct ConsumerHeartbeatResponse {
    pub member: Name,
    pub member_epoch: i32,
    pub heartbeat_interval_ms: i32,
    /// What the member shall have; none: as before.
    pub assignment: Option<Vec<(TopicId, Vec<i32>)>>,
}

/// A consumer group with its members.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct DescribedConsumerGroup {
    pub state: GroupState,
    pub group_epoch: i32,
    pub assignment_epoch: i32,
    pub assignor: Name,
    pub members: Vec<DescribedConsumerMember>,
}

/// A member of a consumer group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct DescribedConsumerMember {
    pub member: Name,
    pub instance: Option<Name>,
    pub rack: Option<Name>,
    pub member_epoch: i32,
    pub client_id: Name,
    pub client_host: Name,
    pub subscribed_names: Vec<Name>,
    pub subscribed_regex: Option<Name>,
    /// Topics with ids, names and partitions.
    pub assignment: Vec<(TopicId, Name, Vec<i32>)>,
    pub target: Vec<(TopicId, Name, Vec<i32>)>,
    /// Whether it speaks the classic protocol (KIP-1099).
    pub is_classic: bool,
}
