//! A start with many groups in `__consumer_offsets`: how soon each can be used.

use crate::broker::Subject;
use crate::client::{Client, for_each};
use crate::report::Report;
use anyhow::{Context, Result, bail, ensure};
use ringlog_kafka::messages::join_group_request::JoinGroupRequestProtocol;
use ringlog_kafka::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use ringlog_kafka::messages::offset_fetch_request::OffsetFetchRequestGroup;
use ringlog_kafka::messages::sync_group_request::SyncGroupRequestAssignment;
use ringlog_kafka::messages::{
    FindCoordinatorRequest, JoinGroupRequest, OffsetCommitRequest, OffsetFetchRequest, SyncGroupRequest,
};
use ringlog_kafka::{ErrorCode, Response};
use ringlog_reactor::Reactor;
use std::path::Path;
use std::time::{Duration, Instant};

const TOPIC: &str = "capacity";
const PARTITIONS: i32 = 10;
const POSITION: i64 = 42;
const AT_ONCE: usize = 64;
/// How long a refused client waits before it asks again.
const AGAIN: Duration = Duration::from_millis(10);

pub(crate) async fn measure(
    reactor: &Reactor,
    data: &Path,
    groups: usize,
    report: &mut Report,
) -> Result<()> {
    let broker = Subject::fresh(data, "groups")?;
    let client = Client::open(reactor, broker.kafka()).await?;
    client.create_topic(TOPIC, PARTITIONS, &[]).await?;
    find_coordinator(reactor, &client).await?;
    let begun = Instant::now();
    let worker = reactor.clone();
    for_each(reactor, broker.kafka(), groups, AT_ONCE, move |client, number| {
        let reactor = worker.clone();
        async move { settle(&reactor, &client, &name(number)).await }
    })
    .await?;
    let took = begun.elapsed().as_secs_f64();
    report.tell(
        format!("{groups} groups join, are assigned and commit {PARTITIONS} positions"),
        format!("{took:.1} s"),
    );
    drop(client);
    let broker = broker.kill_and_start()?;
    look_at_all(reactor, &broker, groups, "kill -9", report).await?;
    let broker = broker.restart()?;
    look_at_all(reactor, &broker, groups, "a clean stop", report).await?;
    broker.end()
}

fn name(number: usize) -> String {
    format!("capacity-group-{number}")
}

/// Every group is asked for its positions, as soon as the broker is there.
async fn look_at_all(
    reactor: &Reactor,
    broker: &Subject,
    groups: usize,
    after: &str,
    report: &mut Report,
) -> Result<()> {
    let worker = reactor.clone();
    let begun = Instant::now();
    // The first of these are spread over all partitions: once they are answered, every coordinator is there.
    let spread = groups.min(1_000);
    for_each(reactor, broker.kafka(), spread, AT_ONCE, move |client, number| {
        let reactor = worker.clone();
        async move { look(&reactor, &client, &name(number)).await }
    })
    .await?;
    let usable = broker.started.elapsed().as_secs_f64();
    let since_ready = begun.elapsed().as_secs_f64();
    report.tell(
        format!("ready with {groups} groups after {after}"),
        format!("{:.2} s", broker.ready_after.as_secs_f64()),
    );
    report.below(
        format!("{spread} groups of all coordinators answered after {after}, from the ready line"),
        since_ready,
        1.0,
        "s",
    );
    report.below("the same, from the start of the process", usable, 1.0, "s");
    let worker = reactor.clone();
    for_each(reactor, broker.kafka(), groups, AT_ONCE, move |client, number| {
        let reactor = worker.clone();
        async move { look(&reactor, &client, &name(number)).await }
    })
    .await?;
    report.tell("every group asked once, in all", format!("{:.2} s", begun.elapsed().as_secs_f64()));
    Ok(())
}

/// Until `__consumer_offsets` exists.
pub(crate) async fn find_coordinator(reactor: &Reactor, client: &Client) -> Result<()> {
    loop {
        let request = FindCoordinatorRequest {
            coordinator_keys: vec!["capacity"],
            ..FindCoordinatorRequest::default()
        };
        let answer = client.ask(4, &request).await?;
        let Response::FindCoordinator(found) = answer.response()? else { bail!("no answer of coordinators") };
        match found.coordinators.first().context("no coordinator in the answer")?.error_code {
            ErrorCode::NONE => return Ok(()),
            ErrorCode::COORDINATOR_NOT_AVAILABLE => reactor.sleep(AGAIN).await,
            other => bail!("no coordinator: {other}"),
        }
    }
}

