//! A group's coordinator and positions, as members of either protocol ask for them.

use std::cell::RefCell;

use ringlog_kafka::Response;
use ringlog_kafka::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use ringlog_kafka::messages::offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics};
use ringlog_kafka::messages::{FindCoordinatorRequest, OffsetCommitRequest, OffsetFetchRequest};
use ringlog_reactor::Reactor;

use crate::client::{Connection, Failure, accepted};
use crate::group_history::GroupHistory;
use crate::member::MemberPlan;

/// Whose positions they are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Owner<'a> {
    /// A member of a generation.
    Classic { member: &'a str, generation: i32 },
    /// A member of an epoch, checked with every request.
    Balanced { member: &'a str, epoch: i32 },
}

impl Owner<'_> {
    /// The versions of OffsetFetch and OffsetCommit from which they know member epochs.
    fn version(&self) -> i16 {
        match self {
            Owner::Classic { .. } => 8,
            Owner::Balanced { .. } => 9,
        }
    }
}

/// A connection to the group's coordinator.
pub(crate) async fn coordinator(reactor: &Reactor, plan: &MemberPlan) -> Result<Connection, Failure> {
    let node = plan.nodes[(reactor.random_u64() % plan.nodes.len() as u64) as usize];
    let mut connection = Connection::open(reactor, node).await?;
    let request =
        FindCoordinatorRequest { coordinator_keys: vec![plan.group], ..FindCoordinatorRequest::default() };
    let answer = connection.call(6, &request).await?;
    let Response::FindCoordinator(response) = answer.response()? else {
        return Err(senseless("coordinator"));
    };
    let found = response.coordinators.first().ok_or_else(|| senseless("coordinator"))?;
    accepted(found.error_code)?;
    let address = format!("{}:{}", found.host, found.port).parse().map_err(|_| senseless("address"))?;
    Connection::open(reactor, address).await
}

/// Where the partitions stand.
pub(crate) async fn positions(
    plan: &MemberPlan,
    history: &RefCell<GroupHistory>,
    connection: &mut Connection,
    assigned: &[i32],
    owner: &Owner<'_>,
) -> Result<Vec<i64>, Failure> {
    if assigned.is_empty() {
        return Ok(Vec::new());
    }
    let promised: Vec<_> = assigned.iter().map(|partition| history.borrow().promised(*partition)).collect();
    let topics = OffsetFetchRequestTopics {
        name: &plan.topic,
        partition_indexes: assigned.to_vec(),
        ..OffsetFetchRequestTopics::default()
    };
    let (member_id, member_epoch) = match *owner {
        Owner::Classic { .. } => (None, -1),
        Owner::Balanced { member, epoch } => (Some(member), epoch),
    };
    let group =
        OffsetFetchRequestGroup { group_id: plan.group, member_id, member_epoch, topics: Some(vec![topics]) };
    let request = OffsetFetchRequest { groups: vec![group], ..OffsetFetchRequest::default() };
    let answer = connection.call(owner.version(), &request).await?;
    let Response::OffsetFetch(response) = answer.response()? else { return Err(senseless("positions")) };
    let group = response.groups.first().ok_or_else(|| senseless("positions"))?;
    accepted(group.error_code)?;
    let topic = group.topics.first().ok_or_else(|| senseless("positions"))?;
    let found: Vec<_> = topic.partitions.iter().map(|partition| partition.committed_offset).collect();
    for ((partition, promised), found) in assigned.iter().zip(promised).zip(&found) {
        history.borrow_mut().found(*partition, promised, *found);
    }
    Ok(found)
}

/// Moves a partition's position.
pub(crate) async fn commit(
    plan: &MemberPlan,
    connection: &mut Connection,
    owner: &Owner<'_>,
    partition_index: i32,
    committed_offset: i64,
) -> Result<(), Failure> {
    let partition = OffsetCommitRequestPartition {
        partition_index,
        committed_offset,
        ..OffsetCommitRequestPartition::default()
    };
    let topic = OffsetCommitRequestTopic {
        name: &plan.topic,
        partitions: vec![partition],
        ..OffsetCommitRequestTopic::default()
    };
    let (Owner::Classic { member, generation: epoch } | Owner::Balanced { member, epoch }) = *owner;
    let request = OffsetCommitRequest {
        group_id: plan.group,
        generation_id_or_member_epoch: epoch,
        member_id: member,
        topics: vec![topic],
        ..OffsetCommitRequest::default()
    };
    let answer = connection.call(owner.version(), &request).await?;
    let Response::OffsetCommit(response) = answer.response()? else { return Err(senseless("commit")) };
    let partition = response.topics.first().and_then(|topic| topic.partitions.first());
    accepted(partition.ok_or_else(|| senseless("commit"))?.error_code)
}

pub(crate) fn senseless(what: &str) -> Failure {
    Failure::Senseless(format!("no answer about the {what}"))
}
