//! Many groups that rebalance at the same time, by either protocol.
//!
//! First two members of every group come at once, then a third. A group has settled when all its members know their parts
//! of one generation, or own disjoint parts of all partitions.

use crate::broker::Subject;
use crate::client::Client;
use crate::groups::{find_coordinator, is_soon_there};
use crate::report::Report;
use anyhow::{Result, bail, ensure};
use ringlog_kafka::messages::consumer_group_heartbeat_request::TopicPartitions;
use ringlog_kafka::messages::join_group_request::JoinGroupRequestProtocol;
use ringlog_kafka::messages::sync_group_request::SyncGroupRequestAssignment;
use ringlog_kafka::messages::{
    ConsumerGroupHeartbeatRequest, HeartbeatRequest, JoinGroupRequest, SyncGroupRequest,
};
use ringlog_kafka::{ErrorCode, Response};
use ringlog_model::Uuid;
use ringlog_reactor::{Reactor, Task};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

const TOPIC: &str = "capacity";
const PARTITIONS: i32 = 12;
/// How often members say that they live. Clients' defaults are 3 s and 5 s; this measures the broker, not the wait.
const HEARTBEAT: Duration = Duration::from_millis(500);
const LOOK_AGAIN: Duration = Duration::from_millis(10);
const AGAIN: Duration = Duration::from_millis(50);
/// Longer than a group may take to settle.
const GIVE_UP: Duration = Duration::from_secs(120);
const FIRST_MEMBERS: usize = 2;
/// An absent timeout for groups of the newer protocol is taken from the member's first heartbeat.
const REBALANCE_TIMEOUT_MS: i32 = 60_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Classic,
    Consumer,
}

/// By member of a group: its generation and its part.
type Parts = BTreeMap<usize, (i32, BTreeSet<i32>)>;

/// What the members know of the groups.
#[derive(Default)]
struct Board {
    /// By group. A classic part is not looked into: it is the leader's.
    parts: RefCell<Vec<Parts>>,
    settled: RefCell<BTreeSet<usize>>,
    expected: Cell<usize>,
    errors: RefCell<BTreeMap<String, usize>>,
}

impl Board {
    fn know(&self, group: usize, member: usize, epoch: i32, part: BTreeSet<i32>, protocol: Protocol) {
        let parts = &mut self.parts.borrow_mut()[group];
        parts.insert(member, (epoch, part));
        let mut all = BTreeSet::new();
        let is_disjoint = parts.values().all(|(_, part)| part.iter().all(|index| all.insert(*index)));
        let is_whole = match protocol {
            Protocol::Classic => parts.values().all(|(generation, _)| *generation == epoch),
            Protocol::Consumer => is_disjoint && all.len() == PARTITIONS as usize,
        };
        if is_whole && parts.len() == self.expected.get() {
            self.settled.borrow_mut().insert(group);
        }
    }

    fn expect(&self, members: usize) {
        self.expected.set(members);
        self.settled.borrow_mut().clear();
    }

    fn complain(&self, what: String) {
        *self.errors.borrow_mut().entry(what).or_default() += 1;
    }
}

