//! What can change of a consumer group: one variant per kind of record.

use super::member::{CurrentAssignment, MemberMetadata};
use crate::{Name, partitions::Partitions};
use ringlog_model::Timestamp;
use std::collections::BTreeSet;

/// A change of a consumer group. Without a value: what it names is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Type 3: the group's epoch.
    Epoch(Option<GroupEpoch>),
    /// Type 4: a record that Apache Kafka wrote up to 4.0. It is only ever removed.
    PartitionMetadata {
        /// Whether there is one now.
        exists: bool,
    },
    /// Type 5: a member.
    Member(Name, Option<MemberMetadata>),
    /// Type 6: the epoch of the target.
    TargetEpoch(Option<TargetEpoch>),
    /// Type 7: what a member shall have.
    Target(Name, Option<Partitions>),
    /// Type 8: what a member has.
    Current(Name, Option<CurrentAssignment>),
    /// Type 16: the topics that an expression stands for.
    Regex(Name, Option<ResolvedRegex>),
}

impl Change {
    /// Whether it only takes something away.
    pub(super) fn is_removal(&self) -> bool {
        matches!(
            self,
            Change::Epoch(None)
                | Change::PartitionMetadata { exists: false }
                | Change::Member(_, None)
                | Change::TargetEpoch(None)
                | Change::Target(_, None)
                | Change::Current(_, None)
                | Change::Regex(_, None)
        )
    }
}

/// A group's epoch and the topics it is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of Kafka's record")]
pub struct GroupEpoch {
    pub epoch: i32,
    /// Of the subscribed topics' ids, names and partition counts (KIP-1101); zero if none exists.
    pub metadata_hash: i64,
}

/// The epoch of a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of Kafka's record")]
pub struct TargetEpoch {
    pub epoch: i32,
    /// When it was computed (KIP-1263); zero: never.
    pub made_at: Timestamp,
}

/// The topics that an expression stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResolvedRegex {
    /// Names that match it.
    pub topics: BTreeSet<Name>,
    /// The version of the topics it was resolved against.
    pub version: i64,
    /// When.
    pub resolved_at: Timestamp,
}
