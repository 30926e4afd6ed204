//! What tests of the coordinator share: a driver with a clock, and a log of the records.

use crate::*;
use bytes::Bytes;
use core::time::Duration;
use ringlog_model::{Instant, Now, Offset, Timestamp, TopicId, Uuid};
use std::collections::BTreeMap;

/// Topics of a test: names with ids and partition counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct TestTopics(pub(crate) BTreeMap<Name, TopicFacts>, u64, pub(crate) Option<GroupSettings>);

impl TestTopics {
    pub(crate) fn add(&mut self, name: &str, partitions: i32) -> TopicId {
        let mut id = [0; 16];
        id[..name.len().min(16)].copy_from_slice(&name.as_bytes()[..name.len().min(16)]);
        let id = TopicId(Uuid(id));
        self.0.insert(name.into(), TopicFacts { id, name: name.into(), partitions });
        self.1 += 1;
        id
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.remove(name);
        self.1 += 1;
    }
}

impl Topics for TestTopics {
    fn by_name(&self, name: &str) -> Option<TopicFacts> {
        self.0.get(name).cloned()
    }

    fn by_id(&self, id: TopicId) -> Option<TopicFacts> {
        self.0.values().find(|facts| facts.id == id).cloned()
    }

    fn for_each_name(&self, visit: &mut dyn FnMut(&str)) {
        self.0.keys().for_each(|name| visit(name));
    }

    fn version(&self) -> u64 {
        self.1
    }

    fn group_settings(&self, _group: &str) -> Option<GroupSettings> {
        self.2
    }
}

