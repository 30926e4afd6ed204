//! What nodes ask.

use super::Context;
use super::connection::Outbound;
use super::translate;
use crate::desk::DeskError;
use crate::quorum::{CommittedLog, Role};
use ringlog_decide::{
    self as decide, CreatedTopic, Decision, InSyncChange, NewTopic, PARTITIONS_PER_TOPIC_MAX, Refusal,
};
use ringlog_image::{Image, PartitionState};
use ringlog_model::{LeaderEpoch, NodeId, PartitionId, PartitionIndex, TopicId, Uuid};
use ringlog_native::Correlation;
use ringlog_native::cluster::{
    AllocateProducerIdsReplyV1, AllocateProducerIdsV1, AlterPartitionReplyV1, AlterPartitionV1,
    AlteredPartitionV1, CreateTopicsReplyV1, CreateTopicsV1, CreatedTopicV1, DeleteTopicsReplyV1,
    DeleteTopicsV1, DeletedTopicV1, HeartbeatReplyV1, HeartbeatV1, RefusalKind, RefusalV1,
    RegisterNodeReplyV1, RegisterNodeV1, TopicReferenceV1, UnregisterNodeReplyV1, UnregisterNodeV1,
};
use std::time::Duration;

/// How long a registration waits for the cluster to be formed.
const FORM_PATIENCE: Duration = Duration::from_secs(2);

/// A node registers; whether it follows the metadata from here on.
pub(super) async fn register(
    context: &Context,
    outbound: &Outbound,
    correlation: Correlation,
    request: RegisterNodeV1,
) -> bool {
    let (node, incarnation) = (NodeId(request.node), Uuid(request.incarnation));
    wait_for_cluster(context).await;
    let registration = translate::registration(request);
    let office = context.office.clone();
    let decided = context.desk.decide(move |image| {
        // Asked when it is this registration's turn: one before it may have come from the same node.
        let lease_holds = office.holds(registration.node);
        decide::register_node(image, &registration, lease_holds)
    });
    match decided.await {
        Ok(((), position)) => {
            tracing::info!(%node, "registered");
            context.office.renew(node, incarnation);
            let (image, _) = context.quorum.metadata().get();
            let timing = &context.timing;
            let reply = RegisterNodeReplyV1 {
                cluster: image.cluster().unwrap_or_default().0.0,
                heartbeat_interval_ms: millis(timing.node_heartbeat),
                lease_ms: millis(timing.node_lease),
                position,
            };
            outbound.answer(correlation, &reply).await
        }
        Err(error) => {
            tracing::warn!(%node, %error, "a registration was refused");
            outbound.refuse(correlation, &translate::error(error)).await;
            false
        }
    }
}

/// A leader that has only just been elected may still be about to form the cluster, the first change of all. A node that
/// was started together with it would be refused for belonging to none.
async fn wait_for_cluster(context: &Context) {
    let metadata = context.quorum.metadata();
    if matches!(context.quorum.role(), Role::Leader { .. }) && metadata.position() == 0 {
        let formed = metadata.changed_since(0);
        if context.reactor.timeout(FORM_PATIENCE, formed).await.is_err() {
            tracing::warn!("a node registers, and there is no cluster yet");
        }
    }
}

pub(super) async fn heartbeat(
    context: &Context,
    request: HeartbeatV1,
) -> Result<HeartbeatReplyV1, DeskError> {
    let (node, incarnation) = (NodeId(request.node), Uuid(request.incarnation));
    if let Role::Follower { leader } = context.quorum.role() {
        return Err(DeskError::NotLeader { leader });
    }
    let (image, position) = context.quorum.metadata().get();
    let known = image.node(node).is_some_and(|node| node.incarnation == incarnation && node.is_alive());
    if !known {
        context.desk.decide(move |image| decide::hear_from_node(image, node, incarnation)).await?;
    }
    context.office.renew(node, incarnation);
    context.office.note(node, request.position);
    Ok(HeartbeatReplyV1 { position })
}

