//! Groups with their lag, asked of the coordinators on this node.

use crate::{
    groups::{OFFSETS_TOPIC, Unavailable, describe_group, list_groups},
    overview::{GroupOverview, GroupTopicOverview},
    shard::{NodeShared, ShardMessage, ShardSurvey, owner},
};
use ringlog_coordinator::{Request, Response};
use ringlog_model::{Offset, PartitionId, PartitionIndex};
use ringlog_reactor::reply;
use std::collections::BTreeMap;

/// Groups that are asked for; each takes three messages to its shard.
const GROUPS_MAX: usize = 1_000;

/// All groups, up to the bound, by name. What does not answer is left out.
pub(super) async fn groups(node: &NodeShared, surveys: &[Option<ShardSurvey>]) -> Vec<GroupOverview> {
    let mut groups = BTreeMap::new();
    let newest = surveys.iter().flatten().max_by_key(|survey| survey.view.version);
    let Some(view) = newest.map(|survey| survey.view.clone()) else { return Vec::new() };
    let Some(topic) = view.image.topic_by_name(OFFSETS_TOPIC) else { return Vec::new() };
    let ends: BTreeMap<PartitionId, Offset> = surveys
        .iter()
        .flatten()
        .flat_map(|survey| &survey.partitions)
        .map(|partition| (partition.partition, partition.high_watermark))
        .collect();
    let end = |topic: &str, partition: i32| {
        let topic = view.image.topic_by_name(topic)?.id;
        ends.get(&PartitionId { topic, index: PartitionIndex(partition) }).copied()
    };
    let coordinated = topic.partitions().filter(|(_, state)| state.leader == Some(node.node));
    for (coordinator, _) in coordinated {
        let ask = |request| coordinate(node, coordinator, request);
        for listed in list_groups(ask).await.unwrap_or_default() {
            if groups.len() >= GROUPS_MAX {
                break;
            }
            let Ok(facts) = describe_group(&listed.group, ask).await else { continue };
            let mut topics: BTreeMap<String, GroupTopicOverview> = BTreeMap::new();
            for (topic, partition, offset) in facts.offsets {
                let Some(end) = end(&topic, partition) else { continue };
                let entry = topics.entry(topic.to_string()).or_default();
                entry.partitions += 1;
                entry.lag += u64::try_from(end.0 - offset.0).unwrap_or(0);
            }
            let topics = topics.into_iter().map(|(topic, lag)| GroupTopicOverview { topic, ..lag });
            let group = GroupOverview {
                group: listed.group.to_string(),
                state: facts.state.name().to_owned(),
                members: facts.members.len() as u64,
                topics: topics.collect(),
            };
            groups.insert(group.group.clone(), group);
        }
    }
    groups.into_values().collect()
}

/// Asks the coordinator of a partition, from outside of the shards.
async fn coordinate(
    node: &NodeShared,
    coordinator: PartitionId,
    request: Request,
) -> Result<Response, Unavailable> {
    let (sender, receiver) = reply::channel();
    let mailbox = &node.mailboxes[usize::from(owner(coordinator, node.shard_count()).0)];
    if mailbox.try_send(ShardMessage::Coordinate(coordinator, request, sender)).is_err() {
        return Err(Unavailable::NotAvailable);
    }
    receiver.await.unwrap_or(Err(Unavailable::NotCoordinator))
}
