//! Leaders change who is in sync (KIP-497).

use crate::nodes::registered;
use crate::{Decision, Refusal};
use alloc::{format, string::ToString, vec, vec::Vec};
use ringlog_image::{Image, MetadataRecord, PartitionState};
use ringlog_model::{LeaderEpoch, NodeId, PartitionId, Uuid};

/// What a leader wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InSyncChange {
    /// The node that leads.
    pub node: NodeId,
    /// Its life.
    pub incarnation: Uuid,
    /// The partition.
    pub partition: PartitionId,
    /// The leadership it believes in.
    pub leader_epoch: LeaderEpoch,
    /// The state it has seen.
    pub partition_epoch: i32,
    /// Who shall be in sync.
    pub in_sync: Vec<NodeId>,
}

/// Changes the in-sync set of one partition; the reply is the state from then on.
///
/// # Errors
/// [`Refusal::StaleNode`], [`Refusal::UnknownPartition`], [`Refusal::FencedLeaderEpoch`],
/// [`Refusal::InvalidUpdateVersion`], [`Refusal::IneligibleReplica`], [`Refusal::InvalidRequest`].
pub fn change_in_sync(image: &Image, request: &InSyncChange) -> Result<Decision<PartitionState>, Refusal> {
    registered(image, request.node, request.incarnation)?;
    let id = request.partition;
    let old = image.partition(id).ok_or(Refusal::UnknownPartition(id))?;
    if old.leader != Some(request.node) || old.leader_epoch != request.leader_epoch {
        return Err(Refusal::FencedLeaderEpoch { partition: id, current: old.leader_epoch });
    }
    if old.partition_epoch != request.partition_epoch {
        return Err(Refusal::InvalidUpdateVersion { partition: id, current: old.partition_epoch });
    }
    check_members(image, request, old)?;
    // Kept in the order of the replicas, so that equal sets are equal lists.
    let isr: Vec<NodeId> =
        old.replicas.iter().copied().filter(|node| request.in_sync.contains(node)).collect();
    if isr == old.isr {
        return Ok(Decision { records: vec![], reply: old.clone() });
    }
    let state = PartitionState { isr, partition_epoch: old.partition_epoch + 1, ..old.clone() };
    let records = vec![MetadataRecord::Partition { partition: id, state: state.clone() }];
    Ok(Decision { records, reply: state })
}

fn check_members(image: &Image, request: &InSyncChange, old: &PartitionState) -> Result<(), Refusal> {
    if !request.in_sync.contains(&request.node) {
        return Err(Refusal::InvalidRequest("a leader is in sync with itself".to_string()));
    }
    for (at, node) in request.in_sync.iter().enumerate() {
        if !old.is_replica(*node) {
            return Err(Refusal::InvalidRequest(format!("node {node} holds no replica")));
        }
        if request.in_sync[..at].contains(node) {
            return Err(Refusal::InvalidRequest(format!("node {node} is there twice")));
        }
        if !old.is_in_sync(*node) && !image.node(*node).is_some_and(|node| node.is_alive()) {
            return Err(Refusal::IneligibleReplica(*node));
        }
    }
    Ok(())
}