pub(super) async fn unregister(
    context: &Context,
    request: UnregisterNodeV1,
) -> Result<UnregisterNodeReplyV1, DeskError> {
    let (node, incarnation) = (NodeId(request.node), Uuid(request.incarnation));
    let decided = context.desk.decide(move |image| decide::fence_node(image, node, incarnation)).await;
    let ((), position) = decided?;
    context.office.end(node);
    tracing::info!(%node, "stopped");
    Ok(UnregisterNodeReplyV1 { position })
}

pub(super) async fn create_topics(
    context: &Context,
    request: CreateTopicsV1,
) -> Result<CreateTopicsReplyV1, DeskError> {
    if context.database.is_full() {
        let full = |topic: ringlog_native::cluster::NewTopicV1| {
            let refusal = RefusalV1::new(RefusalKind::DiskFull, "the controller's disk is full");
            created(topic.name, Err(refusal))
        };
        let topics = request.topics.into_iter().map(full).collect();
        return Ok(CreateTopicsReplyV1 { position: context.quorum.metadata().position(), topics });
    }
    let validate_only = request.validate_only;
    let topics: Vec<(NewTopic, TopicId)> = request
        .topics
        .into_iter()
        .map(|topic| (translate::new_topic(topic), fresh_topic_id(context)))
        .collect();
    let defaults = context.topics;
    let decided = context.desk.decide(move |image| {
        let mut group = Group::on(image);
        for (topic, fresh) in &topics {
            let decided = group
                .within_bounds(topic)
                .and_then(|()| decide::create_topic(&group.image, topic, *fresh, defaults));
            group.add(topic.name.clone(), decided);
        }
        Ok(group.conclude(validate_only))
    });
    let (results, position) = decided.await?;
    let topics = results.into_iter().map(|(name, result)| {
        let result = result.as_ref().map_err(translate::refusal).copied();
        let result = result.map(|topic| match validate_only {
            true => CreatedTopic { topic: TopicId::default(), ..topic },
            false => topic,
        });
        created(name, result)
    });
    Ok(CreateTopicsReplyV1 { position, topics: topics.collect() })
}

pub(super) async fn delete_topics(
    context: &Context,
    request: DeleteTopicsV1,
) -> Result<DeleteTopicsReplyV1, DeskError> {
    let references = request.topics;
    let decided = context.desk.decide(move |image| {
        let mut group = Group::on(image);
        for reference in references {
            let decided = decide::delete_topic(&group.image, &translate::topic_reference(reference.clone()));
            group.add(reference, decided);
        }
        Ok(group.conclude(false))
    });
    let (results, position) = decided.await?;
    let topics = results.into_iter().map(|(reference, result)| deleted(reference, result)).collect();
    Ok(DeleteTopicsReplyV1 { position, topics })
}

pub(super) async fn allocate_producer_ids(
    context: &Context,
    request: AllocateProducerIdsV1,
) -> Result<AllocateProducerIdsReplyV1, DeskError> {
    let (node, incarnation) = (NodeId(request.node), Uuid(request.incarnation));
    let decide = move |image: &Image| decide::allocate_producer_ids(image, node, incarnation);
    let (block, _) = context.desk.decide(decide).await?;
    Ok(AllocateProducerIdsReplyV1 { first: block.first.0, count: block.count })
}

