//! Topics get more partitions (KIP-195).

use crate::placement::place;
use crate::topics::{PARTITIONS_PER_TOPIC_MAX, check_replicas, new_partition};
use crate::{Decision, Refusal};
use alloc::{format, string::String, vec::Vec};
use ringlog_image::{Image, TopicImage};
use ringlog_model::{NodeId, PartitionId, PartitionIndex};

/// Where groups keep their offsets, each in the partition that the hash of its name says.
const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// More partitions for a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// The topic's name.
    pub topic: String,
    /// How many partitions it has afterwards.
    pub count: i32,
    /// Who holds each new partition; `None` to have them placed.
    pub assignments: Option<Vec<Vec<NodeId>>>,
}

/// Adds partitions behind those a topic has. What was written before stays where it is; keys may map to other
/// partitions from then on.
///
/// # Errors
/// As Kafka's: [`Refusal::UnknownTopic`], [`Refusal::InvalidPartitions`], [`Refusal::InvalidReplicaAssignment`],
/// [`Refusal::InvalidReplicationFactor`].
pub fn grow_topic(image: &Image, request: &Growth) -> Result<Decision<()>, Refusal> {
    if request.topic == OFFSETS_TOPIC {
        // Kafka lets it happen, and groups no longer find their offsets.
        return Err(Refusal::InvalidPartitions(format!(
            "The topic {OFFSETS_TOPIC} keeps the number of its partitions, by which groups find their offsets."
        )));
    }
    let unknown = || Refusal::UnknownTopic(request.topic.clone());
    let topic = image.topic_by_name(&request.topic).ok_or_else(unknown)?;
    let (has, wanted) = (topic.partitions.len(), checked_count(topic, request.count)?);
    let additional = wanted - has;
    let factor = topic.partitions.first().map_or(1, |partition| partition.replicas.len());
    let replicas = match &request.assignments {
        None => place(image, topic.id, has..wanted, factor)?,
        Some(assignments) => {
            checked(image, has, factor, additional, assignments)?;
            assignments.clone()
        }
    };
    let records = replicas.into_iter().zip(has..).map(|(replicas, index)| {
        let index = PartitionIndex(i32::try_from(index).expect("a topic has far fewer partitions"));
        new_partition(image, PartitionId { topic: topic.id, index }, replicas)
    });
    Ok(Decision { records: records.collect(), reply: () })
}

fn checked_count(topic: &TopicImage, count: i32) -> Result<usize, Refusal> {
    let has = topic.partitions.len();
    let invalid = |reason: String| Err(Refusal::InvalidPartitions(reason));
    let Some(wanted) = usize::try_from(count).ok().filter(|wanted| *wanted >= has) else {
        return invalid(format!(
            "The topic {} currently has {has} partition(s); {count} would not be an increase.",
            topic.name
        ));
    };
    if wanted == has {
        return invalid(format!("Topic already has {has} partition(s)."));
    }
    if wanted > PARTITIONS_PER_TOPIC_MAX {
        return invalid(format!(
            "A topic has at most {PARTITIONS_PER_TOPIC_MAX} partitions, {wanted} were asked for."
        ));
    }
    Ok(wanted)
}

fn checked(
    image: &Image,
    has: usize,
    factor: usize,
    additional: usize,
    assignments: &[Vec<NodeId>],
) -> Result<(), Refusal> {
    let invalid = |reason: String| Err(Refusal::InvalidReplicaAssignment(reason));
    if assignments.len() != additional {
        return invalid(format!(
            "Attempted to add {additional} additional partition(s), but only {} assignment(s) were specified.",
            assignments.len()
        ));
    }
    for (replicas, index) in assignments.iter().zip(has..) {
        let index = PartitionIndex(i32::try_from(index).unwrap_or(i32::MAX));
        check_replicas(image, index, replicas)?;
        if replicas.len() != factor {
            return invalid(format!(
                "The manual partition assignment includes a partition with {} replica(s), but this is not consistent \
                 with previous partitions, which have {factor} replica(s).",
                replicas.len()
            ));
        }
    }
    Ok(())
}
