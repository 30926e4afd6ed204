//! Producer ids are given to nodes in blocks, so that a client that wants one need not wait for a commit.

use crate::nodes::registered;
use crate::{Decision, Refusal};
use alloc::{string::ToString, vec};
use ringlog_image::{Image, MetadataRecord};
use ringlog_model::{NodeId, ProducerId, Uuid};

/// How many ids a block has; Kafka's number. What a node does not use of its block before it stops is lost.
pub const PRODUCER_ID_BLOCK: i32 = 1000;

/// The ids `first .. first + count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerIdBlock {
    /// The first of them.
    pub first: ProducerId,
    /// How many.
    pub count: i32,
}

/// Gives the next block to a node.
///
/// # Errors
/// [`Refusal::StaleNode`]; [`Refusal::LimitReached`] once 2^63 ids are given away.
pub fn allocate_producer_ids(
    image: &Image,
    node: NodeId,
    incarnation: Uuid,
) -> Result<Decision<ProducerIdBlock>, Refusal> {
    registered(image, node, incarnation)?;
    let first = image.next_producer_id();
    let next = first
        .0
        .checked_add(i64::from(PRODUCER_ID_BLOCK))
        .ok_or_else(|| Refusal::LimitReached("there are no more producer ids".to_string()))?;
    let records = vec![MetadataRecord::ProducerIdsAllocated { next: ProducerId(next), node }];
    Ok(Decision { records, reply: ProducerIdBlock { first, count: PRODUCER_ID_BLOCK } })
}