/// A group of one member that has its partitions and has committed a position of each.
async fn settle(reactor: &Reactor, client: &Client, group_id: &str) -> Result<()> {
    let mut member_id = String::new();
    let (member_id, generation) = loop {
        let request = JoinGroupRequest {
            group_id,
            session_timeout_ms: 45_000,
            rebalance_timeout_ms: 60_000,
            member_id: &member_id,
            protocol_type: "consumer",
            protocols: vec![JoinGroupRequestProtocol { name: "range", metadata: &[0; 24] }],
            ..JoinGroupRequest::default()
        };
        let answer = client.ask(7, &request).await?;
        let Response::JoinGroup(joined) = answer.response()? else { bail!("no answer to a join") };
        match joined.error_code {
            ErrorCode::NONE => break (joined.member_id.to_owned(), joined.generation_id),
            ErrorCode::MEMBER_ID_REQUIRED => member_id = joined.member_id.to_owned(),
            code if is_soon_there(code) => reactor.sleep(AGAIN).await,
            code => bail!("a join was refused: {code}"),
        }
    };
    let request = SyncGroupRequest {
        group_id,
        generation_id: generation,
        member_id: &member_id,
        assignments: vec![SyncGroupRequestAssignment { member_id: &member_id, assignment: &[0; 70] }],
        ..SyncGroupRequest::default()
    };
    let answer = client.ask(3, &request).await?;
    let Response::SyncGroup(synced) = answer.response()? else { bail!("no answer to a sync") };
    ensure!(synced.error_code.is_none(), "a sync was refused: {}", synced.error_code);
    let partition = |index| OffsetCommitRequestPartition {
        partition_index: index,
        committed_offset: POSITION,
        ..OffsetCommitRequestPartition::default()
    };
    let topic = OffsetCommitRequestTopic {
        name: TOPIC,
        partitions: (0..PARTITIONS).map(partition).collect(),
        ..OffsetCommitRequestTopic::default()
    };
    let request = OffsetCommitRequest {
        group_id,
        generation_id_or_member_epoch: generation,
        member_id: &member_id,
        topics: vec![topic],
        ..OffsetCommitRequest::default()
    };
    let answer = client.ask(8, &request).await?;
    let Response::OffsetCommit(committed) = answer.response()? else { bail!("no answer to a commit") };
    let all = committed.topics.iter().flat_map(|topic| &topic.partitions);
    for partition in all {
        ensure!(partition.error_code.is_none(), "a commit was refused: {}", partition.error_code);
    }
    Ok(())
}

/// Asks for a group's positions until they are given.
async fn look(reactor: &Reactor, client: &Client, group_id: &str) -> Result<()> {
    loop {
        let group = OffsetFetchRequestGroup { group_id, topics: None, ..OffsetFetchRequestGroup::default() };
        let request = OffsetFetchRequest { groups: vec![group], ..OffsetFetchRequest::default() };
        let answer = client.ask(8, &request).await?;
        let Response::OffsetFetch(response) = answer.response()? else { bail!("no answer about positions") };
        let group = response.groups.first().context("no group in the answer")?;
        if is_soon_there(group.error_code) {
            reactor.sleep(AGAIN).await;
            continue;
        }
        ensure!(group.error_code.is_none(), "{group_id} was refused: {}", group.error_code);
        let found = group.topics.iter().flat_map(|topic| &topic.partitions);
        let right = found.filter(|partition| partition.committed_offset == POSITION).count();
        ensure!(right == PARTITIONS as usize, "{group_id} has {right} positions of {PARTITIONS}");
        return Ok(());
    }
}

/// Whether a client asks again.
pub(crate) fn is_soon_there(code: ErrorCode) -> bool {
    [
        ErrorCode::COORDINATOR_LOAD_IN_PROGRESS,
        ErrorCode::COORDINATOR_NOT_AVAILABLE,
        ErrorCode::NOT_COORDINATOR,
    ]
    .contains(&code)
}
