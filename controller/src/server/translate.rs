//! Between the wire's words and the decisions' words.

use crate::desk::DeskError;
use ringlog_decide::{
    ConfigChange, ConfigOperation, ConfigTarget, NewTopic, Refusal, Registration, Replication,
    TopicReference, Unnamed,
};
use ringlog_image::{ConfigResource, ListenerAddress};
use ringlog_model::{ClusterId, NodeId, PartitionIndex, TopicId, Uuid};
use ringlog_native::cluster::{
    AlterResourceV1, ConfigOperationV1, NewTopicV1, RefusalKind, RefusalV1, RegisterNodeV1, ResourceKindV1,
    TopicReferenceV1,
};

pub(super) fn registration(request: RegisterNodeV1) -> Registration {
    let cluster = ClusterId(Uuid(request.cluster));
    let listeners = request.listeners.into_iter();
    Registration {
        cluster: (!cluster.0.is_zero()).then_some(cluster),
        node: NodeId(request.node),
        incarnation: Uuid(request.incarnation),
        storage: Uuid(request.storage),
        formats: (request.format_min, request.format_max),
        listeners: listeners
            .map(|listener| ListenerAddress { name: listener.name, host: listener.host, port: listener.port })
            .collect(),
    }
}

pub(super) fn new_topic(topic: NewTopicV1) -> NewTopic {
    let (partitions, replication_factor) = (topic.partitions, topic.replication_factor);
    let replication = if topic.assignments.is_empty() {
        Replication::Counts { partitions, replication_factor }
    } else {
        let assignments = topic.assignments.into_iter().map(|assignment| {
            let nodes = assignment.nodes.into_iter().map(NodeId).collect();
            (PartitionIndex(assignment.partition), nodes)
        });
        Replication::Manual { assignments: assignments.collect(), partitions, replication_factor }
    };
    let configs = topic.configs.into_iter().map(|config| (config.name, config.value)).collect();
    NewTopic { name: topic.name, replication, configs }
}

pub(super) fn topic_reference(reference: TopicReferenceV1) -> TopicReference {
    match reference.name {
        Some(name) => TopicReference::Name(name),
        None => TopicReference::Id(TopicId(Uuid(reference.topic))),
    }
}

/// Whose configs, the changes, and what becomes of what is not named.
pub(super) fn alteration(
    resource: AlterResourceV1,
) -> Result<(ConfigTarget, Vec<ConfigChange>, Unnamed), Refusal> {
    let invalid = |reason: String| Refusal::InvalidRequest(reason);
    let kind = ResourceKindV1::from_number(resource.kind)
        .ok_or_else(|| invalid(format!("there is no resource of kind {}", resource.kind)))?;
    let target = match kind {
        ResourceKindV1::AllNodes => ConfigTarget::Resource(ConfigResource::AllNodes),
        ResourceKindV1::Node => {
            let node = resource.name.parse();
            let node = node.map_err(|_| invalid(format!("{:?} is not the id of a node", resource.name)))?;
            ConfigTarget::Resource(ConfigResource::Node(NodeId(node)))
        }
        ResourceKindV1::Group => ConfigTarget::Resource(ConfigResource::Group(resource.name)),
        ResourceKindV1::Topic => ConfigTarget::Topic(resource.name),
    };
    let mut changes = Vec::with_capacity(resource.changes.len());
    for change in resource.changes {
        let operation = match ConfigOperationV1::from_number(change.operation) {
            Some(ConfigOperationV1::Set) => ConfigOperation::Set,
            Some(ConfigOperationV1::Delete) => ConfigOperation::Delete,
            Some(ConfigOperationV1::Append) => ConfigOperation::Append,
            Some(ConfigOperationV1::Subtract) => ConfigOperation::Subtract,
            None => return Err(invalid(format!("Unknown operation type {}", change.operation))),
        };
        changes.push(ConfigChange { name: change.name, operation, value: change.value });
    }
    let unnamed = if resource.replace { Unnamed::Delete } else { Unnamed::Keep };
    Ok((target, changes, unnamed))
}

/// Why a request as a whole was not done.
pub(super) fn error(error: DeskError) -> RefusalV1 {
    match error {
        DeskError::Refused(refused) => refusal(&refused),
        DeskError::NotLeader { leader } => {
            RefusalV1 { leader, ..RefusalV1::new(RefusalKind::NotLeader, "another controller leads") }
        }
        DeskError::Unavailable(reason) => RefusalV1::new(RefusalKind::Unavailable, reason),
    }
}

pub(super) fn refusal(refusal: &Refusal) -> RefusalV1 {
    let kind = match refusal {
        Refusal::WrongCluster { .. } => RefusalKind::WrongCluster,
        Refusal::UnsupportedFormat { .. } => RefusalKind::UnsupportedFormat,
        Refusal::DuplicateNode(_) => RefusalKind::DuplicateNode,
        Refusal::StaleNode(_) => RefusalKind::StaleNode,
        Refusal::InvalidRequest(_) => RefusalKind::InvalidRequest,
        Refusal::InvalidTopicName(_) => RefusalKind::InvalidTopicName,
        Refusal::TopicExists(_) => RefusalKind::TopicExists,
        Refusal::UnknownTopic(_) => RefusalKind::UnknownTopic,
        Refusal::UnknownTopicId(_) => RefusalKind::UnknownTopicId,
        Refusal::InvalidPartitions(_) => RefusalKind::InvalidPartitions,
        Refusal::InvalidReplicationFactor(_) => RefusalKind::InvalidReplicationFactor,
        Refusal::InvalidReplicaAssignment(_) => RefusalKind::InvalidReplicaAssignment,
        Refusal::InvalidConfig(_) => RefusalKind::InvalidConfig,
        Refusal::UnknownPartition(_) => RefusalKind::UnknownPartition,
        Refusal::FencedLeaderEpoch { .. } => RefusalKind::FencedLeaderEpoch,
        Refusal::InvalidUpdateVersion { .. } => RefusalKind::InvalidUpdateVersion,
        Refusal::IneligibleReplica(_) => RefusalKind::IneligibleReplica,
        Refusal::UnknownNode(_) => RefusalKind::UnknownNode,
        Refusal::ElectionNotNeeded => RefusalKind::ElectionNotNeeded,
        Refusal::PreferredLeaderNotAvailable => RefusalKind::PreferredLeaderNotAvailable,
        Refusal::EligibleLeadersNotAvailable => RefusalKind::EligibleLeadersNotAvailable,
        Refusal::LimitReached(_) => RefusalKind::LimitReached,
    };
    RefusalV1::new(kind, refusal.to_string())
}
