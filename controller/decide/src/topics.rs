//! Topics are created and deleted.

use crate::names::{check_topic_name, colliding};
use crate::placement::place;
use crate::{Decision, Refusal};
use alloc::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use ringlog_image::config::{self, ConfigMap, ConfigScope, InvalidConfig};
use ringlog_image::{Image, MetadataRecord, PartitionState};
use ringlog_model::{LeaderEpoch, NodeId, PartitionId, PartitionIndex, TopicId};

/// The most partitions of one topic, which also bounds the size of one commit. Kafka's bound for one request.
pub const PARTITIONS_PER_TOPIC_MAX: usize = 10_000;

/// A topic to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// Where its partitions go.
    pub replication: Replication,
    /// Configs other than the defaults; a `None` is refused.
    pub configs: Vec<(String, Option<String>)>,
}

/// Where partitions go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replication {
    /// Placed by the controller: so many partitions of so many replicas, -1 for the default.
    Counts {
        /// How many partitions.
        partitions: i32,
        /// How many replicas each.
        replication_factor: i16,
    },
    /// As somebody wants it: the replicas of each partition, and the counts that came beside them, which must be -1.
    Manual {
        /// Index and replicas.
        assignments: Vec<(PartitionIndex, Vec<NodeId>)>,
        /// How many partitions.
        partitions: i32,
        /// How many replicas each.
        replication_factor: i16,
    },
}

/// What a topic gets that does not say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicDefaults {
    /// Kafka's `num.partitions`.
    pub partitions: u16,
    /// Kafka's `default.replication.factor`.
    pub replication_factor: u16,
}

impl Default for TopicDefaults {
    fn default() -> TopicDefaults {
        TopicDefaults { partitions: 1, replication_factor: 1 }
    }
}

/// A topic that was created (or would be).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreatedTopic {
    /// Its identifier.
    pub topic: TopicId,
    /// How many partitions it has.
    pub partitions: usize,
    /// How many replicas each.
    pub replication_factor: usize,
}

/// A topic, by name or by identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicReference {
    /// By name.
    Name(String),
    /// By identifier.
    Id(TopicId),
}

/// Creates a topic. `fresh` is a random identifier that no topic has.
///
/// # Errors
/// As Kafka's: [`Refusal::InvalidTopicName`], [`Refusal::TopicExists`], [`Refusal::InvalidConfig`],
/// [`Refusal::InvalidPartitions`], [`Refusal::InvalidReplicationFactor`], [`Refusal::InvalidReplicaAssignment`],
/// [`Refusal::InvalidRequest`].
pub fn create_topic(
    image: &Image,
    request: &NewTopic,
    fresh: TopicId,
    defaults: TopicDefaults,
) -> Result<Decision<CreatedTopic>, Refusal> {
    check_topic_name(&request.name)?;
    if image.topic_by_name(&request.name).is_some() {
        return Err(Refusal::TopicExists(request.name.clone()));
    }
    if let Some(other) = colliding(image, &request.name) {
        return Err(Refusal::InvalidTopicName(format!(
            "Topic '{}' collides with existing topic: {other}",
            request.name
        )));
    }
    if fresh.0.is_zero() || image.topic(fresh).is_some() {
        return Err(Refusal::InvalidRequest("the topic's new identifier is taken".to_string()));
    }
    let configs = checked_configs(&request.configs)?;
    let replicas = match &request.replication {
        Replication::Counts { partitions, replication_factor } => {
            let (partitions, factor) = counts(*partitions, *replication_factor, defaults)?;
            place(image, fresh, 0..partitions, factor)?
        }
        Replication::Manual { assignments, partitions, replication_factor } => {
            manual(image, assignments, *partitions, *replication_factor)?
        }
    };
    let reply = CreatedTopic {
        topic: fresh,
        partitions: replicas.len(),
        replication_factor: replicas.first().map_or(0, Vec::len),
    };
    Ok(Decision { records: records(image, fresh, &request.name, configs, replicas), reply })
}

/// Deletes a topic; the reply is its identifier and name.
///
/// # Errors
/// [`Refusal::UnknownTopic`], [`Refusal::UnknownTopicId`].
pub fn delete_topic(image: &Image, request: &TopicReference) -> Result<Decision<(TopicId, String)>, Refusal> {
    let topic = match request {
        TopicReference::Name(name) => {
            image.topic_by_name(name).ok_or_else(|| Refusal::UnknownTopic(name.clone()))?
        }
        TopicReference::Id(id) => image.topic(*id).ok_or(Refusal::UnknownTopicId(*id))?,
    };
    let records = vec![MetadataRecord::TopicDeleted { topic: topic.id }];
    Ok(Decision { records, reply: (topic.id, topic.name.to_string()) })
}

fn records(
    image: &Image,
    topic: TopicId,
    name: &str,
    configs: Vec<(String, String)>,
    replicas: Vec<Vec<NodeId>>,
) -> Vec<MetadataRecord> {
    let mut records = vec![MetadataRecord::TopicCreated { topic, name: name.to_string() }];
    records.extend(configs.into_iter().map(|(name, value)| MetadataRecord::TopicConfigured {
        topic,
        name,
        value: Some(value),
    }));
    for (index, replicas) in (0i32..).zip(replicas) {
        let partition = PartitionId { topic, index: PartitionIndex(index) };
        records.push(new_partition(image, partition, replicas));
    }
    records
}