pub(super) async fn alter_partition(
    context: &Context,
    request: AlterPartitionV1,
) -> Result<AlterPartitionReplyV1, DeskError> {
    let (node, incarnation) = (NodeId(request.node), Uuid(request.incarnation));
    let changes: Vec<InSyncChange> = request
        .partitions
        .into_iter()
        .map(|change| InSyncChange {
            node,
            incarnation,
            partition: PartitionId {
                topic: TopicId(Uuid(change.topic)),
                index: PartitionIndex(change.partition),
            },
            leader_epoch: LeaderEpoch(change.leader_epoch),
            partition_epoch: change.partition_epoch,
            in_sync: change.in_sync.into_iter().map(NodeId).collect(),
        })
        .collect();
    let decided = context.desk.decide(move |image| {
        let mut group = Group::on(image);
        for change in changes {
            let decided = decide::change_in_sync(&group.image, &change);
            group.add(change.partition, decided);
        }
        Ok(group.conclude(false))
    });
    let (results, _) = decided.await?;
    let partitions = results.into_iter().map(|(partition, result)| altered(partition, result)).collect();
    Ok(AlterPartitionReplyV1 { partitions })
}

/// Items of one request, each decided on what the ones before it lead to, each refused by itself.
pub(super) struct Group<K, T> {
    pub(super) image: Image,
    pub(super) records: Vec<ringlog_image::MetadataRecord>,
    results: Vec<(K, Result<T, Refusal>)>,
}

impl<K, T> Group<K, T> {
    pub(super) fn on(image: &Image) -> Group<K, T> {
        Group { image: image.clone(), records: Vec::new(), results: Vec::new() }
    }

    pub(super) fn add(&mut self, item: K, decided: Result<Decision<T>, Refusal>) {
        let result = decided.map(|decision| {
            self.image = decision.applied_to(&self.image).expect("a decision fits the image it was made on");
            self.records.extend(decision.records);
            decision.reply
        });
        self.results.push((item, result));
    }

    /// Everything together; nothing is committed if it was only to be validated.
    pub(super) fn conclude(self, validate_only: bool) -> Decision<Vec<(K, Result<T, Refusal>)>> {
        let records = if validate_only { Vec::new() } else { self.records };
        Decision { records, reply: self.results }
    }

    /// One entry of the log holds the whole request, so the request is bounded as one topic is.
    fn within_bounds(&self, topic: &NewTopic) -> Result<(), Refusal> {
        if self.records.len() <= PARTITIONS_PER_TOPIC_MAX {
            return Ok(());
        }
        let name = &topic.name;
        Err(Refusal::LimitReached(format!(
            "too many partitions in one request to create {name} with the others"
        )))
    }
}

fn created(name: String, result: Result<CreatedTopic, RefusalV1>) -> CreatedTopicV1 {
    match result {
        Ok(topic) => CreatedTopicV1 {
            name,
            refusal: None,
            topic: topic.topic.0.0,
            partitions: i32::try_from(topic.partitions).unwrap_or(i32::MAX),
            replication_factor: i16::try_from(topic.replication_factor).unwrap_or(i16::MAX),
        },
        Err(refusal) => CreatedTopicV1 {
            name,
            refusal: Some(refusal),
            topic: [0; 16],
            partitions: -1,
            replication_factor: -1,
        },
    }
}

fn deleted(reference: TopicReferenceV1, result: Result<(TopicId, String), Refusal>) -> DeletedTopicV1 {
    match result {
        Ok((topic, name)) => DeletedTopicV1 { name: Some(name), topic: topic.0.0, refusal: None },
        Err(refusal) => DeletedTopicV1 {
            name: reference.name,
            topic: reference.topic,
            refusal: Some(translate::refusal(&refusal)),
        },
    }
}

fn altered(partition: PartitionId, result: Result<PartitionState, Refusal>) -> AlteredPartitionV1 {
    let (refusal, partition_epoch, in_sync) = match result {
        Ok(state) => (None, state.partition_epoch, state.isr.into_iter().map(|node| node.0).collect()),
        Err(refusal) => (Some(translate::refusal(&refusal)), -1, Vec::new()),
    };
    AlteredPartitionV1 {
        topic: partition.topic.0.0,
        partition: partition.index.0,
        refusal,
        partition_epoch,
        in_sync,
    }
}

fn fresh_topic_id(context: &Context) -> TopicId {
    let random = || u128::from(context.reactor.random_u64());
    TopicId(Uuid::from_random((random() << 64) | random()))
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
