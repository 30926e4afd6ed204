//! One member's way to its target, one heartbeat at a time.
//!
//! ```text
//!            target leaves out something assigned                 member no longer owns it
//!  STABLE ───────────────────────────────────────> UNREVOKED ───────────────┐
//!    ^  │                                          (old epoch)              │
//!    │  └── target has something new ──────┐                                v
//!    │                                     v           not all of it is free
//!    ├────────────── all of it is free ── (target's epoch) ──────────> UNRELEASED
//!    └──────────────────────────────────────── all of it is free ──────────┘
//! ```
//!
//! A partition is handed out only while nobody else holds it, and a member holds what it must give up until it says that it has. So no
//! partition is ever at two members, however slow one of them is.

use super::member::{CurrentAssignment, MemberState};
use crate::{
    Refusal,
    partitions::{OwnedPartitions, Partitions},
};
use ringlog_model::{PartitionIndex, TopicId};

/// Where a member shall go.
pub(crate) struct Goal<'a> {
    /// The target's epoch.
    pub(crate) epoch: i32,
    pub(crate) target: &'a Partitions,
    /// What the member says it owns; none: it did not say.
    pub(crate) reported: Option<&'a Partitions>,
    /// Whether the target may leave out partitions that the member has in the same epoch, because it no longer subscribes to their topic
    /// and the next target is still to come.
    pub(crate) is_narrowed: bool,
}

/// The next assignment on the way. `is_free` says whether no other member holds a partition.
///
/// # Errors
/// The member is in a state that this program does not know, and has not started over.
pub(crate) fn reconcile(
    current: &CurrentAssignment,
    goal: &Goal<'_>,
    is_free: impl Fn(TopicId, PartitionIndex) -> bool,
) -> Result<CurrentAssignment, Refusal> {
    match current.state {
        MemberState::Stable if current.epoch == goal.epoch && !lost_topics(current, goal) => {
            Ok(current.clone())
        }
        MemberState::UnrevokedPartitions if still_owns(goal, &current.revoking) => Ok(narrow(current, goal)),
        MemberState::Unknown if goal.reported.is_none_or(|reported| !reported.is_empty()) => {
            Err(Refusal::FencedMemberEpoch)
        }
        _ => Ok(advance(current, goal, is_free)),
    }
}

fn lost_topics(current: &CurrentAssignment, goal: &Goal<'_>) -> bool {
    goal.is_narrowed && current.assigned.iter().any(|(topic, index, _)| !goal.target.contains(topic, index))
}

/// Whether the member may still own some of `partitions`. One that does not say owns what it had.
fn still_owns(goal: &Goal<'_>, partitions: &OwnedPartitions) -> bool {
    match goal.reported {
        None => true,
        Some(reported) => reported.iter().any(|(topic, index)| partitions.contains(topic, index)),
    }
}

/// A member that is still giving up partitions gives up more of them.
fn narrow(current: &CurrentAssignment, goal: &Goal<'_>) -> CurrentAssignment {
    if !lost_topics(current, goal) {
        return current.clone();
    }
    let (assigned, lost) = current.assigned.split(|topic, index| goal.target.contains(topic, index));
    let revoking = current.revoking.iter().chain(lost.iter()).collect();
    CurrentAssignment { assigned, revoking, ..current.clone() }
}

fn advance(
    current: &CurrentAssignment,
    goal: &Goal<'_>,
    is_free: impl Fn(TopicId, PartitionIndex) -> bool,
) -> CurrentAssignment {
    let (mut assigned, lost) = current.assigned.split(|topic, index| goal.target.contains(topic, index));
    if !lost.is_empty() && still_owns(goal, &lost) {
        let state = MemberState::UnrevokedPartitions;
        return CurrentAssignment { state, assigned, revoking: lost, ..current.clone() };
    }
    let mut state = MemberState::Stable;
    for (topic, index) in goal.target.iter() {
        if assigned.contains(topic, index) {
            continue;
        }
        if is_free(topic, index) {
            assigned.insert(topic, index, goal.epoch);
        } else {
            state = MemberState::UnreleasedPartitions;
        }
    }
    let previous_epoch = if current.epoch == goal.epoch { current.previous_epoch } else { current.epoch };
    CurrentAssignment {
        epoch: goal.epoch,
        previous_epoch,
        state,
        assigned,
        revoking: OwnedPartitions::default(),
    }
}