pub(crate) async fn measure(
    reactor: &Reactor,
    data: &Path,
    groups: usize,
    report: &mut Report,
) -> Result<()> {
    for (protocol, name) in [(Protocol::Classic, "classic"), (Protocol::Consumer, "consumer")] {
        let broker = Subject::fresh(data, &format!("rebalancing-{name}"))?;
        let client = Client::open(reactor, broker.kafka()).await?;
        client.create_topic(TOPIC, PARTITIONS, &[]).await?;
        find_coordinator(reactor, &client).await?;
        let before = broker.memory();
        let board = Rc::new(Board::default());
        board.parts.borrow_mut().resize(groups, BTreeMap::new());
        let mut members = Vec::new();
        let mut join = |upto: usize, from: usize| {
            board.expect(upto);
            for group in 0..groups {
                for number in from..upto {
                    let member = Member {
                        reactor: reactor.clone(),
                        board: board.clone(),
                        group,
                        number,
                        group_id: format!("capacity-{name}-{group}"),
                        member_id: RefCell::default(),
                    };
                    members.push(member.start(broker.kafka(), protocol));
                }
            }
        };
        let begun = Instant::now();
        join(FIRST_MEMBERS, 0);
        let settled = settle(reactor, &board, groups).await;
        report.exactly(format!("{name} groups of two members that came at once, settled"), settled, groups);
        report.tell("the last of them after", format!("{:.2} s", begun.elapsed().as_secs_f64()));
        let begun = Instant::now();
        join(FIRST_MEMBERS + 1, FIRST_MEMBERS);
        let settled = settle(reactor, &board, groups).await;
        report.exactly(format!("{name} groups that a third joined at once, settled"), settled, groups);
        report.tell("the last of them after", format!("{:.2} s", begun.elapsed().as_secs_f64()));
        let errors = board.errors.borrow();
        report.exactly("errors that members met", errors.values().sum(), 0);
        errors.iter().for_each(|(what, count)| println!("    {count} x {what}"));
        let each = broker.memory().saturating_sub(before) as f64 / (groups * (FIRST_MEMBERS + 1)) as f64;
        report.tell("memory of a member with its connection", format!("{:.1} KiB", each / 1024.0));
        members.clear();
        drop(client);
        broker.end()?;
    }
    Ok(())
}

/// Waits until all groups have settled; gives how many have.
async fn settle(reactor: &Reactor, board: &Board, groups: usize) -> usize {
    let begun = Instant::now();
    while board.settled.borrow().len() < groups && begun.elapsed() < GIVE_UP {
        reactor.sleep(LOOK_AGAIN).await;
    }
    board.settled.borrow().len()
}

struct Member {
    reactor: Reactor,
    board: Rc<Board>,
    group: usize,
    number: usize,
    group_id: String,
    member_id: RefCell<String>,
}

impl Member {
    /// Takes part until its task is dropped.
    fn start(self, address: std::net::SocketAddr, protocol: Protocol) -> Task<()> {
        let reactor = self.reactor.clone();
        reactor.spawn(async move {
            let outcome = async {
                let client = Client::open(&self.reactor, address).await?;
                match protocol {
                    Protocol::Classic => self.take_part(&client).await,
                    Protocol::Consumer => self.be_assigned(&client).await,
                }
            };
            if let Err(error) = outcome.await {
                self.board.complain(format!("{error:#}"));
            }
        })
    }

    async fn take_part(&self, client: &Client) -> Result<()> {
        loop {
            let (generation, members) = self.join(client).await?;
            if !self.sync(client, generation, &members).await? {
                continue;
            }
            self.board.know(self.group, self.number, generation, BTreeSet::new(), Protocol::Classic);
            loop {
                self.reactor.sleep(HEARTBEAT).await;
                let member_id = self.member_id.borrow().clone();
                let request = HeartbeatRequest {
                    group_id: &self.group_id,
                    generation_id: generation,
                    member_id: &member_id,
                    group_instance_id: None,
                };
                let answer = client.ask(4, &request).await?;
                let Response::Heartbeat(response) = answer.response()? else {
                    bail!("no answer to a heartbeat")
                };
                match response.error_code {
                    ErrorCode::NONE => {}
                    ErrorCode::REBALANCE_IN_PROGRESS => break,
                    code => bail!("a heartbeat was refused: {code}"),
                }
            }
        }
    }

