//! Who leads a partition after something happened to a node.

use crate::{Decision, Refusal};
use alloc::{vec, vec::Vec};
use ringlog_image::{Image, MetadataRecord, PartitionState};
use ringlog_model::{NodeId, PartitionId, PartitionIndex};

/// What happened to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NodeChange {
    /// It may not lead any more.
    Lost,
    /// It is back in the same life.
    Back,
    /// Another life of it began on the same disks.
    Restarted,
    /// Another life of it began on other disks: what it held in sync is gone.
    Replaced,
}

/// The records that follow from `change` for every partition `node` holds. `image` is as before the change.
pub(crate) fn elect_after(image: &Image, node: NodeId, change: NodeChange) -> Vec<MetadataRecord> {
    let alive = |other: NodeId| {
        if other == node {
            change != NodeChange::Lost
        } else {
            image.node(other).is_some_and(|other| other.is_alive())
        }
    };
    let mut records = Vec::new();
    for topic in image.topics() {
        for (id, partition) in topic.partitions() {
            if partition.is_replica(node) {
                records.extend(changed(id, partition, node, change, &alive));
            }
        }
    }
    records
}

/// What an election asked for by an operator is to bring about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Election {
    /// The first replica leads.
    Preferred,
    /// Somebody leads where nobody does. Only who is in sync: electing anybody else would lose records that were
    /// acknowledged.
    Any,
}

/// Elects a partition's leader anew (KIP-460).
///
/// # Errors
/// [`Refusal::UnknownTopic`], [`Refusal::ElectionNotNeeded`], [`Refusal::PreferredLeaderNotAvailable`],
/// [`Refusal::EligibleLeadersNotAvailable`].
pub fn elect_leader(
    image: &Image,
    topic: &str,
    index: PartitionIndex,
    election: Election,
) -> Result<Decision<()>, Refusal> {
    let unknown = || Refusal::UnknownTopic(topic.into());
    let topic = image.topic_by_name(topic).ok_or_else(unknown)?;
    let old = topic.partition(index).ok_or_else(unknown)?;
    let able = |node: &NodeId| old.is_in_sync(*node) && image.node(*node).is_some_and(|node| node.is_alive());
    let preferred = old.replicas.first().copied();
    let leader = match election {
        Election::Preferred if old.leader == preferred => return Err(Refusal::ElectionNotNeeded),
        Election::Any if old.leader.is_some() => return Err(Refusal::ElectionNotNeeded),
        Election::Preferred => preferred.filter(able).ok_or(Refusal::PreferredLeaderNotAvailable)?,
        Election::Any => {
            let eligible = old.replicas.iter().copied().find(able);
            eligible.ok_or(Refusal::EligibleLeadersNotAvailable)?
        }
    };
    let state = PartitionState {
        leader: Some(leader),
        leader_epoch: old.leader_epoch.next(),
        partition_epoch: old.partition_epoch + 1,
        ..old.clone()
    };
    let partition = PartitionId { topic: topic.id, index };
    Ok(Decision { records: vec![MetadataRecord::Partition { partition, state }], reply: () })
}

fn changed(
    id: PartitionId,
    old: &PartitionState,
    node: NodeId,
    change: NodeChange,
    alive: &dyn Fn(NodeId) -> bool,
) -> Option<MetadataRecord> {
    let mut new = old.clone();
    let leaves = matches!(change, NodeChange::Lost | NodeChange::Replaced);
    // The last one in sync stays in: nobody else has the data, and it may come back.
    if leaves && old.is_in_sync(node) && old.isr.len() > 1 {
        new.isr.retain(|other| *other != node);
    }
    let leader = elect(&new, old.leader, alive);
    // A leader that restarts begins a new leadership although it is the same node: what it had accepted but not made
    // durable is gone, and its clients must notice.
    let restarts = change != NodeChange::Back && old.leader == Some(node);
    if leader != old.leader || restarts {
        new.leader = leader;
        new.leader_epoch = old.leader_epoch.next();
    }
    if new == *old {
        return None;
    }
    new.partition_epoch = old.partition_epoch + 1;
    Some(MetadataRecord::Partition { partition: id, state: new })
}

/// The leader stays if it can; else the first replica that is alive and in sync. Nobody else: electing a node that is
/// not in sync would lose records that were acknowledged.
fn elect(state: &PartitionState, leader: Option<NodeId>, alive: &dyn Fn(NodeId) -> bool) -> Option<NodeId> {
    let able = |node: &NodeId| alive(*node) && state.is_in_sync(*node);
    leader.filter(able).or_else(|| state.replicas.iter().copied().find(able))
}
