//! Members of a consumer group: they join, share partitions, commit positions, fall silent and come back as others, and tell
//! the group's history what they were given and promised.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use ringlog_kafka::messages::join_group_request::JoinGroupRequestProtocol;
use ringlog_kafka::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use ringlog_kafka::messages::offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics};
use ringlog_kafka::messages::sync_group_request::SyncGroupRequestAssignment;
use ringlog_kafka::messages::{
    FindCoordinatorRequest, HeartbeatRequest, JoinGroupRequest, OffsetCommitRequest, OffsetFetchRequest,
    SyncGroupRequest,
};
use ringlog_kafka::{ErrorCode, Response};
use ringlog_reactor::Reactor;

use crate::client::{Connection, Failure, accepted};
use crate::group_history::GroupHistory;

/// The group of all members.
const GROUP: &str = "members";
/// The least that a broker allows.
const SESSION_TIMEOUT_MS: i32 = 6_000;
/// Below the patience of a connection.
const REBALANCE_TIMEOUT_MS: i32 = 6_000;

/// What a member is to do.
#[derive(Debug, Clone)]
pub struct MemberPlan {
    /// What the group reads.
    pub topic: String,
    /// Partitions of the topic.
    pub partitions: i32,
    /// Nodes to ask for the coordinator.
    pub nodes: Vec<SocketAddr>,
}

/// Who a member is to the group, as long as the group knows it.
#[derive(Debug, Default)]
struct Identity {
    member: String,
    generation: i32,
}

/// Takes part for ever.
pub async fn take_part(reactor: Reactor, plan: MemberPlan, history: Rc<RefCell<GroupHistory>>) {
    let mut identity = Identity::default();
    loop {
        let failure = session(&reactor, &plan, &history, &mut identity).await;
        if let Failure::Senseless(what) = &failure {
            history.borrow_mut().complain(what.clone());
        }
        // Whether a commit that was not answered still arrives is unknown. Under another name it cannot meet ours.
        identity = Identity::default();
        reactor.sleep(Duration::from_millis(1 + reactor.random_u64() % 500)).await;
    }
}

/// One connection to the coordinator, to its end.
async fn session(
    reactor: &Reactor,
    plan: &MemberPlan,
    history: &RefCell<GroupHistory>,
    identity: &mut Identity,
) -> Failure {
    let attempt = async {
        let node = plan.nodes[(reactor.random_u64() % plan.nodes.len() as u64) as usize];
        let coordinator = coordinator(&mut Connection::open(reactor, node).await?).await?;
        let mut connection = Connection::open(reactor, coordinator).await?;
        loop {
            let assigned = join(plan, &mut connection, identity).await?;
            history.borrow_mut().assigned(identity.generation, &identity.member, &assigned);
            work(reactor, plan, history, &mut connection, identity, &assigned).await?;
        }
    };
    match attempt.await {
        Ok(never) => never,
        Err(failure) => failure,
    }
}

async fn coordinator(connection: &mut Connection) -> Result<SocketAddr, Failure> {
    let request =
        FindCoordinatorRequest { coordinator_keys: vec![GROUP], ..FindCoordinatorRequest::default() };
    let answer = connection.call(6, &request).await?;
    let Response::FindCoordinator(response) = answer.response()? else {
        return Err(senseless("coordinator"));
    };
    let found = response.coordinators.first().ok_or_else(|| senseless("coordinator"))?;
    accepted(found.error_code)?;
    format!("{}:{}", found.host, found.port).parse().map_err(|_| senseless("address"))
}

/// Joins and fetches the assignment; the leader deals the partitions out in turn.
async fn join(
    plan: &MemberPlan,
    connection: &mut Connection,
    identity: &mut Identity,
) -> Result<Vec<i32>, Failure> {
    loop {
        let protocol = JoinGroupRequestProtocol { name: "turns", metadata: b"" };
        let request = JoinGroupRequest {
            group_id: GROUP,
            session_timeout_ms: SESSION_TIMEOUT_MS,
            rebalance_timeout_ms: REBALANCE_TIMEOUT_MS,
            member_id: &identity.member,
            protocol_type: "simulated",
            protocols: vec![protocol],
            ..JoinGroupRequest::default()
        };
        let answer = connection.call(9, &request).await?;
        let Response::JoinGroup(joined) = answer.response()? else { return Err(senseless("join")) };
        let member = joined.member_id.to_owned();
        if joined.error_code == ErrorCode::MEMBER_ID_REQUIRED {
            identity.member = member;
            continue;
        }
        accepted(joined.error_code)?;
        *identity = Identity { member, generation: joined.generation_id };
        let members: Vec<_> = joined.members.iter().map(|member| member.member_id).collect();
        match sync(plan, connection, identity, &members).await {
            Err(Failure::Refused(ErrorCode::REBALANCE_IN_PROGRESS)) => {}
            other => return other,
        }
    }
}

