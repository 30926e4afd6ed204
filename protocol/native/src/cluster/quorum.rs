//! What is known of the quorum of controllers, for those who look after it.

use rkyv::{Archive, Deserialize, Serialize};

/// Ask the controller that leads what it knows of the others, and of those who follow.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct DescribeQuorumV1 {
    /// The node that asks.
    pub node: i32,
}

/// What the leader knows.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct DescribeQuorumReplyV1 {
    /// The leader.
    pub leader: u64,
    /// The term it leads in.
    pub term: u64,
    /// One past the last committed entry of the log.
    pub committed_end: u64,
    /// The voters, the leader among them, by their ids.
    pub voters: Vec<QuorumMemberV1>,
    /// The nodes that follow, by their ids.
    pub nodes: Vec<QuorumMemberV1>,
}

/// How far somebody has come.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct QuorumMemberV1 {
    /// Its id: of a controller or of a node.
    pub id: u64,
    /// Where it is reached; empty for nodes.
    pub address: String,
    /// One past the last entry that it is known to have.
    pub end: Option<u64>,
    /// When it was last heard of: milliseconds since 1970 by the leader's clock.
    pub heard_at_ms: Option<i64>,
    /// When it was last known to have everything, by the same clock.
    pub caught_up_at_ms: Option<i64>,
}
