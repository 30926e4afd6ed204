//! The bodies of the cluster listener: nodes and controllers among themselves.
//!
//! Each body is an `rkyv` archive of a frozen type, told apart by operation and schema in the frame's header. A type here
//! never changes once it is released: rkyv reads a changed struct without complaint, so a new field means a new type
//! (`FooV2`) with a schema number of its own, and the old one stays as long as a member of the previous release may speak it.
//!
//! Every body is checked (bytecheck) before it is looked at; what it holds is bounded by the frame's length, which the
//! listener bounds by [`CLUSTER_BODY_BYTES_MAX`].
//!
//! Architecture invariant: these bytes are never stored on disk and never accepted on a client listener.

mod admin;
mod alter;
mod membership;
mod quorum;
mod raft;
mod refusal;
mod schema;

pub use admin::{
    AllocateProducerIdsReplyV1, AllocateProducerIdsV1, AlterPartitionReplyV1, AlterPartitionV1,
    AlteredPartitionV1, ConfigEntryV1, CreateTopicsReplyV1, CreateTopicsV1, CreatedTopicV1,
    DeleteTopicsReplyV1, DeleteTopicsV1, DeletedTopicV1, ManualAssignmentV1, NewTopicV1, PartitionChangeV1,
    TopicReferenceV1,
};
pub use alter::{
    AlterConfigsReplyV1, AlterConfigsV1, AlterResourceV1, ConfigChangeV1, ConfigOperationV1,
    CreatePartitionsReplyV1, CreatePartitionsV1, ElectLeadersReplyV1, ElectLeadersV1, ElectedV1,
    ForgetNodeReplyV1, ForgetNodeV1, GrowTopicV1, ResourceKindV1,
};
pub use membership::{
    HeartbeatReplyV1, HeartbeatV1, ImageDeltaV1, ImagePartV1, ListenerV1, RegisterNodeReplyV1,
    RegisterNodeV1, UnregisterNodeReplyV1, UnregisterNodeV1,
};
pub use quorum::{DescribeQuorumReplyV1, DescribeQuorumV1, QuorumMemberV1};
pub use raft::{RaftReplyV1, RaftRequestV1, RaftRpcV1, RaftSnapshotPartV1};
pub use refusal::{RefusalKind, RefusalV1, UnknownRefusal};
pub use schema::{BodyError, ClusterBody, Schema, UnknownSchema, body, frame};

/// The longest body that a cluster listener reads. Images and snapshots longer than that travel in parts.
pub const CLUSTER_BODY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The most bytes of records in one part of an image, a delta or a snapshot.
pub const PART_BYTES_MAX: usize = 1024 * 1024;

#[cfg(test)]
mod tests;
