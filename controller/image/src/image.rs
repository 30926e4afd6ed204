//! The image: what holds after a number of records.

use crate::config::{ConfigMap, nothing_set};
use crate::{
    ConfigResource, MetadataRecord, NodeImage, NodeState, PartitionImage, PartitionState, TopicImage, node,
};
use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use ringlog_model::{ClusterId, NodeId, PartitionId, ProducerId, TopicId, Uuid};

/// The metadata of the whole cluster. A clone shares everything with its original until one of them changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    cluster: Option<ClusterId>,
    format: u16,
    nodes: Arc<BTreeMap<NodeId, Arc<NodeImage>>>,
    topics: Arc<BTreeMap<TopicId, Arc<TopicImage>>>,
    topic_ids: Arc<BTreeMap<Arc<str>, TopicId>>,
    /// Never an empty map: what has no config is not in here.
    configs: Arc<BTreeMap<ConfigResource, ConfigMap>>,
    next_producer_id: ProducerId,
    last_producer_id_holder: Option<NodeId>,
}

/// Why a record does not fit the image. The controller never commits such a record, so to see one means a damaged
/// log or a bug; the reader must stop rather than go on with another image than the others.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// A second `ClusterFormed` with another identifier.
    #[error("the cluster is {has}, a record says {said}")]
    OtherCluster {
        /// What the image says.
        has: ClusterId,
        /// What the record says.
        said: ClusterId,
    },
    /// A record about a node that never registered.
    #[error("node {0} never registered")]
    UnknownNode(NodeId),
    /// A record about a topic that does not exist.
    #[error("topic {0} does not exist")]
    UnknownTopic(TopicId),
    /// A topic whose name another topic has.
    #[error("topic name {0} is taken")]
    TopicNameTaken(String),
    /// A partition that would leave a gap in the indexes.
    #[error("partition {partition} does not follow on the {count} there are")]
    PartitionGap {
        /// The record's partition.
        partition: PartitionId,
        /// How many partitions the topic has.
        count: usize,
    },
    /// A partition state that cannot hold.
    #[error("partition {partition}: {reason}")]
    BadPartition {
        /// The record's partition.
        partition: PartitionId,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Producer ids given away a second time.
    #[error("producer ids went back from {has} to {said}")]
    ProducerIdsWentBack {
        /// What the image says.
        has: ProducerId,
        /// What the record says.
        said: ProducerId,
    },
}

impl Image {
    /// The identifier of the cluster, once it is formed.
    #[must_use]
    pub fn cluster(&self) -> Option<ClusterId> {
        self.cluster
    }

    /// The format level of the cluster.
    #[must_use]
    pub fn format(&self) -> u16 {
        self.format
    }

    /// Every node that has ever registered, in the order of ids.
    pub fn nodes(&self) -> impl Iterator<Item = &Arc<NodeImage>> {
        self.nodes.values()
    }

    /// The nodes that may lead, in the order of ids.
    pub fn alive_nodes(&self) -> impl Iterator<Item = &Arc<NodeImage>> {
        self.nodes.values().filter(|node| node.is_alive())
    }