    /// The generation, and for the leader all members.
    async fn join(&self, client: &Client) -> Result<(i32, Vec<String>)> {
        loop {
            let member_id = self.member_id.borrow().clone();
            let request = JoinGroupRequest {
                group_id: &self.group_id,
                session_timeout_ms: 45_000,
                rebalance_timeout_ms: REBALANCE_TIMEOUT_MS,
                member_id: &member_id,
                protocol_type: "consumer",
                protocols: vec![JoinGroupRequestProtocol { name: "range", metadata: &[0; 24] }],
                ..JoinGroupRequest::default()
            };
            let answer = client.ask(7, &request).await?;
            let Response::JoinGroup(joined) = answer.response()? else { bail!("no answer to a join") };
            match joined.error_code {
                ErrorCode::NONE => {
                    self.member_id.replace(joined.member_id.to_owned());
                    let members = joined.members.iter().map(|member| member.member_id.to_owned()).collect();
                    return Ok((joined.generation_id, members));
                }
                ErrorCode::MEMBER_ID_REQUIRED => {
                    self.member_id.replace(joined.member_id.to_owned());
                }
                code if is_soon_there(code) => self.reactor.sleep(AGAIN).await,
                code => bail!("a join was refused: {code}"),
            }
        }
    }

    /// Whether the generation lasted until the assignment was there.
    async fn sync(&self, client: &Client, generation_id: i32, members: &[String]) -> Result<bool> {
        let member_id = self.member_id.borrow().clone();
        let assignments = members
            .iter()
            .map(|member| SyncGroupRequestAssignment { member_id: member, assignment: &[0; 40] })
            .collect();
        let request = SyncGroupRequest {
            group_id: &self.group_id,
            generation_id,
            member_id: &member_id,
            assignments,
            ..SyncGroupRequest::default()
        };
        let answer = client.ask(3, &request).await?;
        let Response::SyncGroup(synced) = answer.response()? else { bail!("no answer to a sync") };
        match synced.error_code {
            ErrorCode::NONE => Ok(true),
            ErrorCode::REBALANCE_IN_PROGRESS => Ok(false),
            code => bail!("a sync was refused: {code}"),
        }
    }

    async fn be_assigned(&self, client: &Client) -> Result<()> {
        let member_id = format!("member-{}-{}", self.group, self.number);
        let (mut epoch, mut owned, mut topic_id) = (0, BTreeSet::new(), Uuid::default());
        // What is owned is told when it is new; the first time, that it is nothing.
        let mut is_told = false;
        loop {
            let mine = TopicPartitions { topic_id, partitions: owned.iter().copied().collect() };
            let partitions = if owned.is_empty() { Vec::new() } else { vec![mine] };
            let request = ConsumerGroupHeartbeatRequest {
                group_id: &self.group_id,
                member_id: &member_id,
                member_epoch: epoch,
                rebalance_timeout_ms: if epoch == 0 { REBALANCE_TIMEOUT_MS } else { -1 },
                subscribed_topic_names: (epoch == 0).then(|| vec![TOPIC]),
                topic_partitions: (!is_told).then_some(partitions),
                ..ConsumerGroupHeartbeatRequest::default()
            };
            let answer = client.ask(1, &request).await?;
            let Response::ConsumerGroupHeartbeat(response) = answer.response()? else {
                bail!("no answer to a heartbeat")
            };
            if is_soon_there(response.error_code) {
                self.reactor.sleep(AGAIN).await;
                continue;
            }
            ensure!(response.error_code.is_none(), "a heartbeat was refused: {}", response.error_code);
            epoch = response.member_epoch;
            is_told = true;
            if let Some(assignment) = &response.assignment {
                let topic = assignment.topic_partitions.first();
                topic_id = topic.map_or(topic_id, |topic| topic.topic_id);
                let new: BTreeSet<i32> =
                    topic.map(|topic| topic.partitions.iter().copied().collect()).unwrap_or_default();
                // What is given up or taken is told at once, as clients do.
                is_told = new == owned;
                owned = new;
            }
            self.board.know(self.group, self.number, epoch, owned.clone(), Protocol::Consumer);
            if is_told {
                self.reactor.sleep(HEARTBEAT).await;
            }
        }
    }
}
