//! What nodes ask to change about what exists: configs, counts of partitions, leaders, nodes.

use super::requests::Group;
use super::{Context, translate};
use crate::desk::DeskError;
use crate::quorum::CommittedLog;
use ringlog_decide::{self as decide, Election, Growth, PARTITIONS_PER_TOPIC_MAX, Refusal};
use ringlog_model::{NodeId, PartitionIndex};
use ringlog_native::cluster::{
    AlterConfigsReplyV1, AlterConfigsV1, CreatePartitionsReplyV1, CreatePartitionsV1, ElectLeadersReplyV1,
    ElectLeadersV1, ElectedV1, ForgetNodeReplyV1, ForgetNodeV1, GrowTopicV1, RefusalKind, RefusalV1,
};

/// The most elections of one request, which bounds the size of one commit.
const ELECTIONS_MAX: usize = 10_000;

pub(super) async fn configs(
    context: &Context,
    request: AlterConfigsV1,
) -> Result<AlterConfigsReplyV1, DeskError> {
    if context.database.is_full() {
        let refusals = request.resources.iter().map(|_| Some(disk_full())).collect();
        return Ok(AlterConfigsReplyV1 { position: context.quorum.metadata().position(), refusals });
    }
    let validate_only = request.validate_only;
    let decided = context.desk.decide(move |image| {
        let mut group = Group::on(image);
        for resource in request.resources {
            let decided = translate::alteration(resource).and_then(|(target, changes, unnamed)| {
                decide::alter_configs(&group.image, &target, &changes, unnamed)
            });
            group.add((), decided);
        }
        Ok(group.conclude(validate_only))
    });
    let (results, position) = decided.await?;
    Ok(AlterConfigsReplyV1 { position, refusals: refusals(results) })
}

pub(super) async fn partitions(
    context: &Context,
    request: CreatePartitionsV1,
) -> Result<CreatePartitionsReplyV1, DeskError> {
    if context.database.is_full() {
        let refusals = request.topics.iter().map(|_| Some(disk_full())).collect();
        return Ok(CreatePartitionsReplyV1 { position: context.quorum.metadata().position(), refusals });
    }
    let validate_only = request.validate_only;
    let decided = context.desk.decide(move |image| {
        let mut group = Group::on(image);
        for topic in request.topics {
            let decided = if group.records.len() > PARTITIONS_PER_TOPIC_MAX {
                let reason =
                    format!("too many partitions in one request to add {} to the others", topic.name);
                Err(Refusal::LimitReached(reason))
            } else {
                decide::grow_topic(&group.image, &growth(topic))
            };
            group.add((), decided);
        }
        Ok(group.conclude(validate_only))
    });
    let (results, position) = decided.await?;
    Ok(CreatePartitionsReplyV1 { position, refusals: refusals(results) })
}

pub(super) async fn leaders(
    context: &Context,
    request: ElectLeadersV1,
) -> Result<ElectLeadersReplyV1, DeskError> {
    let election = if request.any { Election::Any } else { Election::Preferred };
    let decided = context.desk.decide(move |image| {
        let is_all = request.partitions.is_none();
        let partitions = request.partitions.unwrap_or_else(|| {
            let all = image.topics().flat_map(|topic| {
                topic.partitions().map(move |(id, _)| (topic.name.to_string(), id.index.0))
            });
            all.collect()
        });
        let mut group = Group::on(image);
        for (topic, index) in partitions {
            let decided = if group.records.len() >= ELECTIONS_MAX {
                Err(Refusal::LimitReached(format!("at most {ELECTIONS_MAX} leaders are elected at once")))
            } else {
                decide::elect_leader(&group.image, &topic, PartitionIndex(index), election)
            };
            // Who asks for all wants to hear of what has a leader already no more than Kafka says it.
            if !(is_all && matches!(decided, Err(Refusal::ElectionNotNeeded))) {
                group.add((topic, index), decided);
            }
        }
        Ok(group.conclude(false))
    });
    let (results, position) = decided.await?;
    let partitions = results.into_iter().map(|((topic, partition), result)| ElectedV1 {
        topic,
        partition,
        refusal: result.err().map(|refusal| translate::refusal(&refusal)),
    });
    Ok(ElectLeadersReplyV1 { position, partitions: partitions.collect() })
}

pub(super) async fn forget_node(
    context: &Context,
    request: ForgetNodeV1,
) -> Result<ForgetNodeReplyV1, DeskError> {
    let node = NodeId(request.node);
    let decided = context.desk.decide(move |image| decide::forget_node(image, node)).await;
    let ((), position) = decided?;
    context.office.end(node);
    tracing::info!(%node, "forgotten");
    Ok(ForgetNodeReplyV1 { position })
}

fn growth(topic: GrowTopicV1) -> Growth {
    let nodes = |nodes: Vec<i32>| nodes.into_iter().map(NodeId).collect();
    Growth {
        topic: topic.name,
        count: topic.count,
        assignments: topic.assignments.map(|all| all.into_iter().map(nodes).collect()),
    }
}

fn refusals(results: Vec<((), Result<(), Refusal>)>) -> Vec<Option<RefusalV1>> {
    results.into_iter().map(|((), result)| result.err().map(|refusal| translate::refusal(&refusal))).collect()
}

fn disk_full() -> RefusalV1 {
    RefusalV1::new(RefusalKind::DiskFull, "the controller's disk is full")
}
