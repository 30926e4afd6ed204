//! The state of a consumer group.

use crate::{FetchOffsets, GroupState, Name, OffsetCommit, Record, Refusal};

/// A group of the newer protocol.
#[derive(Debug, Default)]
pub(crate) struct ConsumerGroup {}

impl ConsumerGroup {
    pub(crate) fn state(&self) -> GroupState {
        GroupState::Empty
    }

    /// Whether a member reads this topic.
    pub(crate) fn is_subscribed_to(&self, _topic: &str) -> bool {
        false
    }

    /// Whether this commit may be made: the member is known and its epoch is right.
    pub(crate) fn check_commit(&self, _request: &OffsetCommit) -> Result<(), Refusal> {
        Ok(())
    }

    /// Whether this member may read positions.
    pub(crate) fn check_fetch(&self, _request: &FetchOffsets) -> Result<(), Refusal> {
        Ok(())
    }

    /// What removes the group.
    pub(crate) fn tombstones(&self, _group: &Name) -> Vec<Record> {
        Vec::new()
    }

    /// The group as records: replayed into an empty coordinator they give this state.
    pub(crate) fn records(&self, _group: &Name) -> Vec<Record> {
        Vec::new()
    }
}