    /// The node with this id.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&Arc<NodeImage>> {
        self.nodes.get(&id)
    }

    /// Every topic, in the order of names.
    pub fn topics(&self) -> impl Iterator<Item = &Arc<TopicImage>> {
        self.topic_ids.values().map(|id| self.topics.get(id).expect("each name points to a topic"))
    }

    /// How many topics there are.
    #[must_use]
    pub fn topic_count(&self) -> usize {
        self.topics.len()
    }

    /// The topic with this id.
    #[must_use]
    pub fn topic(&self, id: TopicId) -> Option<&Arc<TopicImage>> {
        self.topics.get(&id)
    }

    /// The topic with this name.
    #[must_use]
    pub fn topic_by_name(&self, name: &str) -> Option<&Arc<TopicImage>> {
        self.topics.get(self.topic_ids.get(name)?)
    }

    /// The partition with this identifier.
    #[must_use]
    pub fn partition(&self, id: PartitionId) -> Option<&PartitionImage> {
        self.topic(id.topic)?.partition(id.index)
    }

    /// The configs that somebody has set for something other than a topic.
    #[must_use]
    pub fn configs(&self, resource: &ConfigResource) -> &ConfigMap {
        self.configs.get(resource).unwrap_or(nothing_set())
    }

    /// Everything besides topics that has configs, in order.
    pub fn configured(&self) -> impl Iterator<Item = (&ConfigResource, &ConfigMap)> {
        self.configs.iter()
    }

    /// The first producer id that was never given away.
    #[must_use]
    pub fn next_producer_id(&self) -> ProducerId {
        self.next_producer_id
    }

    /// Which node got the newest block of producer ids.
    #[must_use]
    pub fn last_producer_id_holder(&self) -> Option<NodeId> {
        self.last_producer_id_holder
    }

    /// Changes the image as the record says.
    ///
    /// # Errors
    /// [`ApplyError`] if the record contradicts the image; the image is then unchanged.
    pub fn apply(&mut self, record: &MetadataRecord) -> Result<(), ApplyError> {
        match record {
            MetadataRecord::ClusterFormed { cluster, format } => self.form(*cluster, *format),
            MetadataRecord::NodeRegistered { node, incarnation, storage, listeners } => {
                let image = NodeImage {
                    id: *node,
                    incarnation: *incarnation,
                    storage: *storage,
                    state: NodeState::Alive,
                    listeners: node::sorted(listeners.clone()),
                };
                Arc::make_mut(&mut self.nodes).insert(*node, Arc::new(image));
                Ok(())
            }
            MetadataRecord::NodeFenced { node, incarnation } => {
                self.set_node_state(*node, *incarnation, NodeState::Fenced)
            }
            MetadataRecord::NodeUnfenced { node, incarnation } => {
                self.set_node_state(*node, *incarnation, NodeState::Alive)
            }
            MetadataRecord::NodeUnregistered { node } => {
                Arc::make_mut(&mut self.nodes).remove(node);
                Ok(())
            }
            MetadataRecord::TopicCreated { topic, name } => self.create_topic(*topic, name),
            MetadataRecord::TopicDeleted { topic } => self.delete_topic(*topic),
            MetadataRecord::TopicConfigured { topic, name, value } => {
                let topic = self.topic_mut(*topic)?;
                match value {
                    Some(value) => topic.configs.insert(name.clone(), value.clone()),
                    None => topic.configs.remove(name),
                };
                Ok(())
            }
            MetadataRecord::ResourceConfigured { resource, name, value } => {
                self.configure(resource, name, value.as_ref());
                Ok(())
            }
            MetadataRecord::Partition { partition, state } => self.set_partition(*partition, state),
            MetadataRecord::ProducerIdsAllocated { next, node } => {
                if *next < self.next_producer_id {
                    return Err(ApplyError::ProducerIdsWentBack { has: self.next_producer_id, said: *next });
                }
                self.next_producer_id = *next;
                self.last_producer_id_holder = Some(*node);
                Ok(())
            }
        }
    }

    /// The records that make this image out of an empty one: a snapshot.
    #[must_use]
    pub fn records(&self) -> Vec<MetadataRecord> {
        let mut records = Vec::new();
        if let Some(cluster) = self.cluster {
            records.push(MetadataRecord::ClusterFormed { cluster, format: self.format });
        }
        for node in self.nodes() {
            let (id, incarnation) = (node.id, node.incarnation);
            records.push(MetadataRecord::NodeRegistered {
                node: id,
                incarnation,
                storage: node.storage,
                listeners: node.listeners.to_vec(),
            });
            if !node.is_alive() {
                records.push(MetadataRecord::NodeFenced { node: id, incarnation });
            }
        }
        for (resource, configs) in self.configured() {
            records.extend(configs.iter().map(|(name, value)| MetadataRecord::ResourceConfigured {
                resource: resource.clone(),
                name: name.clone(),
                value: Some(value.clone()),
            }));
        }
        for topic in self.topics() {
            records.push(MetadataRecord::TopicCreated { topic: topic.id, name: topic.name.to_string() });
            records.extend(topic.configs.iter().map(|(name, value)| MetadataRecord::TopicConfigured {
                topic: topic.id,
                name: name.clone(),
                value: Some(value.clone()),
            }));
            records.extend(
                topic
                    .partitions()
                    .map(|(partition, state)| MetadataRecord::Partition { partition, state: state.clone() }),
            );
        }
        if let Some(node) = self.last_producer_id_holder {
            records.push(MetadataRecord::ProducerIdsAllocated { next: self.next_producer_id, node });
        }
        records
    }

    fn form(&mut self, cluster: ClusterId, format: u16) -> Result<(), ApplyError> {
        match self.cluster {
            Some(has) if has != cluster => return Err(ApplyError::OtherCluster { has, said: cluster }),
            _ => self.cluster = Some(cluster),
        }
        self.format = format;
        Ok(())
    }

    fn set_node_state(&mut self, id: NodeId, incarnation: Uuid, state: NodeState) -> Result<(), ApplyError> {
        let node = Arc::make_mut(&mut self.nodes).get_mut(&id).ok_or(ApplyError::UnknownNode(id))?;
        // A fencing that crossed the registration of the next life must not hit that one.
        if node.incarnation == incarnation {
            Arc::make_mut(node).state = state;
        }
        Ok(())
    }

    fn configure(&mut self, resource: &ConfigResource, name: &str, value: Option<&String>) {
        let configs = Arc::make_mut(&mut self.configs);
        match value {
            Some(value) => {
                configs.entry(resource.clone()).or_default().insert(name.to_string(), value.clone());
            }
            None => {
                let Some(of_resource) = configs.get_mut(resource) else { return };
                of_resource.remove(name);
                if of_resource.is_empty() {
                    configs.remove(resource);
                }
            }
        }
    }

    fn create_topic(&mut self, id: TopicId, name: &str) -> Result<(), ApplyError> {
        match self.topic_ids.get(name) {
            Some(has) if *has == id => return Ok(()),
            Some(_) => return Err(ApplyError::TopicNameTaken(name.to_string())),
            None => {}
        }
        let name: Arc<str> = name.into();
        let topic = TopicImage { id, name: name.clone(), configs: BTreeMap::new(), partitions: Vec::new() };
        Arc::make_mut(&mut self.topics).insert(id, Arc::new(topic));
        Arc::make_mut(&mut self.topic_ids).insert(name, id);
        Ok(())
    }

    fn delete_topic(&mut self, id: TopicId) -> Result<(), ApplyError> {
        let topic = Arc::make_mut(&mut self.topics).remove(&id).ok_or(ApplyError::UnknownTopic(id))?;
        Arc::make_mut(&mut self.topic_ids).remove(&topic.name);
        Ok(())
    }

    fn set_partition(&mut self, id: PartitionId, state: &PartitionState) -> Result<(), ApplyError> {
        check_partition(id, state)?;
        let topic = self.topic_mut(id.topic)?;
        let count = topic.partitions.len();
        match usize::try_from(id.index.0) {
            Ok(index) if index < count => topic.partitions[index] = state.clone(),
            Ok(index) if index == count => topic.partitions.push(state.clone()),
            _ => return Err(ApplyError::PartitionGap { partition: id, count }),
        }
        Ok(())
    }

    fn topic_mut(&mut self, id: TopicId) -> Result<&mut TopicImage, ApplyError> {
        let topics = Arc::make_mut(&mut self.topics);
        topics.get_mut(&id).map(Arc::make_mut).ok_or(ApplyError::UnknownTopic(id))
    }
}

fn check_partition(partition: PartitionId, state: &PartitionState) -> Result<(), ApplyError> {
    let bad = |reason| Err(ApplyError::BadPartition { partition, reason });
    if state.replicas.is_empty() {
        return bad("it has no replica");
    }
    if state.isr.is_empty() {
        return bad("nobody is in sync");
    }
    if state.isr.iter().any(|node| !state.replicas.contains(node)) {
        return bad("a node is in sync that holds no replica");
    }
    if state.leader.is_some_and(|leader| !state.isr.contains(&leader)) {
        return bad("the leader is not in sync");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
