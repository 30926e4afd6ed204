//! What clients are told.

use crate::{ConsumerHeartbeatResponse, DescribedConsumerGroup, GroupState, GroupType, Name, Refusal};
use bytes::Bytes;
use ringlog_model::{LeaderEpoch, Offset, TopicId};

/// The answer to the request of the same name.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names of the APIs")]
pub enum Response {
    Join(JoinResponse),
    Sync(Result<Synced, Refusal>),
    Heartbeat(Result<(), Refusal>),
    Leave(Result<Vec<LeftMember>, Refusal>),
    /// One result per position of the request, in its order.
    OffsetCommit(Vec<Result<(), Refusal>>),
    OffsetFetch(Result<Vec<FetchedTopic>, Refusal>),
    /// One result per partition of the request, in its order.
    OffsetDelete(Result<Vec<Result<(), Refusal>>, Refusal>),
    ListGroups(Vec<ListedGroup>),
    DescribeGroup(Result<DescribedGroup, Refusal>),
    DeleteGroup(Result<(), Refusal>),
    ConsumerHeartbeat(Result<ConsumerHeartbeatResponse, Refusal>),
    DescribeConsumerGroup(Result<DescribedConsumerGroup, Refusal>),
}

/// What a join led to. A refusal may come with a member id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct JoinResponse {
    pub refusal: Option<Refusal>,
    pub generation: i32,
    pub protocol_type: Option<Name>,
    pub protocol_name: Option<Name>,
    pub leader: Name,
    /// The member leads, but the assignment stands (KIP-814).
    pub skip_assignment: bool,
    pub member: Name,
    /// For the leader: all members.
    pub members: Vec<JoinedMember>,
}

impl JoinResponse {
    /// A refused join.
    #[must_use]
    pub fn refused(member: &Name, refusal: Refusal) -> JoinResponse {
        JoinResponse {
            refusal: Some(refusal),
            generation: -1,
            protocol_type: None,
            protocol_name: None,
            leader: Name::from(""),
            skip_assignment: false,
            member: member.clone(),
            members: Vec::new(),
        }
    }
}

/// A member, as the leader is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct JoinedMember {
    pub member: Name,
    pub instance: Option<Name>,
    pub metadata: Bytes,
}

/// A member's part of the assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct Synced {
    pub protocol_type: Option<Name>,
    pub protocol_name: Option<Name>,
    pub assignment: Bytes,
}

/// What became of a member that wanted to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct LeftMember {
    pub member: Name,
    pub instance: Option<Name>,
    pub result: Result<(), Refusal>,
}

/// Positions in a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct FetchedTopic {
    pub topic: Name,
    pub topic_id: TopicId,
    pub partitions: Vec<FetchedOffset>,
}

/// A position; a negative offset says that there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct FetchedOffset {
    pub partition: i32,
    pub offset: Offset,
    pub leader_epoch: Option<LeaderEpoch>,
    pub metadata: Name,
}

/// A group in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct ListedGroup {
    pub group: Name,
    pub protocol_type: Name,
    pub state: GroupState,
    pub group_type: GroupType,
}

/// A classic group with its members.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct DescribedGroup {
    pub state: GroupState,
    pub protocol_type: Name,
    /// The chosen protocol; empty unless the group is stable.
    pub protocol_name: Name,
    pub members: Vec<DescribedMember>,
}

/// A member of a classic group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct DescribedMember {
    pub member: Name,
    pub instance: Option<Name>,
    pub client_id: Name,
    pub client_host: Name,
    pub metadata: Bytes,
    pub assignment: Bytes,
}
