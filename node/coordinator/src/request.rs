//! What clients ask, owned, so that it can wait and cross shards.

use crate::{ConsumerHeartbeat, GroupState, GroupType, Name};
use bytes::Bytes;
use ringlog_model::{LeaderEpoch, Offset, TopicId, Uuid};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The client id of the request's header.
    pub id: Name,
    /// The address, as Kafka writes it: `/127.0.0.1`.
    pub host: Name,
}

/// One request about groups of one partition of `__consumer_offsets`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names of the APIs")]
pub enum Request {
    Join(Join),
    Sync(Sync),
    Heartbeat(Heartbeat),
    Leave(Leave),
    OffsetCommit(OffsetCommit),
    OffsetFetch(FetchOffsets),
    OffsetDelete(DeleteOffsets),
    /// All groups of the partition that pass the filters.
    ListGroups(ListGroups),
    /// One group, as a classic one.
    DescribeGroup {
        group: Name,
        version: i16,
    },
    DeleteGroup {
        group: Name,
    },
    ConsumerHeartbeat(ConsumerHeartbeat),
    DescribeConsumerGroup {
        group: Name,
    },
}

/// JoinGroup.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct Join {
    pub group: Name,
    pub client: Client,
    /// Empty: the member has none yet.
    pub member: Name,
    pub instance: Option<Name>,
    pub session_timeout_ms: i32,
    pub rebalance_timeout_ms: i32,
    pub protocol_type: Name,
    /// In the member's order of preference.
    pub protocols: Vec<Protocol>,
    pub reason: Option<Name>,
    /// Whether a new member must join a second time with the id it is given (KIP-394).
    pub member_id_required: bool,
    /// Whether the client understands that it may lead without assigning (KIP-814).
    pub skip_assignment_supported: bool,
    /// Makes a new member's id unique.
    pub fresh: Uuid,
}

/// A protocol (an assignor) that a member of a classic group supports.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct Protocol {
    pub name: Name,
    pub metadata: Bytes,
}

/// SyncGroup.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct Sync {
    pub group: Name,
    pub member: Name,
    pub instance: Option<Name>,
    pub generation: i32,
    pub protocol_type: Option<Name>,
    pub protocol_name: Option<Name>,
    /// From the leader: each member's part.
    pub assignments: Vec<(Name, Bytes)>,
}

/// Heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct Heartbeat {
    pub group: Name,
    pub member: Name,
    pub instance: Option<Name>,
    pub generation: i32,
}

/// LeaveGroup.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct Leave {
    pub group: Name,
    pub members: Vec<LeavingMember>,
}

/// One member that leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct LeavingMember {
    /// May be empty where `instance` is given.
    pub member: Name,
    pub instance: Option<Name>,
    pub reason: Option<Name>,
}

/// OffsetCommit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct OffsetCommit {
    pub group: Name,
    /// Empty: nobody's in particular (an administrator, a consumer that assigns by itself).
    pub member: Name,
    pub instance: Option<Name>,
    /// The generation or member epoch; negative: none.
    pub generation: i32,
    /// The version of the API, which decides how newer groups treat it.
    pub version: i16,
    /// From versions that had it: keep the positions so long from now.
    pub retention_ms: Option<i64>,
    pub offsets: Vec<CommitOffset>,
}

/// One position to commit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct CommitOffset {
    pub topic: Name,
    /// Zero where it is not known.
    pub topic_id: TopicId,
    pub partition: i32,
    pub offset: Offset,
    pub leader_epoch: Option<LeaderEpoch>,
    pub metadata: Name,
}

/// OffsetFetch of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct FetchOffsets {
    pub group: Name,
    /// With the member's epoch, for groups of the newer protocol.
    pub member: Option<Name>,
    pub member_epoch: i32,
    /// Topics with their ids (zero where not known) and partitions; none: all positions of the group.
    pub topics: Option<Vec<(Name, TopicId, Vec<i32>)>>,
}

/// OffsetDelete.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct DeleteOffsets {
    pub group: Name,
    pub partitions: Vec<(Name, i32)>,
}

/// ListGroups; an empty list lets everything pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the API")]
pub struct ListGroups {
    pub states: Vec<GroupState>,
    pub types: Vec<GroupType>,
}
