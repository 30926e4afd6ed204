//! Which nodes hold which partition.

use crate::Refusal;
use alloc::{format, string::ToString, vec::Vec};
use core::ops::Range;
use ringlog_image::Image;
use ringlog_model::{NodeId, TopicId};

/// Spreads leaders, and for each leader its followers, evenly over the nodes that are alive. The topic's identifier,
/// which is random, decides where to begin, so that topics with one partition are spread as well. Partitions that are
/// added later go where they would have gone at once.
///
/// # Errors
/// [`Refusal::InvalidReplicationFactor`] if there are fewer nodes than replicas.
pub(crate) fn place(
    image: &Image,
    topic: TopicId,
    partitions: Range<usize>,
    replicas: usize,
) -> Result<Vec<Vec<NodeId>>, Refusal> {
    let nodes: Vec<NodeId> = image.alive_nodes().map(|node| node.id).collect();
    let count = nodes.len();
    if count < replicas {
        let reason = if count == 0 && image.nodes().next().is_some() {
            "All brokers are currently fenced.".to_string()
        } else {
            format!(
                "The target replication factor of {replicas} cannot be reached because only {count} broker(s) are \
                 registered."
            )
        };
        return Err(Refusal::InvalidReplicationFactor(format!(
            "Unable to replicate the partition {replicas} time(s): {reason}"
        )));
    }
    let begin =
        topic.0.0.iter().fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    Ok(partitions.map(|partition| replicas_of(&nodes, begin, partition, replicas)).collect())
}

/// With nodes a b c d and two replicas: ab bc cd da, then with the followers one further: ac bd ca db, and so on.
fn replicas_of(nodes: &[NodeId], begin: usize, partition: usize, replicas: usize) -> Vec<NodeId> {
    let count = nodes.len();
    let leader = (begin % count + partition) % count;
    let others = count - 1;
    let shift = if others == 0 { 0 } else { (partition / count) % others };
    let follower = |nth: usize| nodes[(leader + 1 + (shift + nth) % others) % count];
    core::iter::once(nodes[leader]).chain((0..replicas - 1).map(follower)).collect()
}