async fn sync(
    plan: &MemberPlan,
    connection: &mut Connection,
    identity: &Identity,
    members: &[&str],
) -> Result<Vec<i32>, Failure> {
    let dealt: Vec<Vec<u8>> = (0..members.len())
        .map(|place| {
            let own = (0..plan.partitions).filter(|partition| *partition as usize % members.len() == place);
            own.map(|partition| partition as u8).collect()
        })
        .collect();
    let assignments = members
        .iter()
        .zip(&dealt)
        .map(|(member_id, assignment)| SyncGroupRequestAssignment { member_id, assignment })
        .collect();
    let request = SyncGroupRequest {
        group_id: GROUP,
        generation_id: identity.generation,
        member_id: &identity.member,
        assignments,
        ..SyncGroupRequest::default()
    };
    let answer = connection.call(5, &request).await?;
    let Response::SyncGroup(synced) = answer.response()? else { return Err(senseless("sync")) };
    accepted(synced.error_code)?;
    Ok(synced.assignment.iter().map(|partition| i32::from(*partition)).collect())
}

/// Reads where the group stands, and moves it on, until the group rebalances.
async fn work(
    reactor: &Reactor,
    plan: &MemberPlan,
    history: &RefCell<GroupHistory>,
    connection: &mut Connection,
    identity: &Identity,
    assigned: &[i32],
) -> Result<(), Failure> {
    let mut positions = positions(plan, history, connection, assigned).await?;
    loop {
        // Now and then longer than the session lasts.
        let slow = reactor.random_u64().is_multiple_of(60);
        let pause = if slow { 8_000 } else { 100 + reactor.random_u64() % 900 };
        reactor.sleep(Duration::from_millis(pause)).await;
        let request = HeartbeatRequest {
            group_id: GROUP,
            generation_id: identity.generation,
            member_id: &identity.member,
            group_instance_id: None,
        };
        let answer = connection.call(4, &request).await?;
        let Response::Heartbeat(response) = answer.response()? else { return Err(senseless("heartbeat")) };
        match response.error_code {
            ErrorCode::NONE => {}
            ErrorCode::REBALANCE_IN_PROGRESS => return Ok(()),
            code => return Err(Failure::Refused(code)),
        }
        for (partition, position) in assigned.iter().zip(&mut positions) {
            match commit(plan, connection, identity, *partition, *position + 1).await {
                Ok(()) => {
                    *position += 1;
                    history.borrow_mut().committed(*partition, *position);
                }
                Err(Failure::Refused(ErrorCode::REBALANCE_IN_PROGRESS)) => return Ok(()),
                Err(failure) => return Err(failure),
            }
        }
    }
}

async fn positions(
    plan: &MemberPlan,
    history: &RefCell<GroupHistory>,
    connection: &mut Connection,
    assigned: &[i32],
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
    let group = OffsetFetchRequestGroup {
        group_id: GROUP,
        topics: Some(vec![topics]),
        ..OffsetFetchRequestGroup::default()
    };
    let request = OffsetFetchRequest { groups: vec![group], ..OffsetFetchRequest::default() };
    let answer = connection.call(8, &request).await?;
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

async fn commit(
    plan: &MemberPlan,
    connection: &mut Connection,
    identity: &Identity,
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
    let request = OffsetCommitRequest {
        group_id: GROUP,
        generation_id_or_member_epoch: identity.generation,
        member_id: &identity.member,
        topics: vec![topic],
        ..OffsetCommitRequest::default()
    };
    let answer = connection.call(8, &request).await?;
    let Response::OffsetCommit(response) = answer.response()? else { return Err(senseless("commit")) };
    let partition = response.topics.first().and_then(|topic| topic.partitions.first());
    accepted(partition.ok_or_else(|| senseless("commit"))?.error_code)
}

fn senseless(what: &str) -> Failure {
    Failure::Senseless(format!("no answer about the {what}"))
}