/// A coordinator, the time, and everything it has said and recorded.
pub(crate) struct Driver {
    pub(crate) coordinator: Coordinator,
    pub(crate) topics: TestTopics,
    pub(crate) now: Now,
    tokens: u64,
    pub(crate) answers: BTreeMap<Token, Response>,
    /// The log, compacted: the last value of each key.
    pub(crate) log: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl Driver {
    pub(crate) fn new(config: Config) -> Driver {
        let now = Now { monotonic: Instant(1), wall: Timestamp(1_000_000) };
        let mut coordinator = Coordinator::new(config);
        let topics = TestTopics::default();
        coordinator.loaded(now, &topics);
        Driver { coordinator, topics, now, tokens: 0, answers: BTreeMap::new(), log: BTreeMap::new() }
    }

    /// Without the wait of an empty group's first join.
    pub(crate) fn prompt() -> Driver {
        Driver::new(Config { initial_rebalance_delay: Duration::ZERO, ..Config::default() })
    }

    pub(crate) fn ask(&mut self, request: impl Into<Request>) -> Token {
        self.tokens += 1;
        let token = Token(self.tokens);
        let mut effects = Effects::new();
        self.coordinator.handle(self.now, &self.topics, token, request.into(), &mut effects);
        self.carry_out(&mut effects);
        token
    }

    /// Asks something that is answered at once.
    pub(crate) fn answer(&mut self, request: impl Into<Request>) -> Response {
        let token = self.ask(request);
        self.answers.remove(&token).expect("answered at once")
    }

    /// The answer to an earlier request, if it is there.
    pub(crate) fn take(&mut self, token: Token) -> Option<Response> {
        self.answers.remove(&token)
    }

    pub(crate) fn joined(&mut self, token: Token) -> JoinResponse {
        match self.take(token) {
            Some(Response::Join(response)) => response,
            other => panic!("not a join's answer: {other:?}"),
        }
    }

    pub(crate) fn synced(&mut self, token: Token) -> Result<Synced, Refusal> {
        match self.take(token) {
            Some(Response::Sync(result)) => result,
            other => panic!("not a sync's answer: {other:?}"),
        }
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now.monotonic.plus(time);
        // Deadlines pass one by one, as they do in a shard that is not overloaded.
        while let Some(next) = self.coordinator.next_deadline().filter(|next| *next <= end) {
            self.set_time(next.max(self.now.monotonic));
            let mut effects = Effects::new();
            self.coordinator.tick(self.now, &self.topics, &mut effects);
            self.carry_out(&mut effects);
        }
        self.set_time(end);
    }

    fn set_time(&mut self, to: Instant) {
        let passed = to.since(self.now.monotonic);
        self.now.wall.0 += i64::try_from(passed.as_millis()).unwrap();
        self.now.monotonic = to;
    }

    pub(crate) fn delete_topics(&mut self, deleted: &[Name]) {
        let mut effects = Effects::new();
        self.coordinator.topics_deleted(deleted, &mut effects);
        self.carry_out(&mut effects);
    }

    fn carry_out(&mut self, effects: &mut Effects) {
        for effect in effects.drain() {
            match effect {
                Effect::Append(records) => {
                    assert!(!records.is_empty());
                    for record in records {
                        let EncodedRecord { key, value } = record.encode().unwrap();
                        self.log.insert(key, value);
                    }
                }
                Effect::Reply(token, response) => {
                    let earlier = self.answers.insert(token, response);
                    assert!(earlier.is_none(), "a request is answered once");
                }
            }
        }
    }

    /// A coordinator that knows only the log.
    pub(crate) fn rebuilt(&self) -> Coordinator {
        let mut rebuilt = Coordinator::new(self.coordinator.config.clone());
        for (key, value) in &self.log {
            rebuilt.load(key, value.as_deref()).unwrap();
        }
        rebuilt.loaded(self.now, &self.topics);
        rebuilt
    }

    /// The process dies and comes back.
    pub(crate) fn restart(&mut self) {
        self.coordinator = self.rebuilt();
        self.answers.clear();
    }
}

macro_rules! into_request {
    ($($kind:ident $variant:ident),*) => {
        $(impl From<$kind> for Request {
            fn from(request: $kind) -> Request {
                Request::$variant(request)
            }
        })*
    };
}

into_request!(
    Join Join, Sync Sync, Heartbeat Heartbeat, Leave Leave, OffsetCommit OffsetCommit, FetchOffsets OffsetFetch,
    DeleteOffsets OffsetDelete, ListGroups ListGroups, ConsumerHeartbeat ConsumerHeartbeat
);

/// What a consumer says it reads, as Kafka's consumers do (version 0).
pub(crate) fn subscription(topics: &[&str]) -> Bytes {
    let mut bytes = vec![0, 0];
    bytes.extend_from_slice(&i32::try_from(topics.len()).unwrap().to_be_bytes());
    for topic in topics {
        bytes.extend_from_slice(&i16::try_from(topic.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(topic.as_bytes());
    }
    bytes.extend_from_slice(&(-1i32).to_be_bytes());
    bytes.into()
}

pub(crate) fn client() -> Client {
    Client { id: "client".into(), host: "/127.0.0.1".into() }
}

/// A join with usual values.
pub(crate) fn join(group: &str, member: &str) -> Join {
    Join {
        group: group.into(),
        client: client(),
        member: member.into(),
        instance: None,
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 60_000,
        protocol_type: "consumer".into(),
        protocols: vec![Protocol { name: "range".into(), metadata: subscription(&["orders"]) }],
        reason: None,
        member_id_required: true,
        skip_assignment_supported: true,
        fresh: Uuid([7; 16]),
    }
}

pub(crate) fn sync(
    group: &str,
    member: &Name,
    generation: i32,
    assignments: &[(&Name, &'static str)],
) -> Sync {
    Sync {
        group: group.into(),
        member: member.clone(),
        instance: None,
        generation,
        protocol_type: Some("consumer".into()),
        protocol_name: None,
        assignments: assignments
            .iter()
            .map(|(name, bytes)| ((*name).clone(), Bytes::from_static(bytes.as_bytes())))
            .collect(),
    }
}

pub(crate) fn heartbeat(group: &str, member: &Name, generation: i32) -> Heartbeat {
    Heartbeat { group: group.into(), member: member.clone(), instance: None, generation }
}

pub(crate) fn leave(group: &str, member: &Name) -> Leave {
    let member = LeavingMember { member: member.clone(), instance: None, reason: None };
    Leave { group: group.into(), members: vec![member] }
}

/// A commit of one position in `orders`-0.
pub(crate) fn commit(group: &str, member: &str, generation: i32, offset: i64) -> OffsetCommit {
    OffsetCommit {
        group: group.into(),
        member: member.into(),
        instance: None,
        generation,
        version: 8,
        retention_ms: None,
        offsets: vec![CommitOffset {
            topic: "orders".into(),
            topic_id: TopicId::default(),
            partition: 0,
            offset: Offset(offset),
            leader_epoch: None,
            metadata: "".into(),
        }],
    }
}

/// The committed position in `orders`-0.
pub(crate) fn position(driver: &mut Driver, group: &str) -> i64 {
    let topics = Some(vec![("orders".into(), TopicId::default(), vec![0])]);
    let request = FetchOffsets { group: group.into(), member: None, member_epoch: -1, topics };
    match driver.answer(request) {
        Response::OffsetFetch(Ok(topics)) => topics[0].partitions[0].offset.0,
        other => panic!("{other:?}"),
    }
}
