//! Members of a consumer group that assign by themselves (the classic protocol): they join, share partitions, commit positions, fall
//! silent and come back as others, and tell the group's history what they were given and promised.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use ringlog_kafka::messages::join_group_request::JoinGroupRequestProtocol;
use ringlog_kafka::messages::sync_group_request::SyncGroupRequestAssignment;
use ringlog_kafka::messages::{HeartbeatRequest, JoinGroupRequest, SyncGroupRequest};
use ringlog_kafka::{ErrorCode, Response};
use ringlog_reactor::Reactor;

use crate::balanced;
use crate::client::{Connection, Failure, accepted};
use crate::dialect::Dialect;
use crate::group_history::GroupHistory;
use crate::positions::{Owner, commit, coordinator, positions, senseless};

/// The least that a broker allows.
const SESSION_TIMEOUT_MS: i32 = 6_000;
/// Below the patience of a connection.
const REBALANCE_TIMEOUT_MS: i32 = 6_000;

/// What a member is to do.
#[derive(Debug, Clone)]
pub struct MemberPlan {
    /// The group.
    pub group: &'static str,
    /// By which protocol it takes part.
    pub protocol: MemberProtocol,
    /// What the group reads.
    pub topic: String,
    /// Partitions of the topic.
    pub partitions: i32,
    /// Nodes to ask for the coordinator.
    pub nodes: Vec<SocketAddr>,
}

/// How a member takes part in its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberProtocol {
    /// The classic one, with an assignor of our own.
    Classic,
    /// The newer one (KIP-848).
    Balanced,
    /// Now this, now that: the group is converted while members live.
    Either,
}

/// Who a member is to the group, as long as the group knows it.
#[derive(Debug, Default)]
struct Identity {
    member: String,
    generation: i32,
}

/// Takes part for ever.
pub async fn take_part(reactor: Reactor, plan: MemberPlan, history: Rc<RefCell<GroupHistory>>) {
    loop {
        let is_classic = match plan.protocol {
            MemberProtocol::Classic => true,
            MemberProtocol::Balanced => false,
            MemberProtocol::Either => reactor.random_u64().is_multiple_of(2),
        };
        // Whether a commit that was not answered still arrives is unknown. Under another name it cannot meet ours: each round is
        // another member.
        let failure = match is_classic {
            true => session(&reactor, &plan, &history).await,
            false => balanced::session(&reactor, &plan, &history).await,
        };
        if let Failure::Senseless(what) = &failure {
            history.borrow_mut().complain(what.clone());
        }
        reactor.sleep(Duration::from_millis(1 + reactor.random_u64() % 500)).await;
    }
}

/// One connection to the coordinator, to its end.
async fn session(reactor: &Reactor, plan: &MemberPlan, history: &RefCell<GroupHistory>) -> Failure {
    let attempt = async {
        let mut identity = Identity::default();
        let mut connection = coordinator(reactor, plan).await?;
        loop {
            let assigned = join(plan, &mut connection, &mut identity).await?;
            history.borrow_mut().assigned(identity.generation, &identity.member, &assigned);
            work(reactor, plan, history, &mut connection, &identity, &assigned).await?;
            // Now and then it goes without a word.
            if reactor.random_u64().is_multiple_of(20) {
                return Err(Failure::Timeout);
            }
        }
    };
    match attempt.await {
        Ok(never) => never,
        Err(failure) => failure,
    }
}

/// Joins and fetches the assignment; the leader deals the partitions out in turn.
async fn join(
    plan: &MemberPlan,
    connection: &mut Connection,
    identity: &mut Identity,
) -> Result<Vec<i32>, Failure> {
    loop {
        let dialect = Dialect::of(plan);
        let metadata = dialect.subscription(&plan.topic);
        let protocol = JoinGroupRequestProtocol { name: dialect.assignor(), metadata: &metadata };
        let request = JoinGroupRequest {
            group_id: plan.group,
            session_timeout_ms: SESSION_TIMEOUT_MS,
            rebalance_timeout_ms: REBALANCE_TIMEOUT_MS,
            member_id: &identity.member,
            protocol_type: dialect.protocol_type(),
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
    let dialect = Dialect::of(plan);
    let dealt: Vec<Vec<u8>> = (0..members.len())
        .map(|place| {
            let own = (0..plan.partitions).filter(|partition| *partition as usize % members.len() == place);
            dialect.assignment(&plan.topic, &own.collect::<Vec<_>>())
        })
        .collect();
    let assignments = members
        .iter()
        .zip(&dealt)
        .map(|(member_id, assignment)| SyncGroupRequestAssignment { member_id, assignment })
        .collect();
    let request = SyncGroupRequest {
        group_id: plan.group,
        generation_id: identity.generation,
        member_id: &identity.member,
        assignments,
        ..SyncGroupRequest::default()
    };
    let answer = connection.call(5, &request).await?;
    let Response::SyncGroup(synced) = answer.response()? else { return Err(senseless("sync")) };
    accepted(synced.error_code)?;
    dialect.read_assignment(synced.assignment).ok_or_else(|| senseless("assignment"))
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
    let owner = Owner::Classic { member: &identity.member, generation: identity.generation };
    let mut positions = positions(plan, history, connection, assigned, &owner).await?;
    loop {
        // Now and then longer than the session lasts.
        let slow = reactor.random_u64().is_multiple_of(60);
        let pause = if slow { 8_000 } else { 100 + reactor.random_u64() % 900 };
        reactor.sleep(Duration::from_millis(pause)).await;
        let lost = history.borrow().lost(&identity.member, assigned);
        let request = HeartbeatRequest {
            group_id: plan.group,
            generation_id: identity.generation,
            member_id: &identity.member,
            group_instance_id: None,
        };
        let answer = connection.call(4, &request).await?;
        let Response::Heartbeat(response) = answer.response()? else { return Err(senseless("heartbeat")) };
        match response.error_code {
            ErrorCode::NONE => history.borrow_mut().confirmed(&identity.member, &lost),
            ErrorCode::REBALANCE_IN_PROGRESS => return Ok(()),
            code => return Err(Failure::Refused(code)),
        }
        for (partition, position) in assigned.iter().zip(&mut positions) {
            match commit(plan, connection, &owner, *partition, *position + 1).await {
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