/// A partition that comes to be: whoever is alive is in sync, the first of them leads.
pub(crate) fn new_partition(image: &Image, partition: PartitionId, replicas: Vec<NodeId>) -> MetadataRecord {
    let alive = |node: &NodeId| image.node(*node).is_some_and(|node| node.is_alive());
    let isr: Vec<NodeId> = replicas.iter().copied().filter(alive).collect();
    let state = PartitionState {
        leader: isr.first().copied(),
        replicas,
        isr,
        leader_epoch: LeaderEpoch(0),
        partition_epoch: 0,
    };
    MetadataRecord::Partition { partition, state }
}

fn checked_configs(configs: &[(String, Option<String>)]) -> Result<Vec<(String, String)>, Refusal> {
    let mut checked: Vec<(String, String)> = Vec::new();
    for (name, value) in configs {
        let Some(value) = value else {
            return Err(Refusal::InvalidConfig(InvalidConfig::NoValue(name.clone())));
        };
        config::validate(ConfigScope::Topic, name, value)?;
        // Of two values for one name the later one counts, as in Kafka.
        checked.retain(|(other, _)| other != name);
        checked.push((name.clone(), value.trim().to_string()));
    }
    let together: ConfigMap = checked.iter().cloned().collect();
    config::validate_together(ConfigScope::Topic, &together)?;
    Ok(checked)
}

fn counts(partitions: i32, factor: i16, defaults: TopicDefaults) -> Result<(usize, usize), Refusal> {
    let factor = match factor {
        -1 => usize::from(defaults.replication_factor),
        factor => usize::try_from(factor).ok().filter(|factor| *factor > 0).ok_or_else(|| {
            Refusal::InvalidReplicationFactor(
                "Replication factor must be larger than 0, or -1 to use the default value.".to_string(),
            )
        })?,
    };
    let partitions = match partitions {
        -1 => usize::from(defaults.partitions),
        partitions => usize::try_from(partitions).ok().filter(|count| *count > 0).ok_or_else(|| {
            Refusal::InvalidPartitions(
                "Number of partitions was set to an invalid non-positive value.".to_string(),
            )
        })?,
    };
    if partitions > PARTITIONS_PER_TOPIC_MAX {
        return Err(too_many(partitions));
    }
    Ok((partitions, factor))
}

fn too_many(partitions: usize) -> Refusal {
    Refusal::InvalidPartitions(format!(
        "A topic has at most {PARTITIONS_PER_TOPIC_MAX} partitions, {partitions} were asked for."
    ))
}

fn manual(
    image: &Image,
    assignments: &[(PartitionIndex, Vec<NodeId>)],
    partitions: i32,
    factor: i16,
) -> Result<Vec<Vec<NodeId>>, Refusal> {
    let set = |what: &str| {
        Err(Refusal::InvalidRequest(format!(
            "A manual partition assignment was specified, but {what} was not set to -1."
        )))
    };
    if factor != -1 {
        return set("replication factor");
    }
    if partitions != -1 {
        return set("numPartitions");
    }
    if assignments.len() > PARTITIONS_PER_TOPIC_MAX {
        return Err(too_many(assignments.len()));
    }
    let invalid = |reason: String| Err(Refusal::InvalidReplicaAssignment(reason));
    let mut sorted: Vec<&(PartitionIndex, Vec<NodeId>)> = assignments.iter().collect();
    sorted.sort_by_key(|(index, _)| *index);
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return invalid(format!("Found multiple manual partition assignments for partition {}", pair[0].0));
    }
    if sorted.is_empty() || !(0i32..).zip(&sorted).all(|(index, (given, _))| given.0 == index) {
        return invalid("partitions should be a consecutive 0-based integer sequence".to_string());
    }
    let first = sorted[0].1.len();
    for (index, replicas) in &sorted {
        check_replicas(image, *index, replicas)?;
        if replicas.len() != first {
            return invalid(format!(
                "The manual partition assignment includes a partition with {} replica(s), but this is not consistent \
                 with previous partitions, which have {first} replica(s).",
                replicas.len()
            ));
        }
    }
    Ok(sorted.into_iter().map(|(_, replicas)| replicas.clone()).collect())
}

pub(crate) fn check_replicas(
    image: &Image,
    index: PartitionIndex,
    replicas: &[NodeId],
) -> Result<(), Refusal> {
    let invalid = |reason: String| Err(Refusal::InvalidReplicaAssignment(reason));
    if replicas.is_empty() {
        return invalid("The manual partition assignment includes an empty replica list.".to_string());
    }
    for (at, node) in replicas.iter().enumerate() {
        if image.node(*node).is_none() {
            return invalid(format!(
                "The manual partition assignment includes broker {node}, but no such broker is registered."
            ));
        }
        if replicas[..at].contains(node) {
            return invalid(format!(
                "The manual partition assignment includes the broker {node} more than once."
            ));
        }
    }
    if !replicas.iter().any(|node| image.node(*node).is_some_and(|node| node.is_alive())) {
        return invalid(format!(
            "All brokers specified in the manual partition assignment for partition {index} are fenced or in \
             controlled shutdown."
        ));
    }
    Ok(())
}
