//! The group coordinator: consumer groups and their committed positions, pure.
//!
//! Place in the flow: a [`Coordinator`] is the state of one partition of `__consumer_offsets`. The node's shard that owns
//! the partition feeds it the partition's records ([`Coordinator::load`]), then clients' requests and time
//! ([`Coordinator::handle`]), and carries out the [`Effects`]: appends records to the partition, and sends replies when
//! everything that was appended before them is committed.
//!
//! ```text
//! partition of __consumer_offsets ──> load ─┐
//! request + token ──> handle ──> decide ────┴─> apply ──> Effect::Append ──> log ──> committed ─┐
//!                       └──────────────────────────────> Effect::Reply ─────────── waits for ───┴──> client
//! ```
//!
//! Main types: [`Coordinator`], [`Request`], [`Response`], [`Refusal`], [`Effect`], [`Record`], [`Topics`].
//!
//! The state has two halves. The durable one (positions, groups, members, assignments) is what the records say; [`Record`]s
//! are the same in live operation and at load. The volatile one (who waits in a join, when a session ends) is lost with the process, and
//! clients bring it back by asking again, as with Apache Kafka.
//!
//! Architecture invariant: no I/O, no clock, no randomness, no threads. Time, new member ids and the topics that exist
//! are arguments.
//!
//! Architecture invariant: an effect's reply may depend on records of effects before it, never on later ones.
#![forbid(unsafe_code)]

mod assignor;
mod classic;
mod config;
mod consumer;
mod coordinator;
mod effect;
mod group;
mod offsets;
mod partitions;
mod record;
mod refusal;
mod regex;
mod request;
mod response;
#[cfg(test)]
mod testing;
mod timers;
mod topics;

pub use config::{Config, Migration};
pub use consumer::{
    Change, ClassicMember, ConsumerHeartbeat, ConsumerHeartbeatResponse, ConsumerRecord, CurrentAssignment,
    DescribedConsumerGroup, DescribedConsumerMember, GroupEpoch, MemberMetadata, MemberState, ResolvedRegex,
    TargetEpoch,
};
pub use coordinator::Coordinator;
pub use effect::{Effect, Effects, Token};
pub use group::{GroupState, GroupType};
pub use partitions::{OwnedPartitions, Partitions};
pub use record::{
    ClassicGroupValue, ClassicMemberValue, EncodedRecord, OffsetKey, OffsetValue, Record, RecordError,
};
pub use refusal::Refusal;
pub use request::{
    Client, CommitOffset, DeleteOffsets, FetchOffsets, Heartbeat, Join, Leave, LeavingMember, ListGroups,
    OffsetCommit, Protocol, Request, Sync,
};
pub use response::{
    DescribedGroup, DescribedMember, FetchedOffset, FetchedTopic, JoinResponse, JoinedMember, LeftMember,
    ListedGroup, Response, Synced,
};
pub use topics::{GroupSettings, TopicFacts, Topics};

/// A group's, member's, topic's or protocol's name: shared, never changed.
pub type Name = std::sync::Arc<str>;

/// The partition of `__consumer_offsets` that a group belongs to: Java's `String.hashCode` over UTF-16, without its
/// sign bit, modulo the number of partitions, as every Kafka broker and tool computes it.
#[must_use]
pub fn partition_of(group: &str, partitions: i32) -> i32 {
    let hash =
        group.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    (hash & i32::MAX) % partitions.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_map_to_partitions_as_in_java() {
        // Java: Utils.abs("my-group".hashCode()) % 50, and so on.
        assert_eq!(partition_of("", 50), 0);
        assert_eq!(partition_of("a", 50), 97 % 50);
        assert_eq!(partition_of("console-consumer-1", 1), 0);
        // "polygenelubricants".hashCode() == Integer.MIN_VALUE, which has no absolute value.
        assert_eq!(partition_of("polygenelubricants", 50), 0);
    }
}
