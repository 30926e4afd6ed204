//! Retention and compaction of a running node, in virtual time.
#![allow(clippy::unwrap_used, reason = "a step that fails fails its test")]

use core::time::Duration;
use ringlog_batch::{BatchBuilder, Compression, Scratch, split_batches};
use ringlog_kafka::messages::fetch_request::{FetchPartition, FetchTopic};
use ringlog_kafka::messages::produce_request::{PartitionProduceData, TopicProduceData};
use ringlog_kafka::messages::{FetchRequest, ProduceRequest};
use ringlog_kafka::{ErrorCode, Response};
use ringlog_model::{ProducerEpoch, ProducerId, Sequence, Timestamp};
use ringlog_reactor::Reactor;
use ringlog_reactor::simulation::{Crash, FileOperation, Harm, Host, Injection, Simulation};
use ringlog_simulation::client::{Connection, Failure, accepted};
use ringlog_simulation::cluster::{Cluster, ClusterShape};
use std::net::SocketAddr;
use std::path::Path;

const TOPIC: &str = "living";

type Record = (i64, String, Option<String>);

struct World {
    simulation: Simulation,
    cluster: Cluster,
    clients: Host,
}

/// A fetch's answer: where the log starts, and the records; or the error.
type Fetched = Result<(i64, Vec<Record>), ErrorCode>;

impl World {
    fn new(seed: u64, configs: &'static [(&'static str, &'static str)]) -> World {
        let simulation = Simulation::new(seed);
        let cluster = Cluster::new(&simulation, ClusterShape { controllers: 1, nodes: 1, shards: 2 });
        let clients = simulation.host("clients");
        cluster.start();
        let world = World { simulation, cluster, clients };
        world.until_ready(1);
        world.client(move |reactor, node| async move {
            let connection = Connection::open(&reactor, node).await;
            connection.unwrap().create_topic(TOPIC, 1, configs).await.unwrap();
        });
        world
    }

    fn until_ready(&self, count: u32) {
        self.simulation.run_until(|| self.cluster.ready_count() >= count).unwrap();
    }

    fn client<F: Future<Output = T> + 'static, T: 'static>(
        &self,
        body: impl FnOnce(Reactor, SocketAddr) -> F + 'static,
    ) -> T {
        let node = self.cluster.bootstrap()[0];
        self.simulation.run_on(&self.clients, move |reactor| body(reactor, node))
    }

    /// Appends one batch of an idempotent producer; gives its first offset.
    fn produce(&self, sequence: i32, records: Vec<(String, Option<String>)>) -> Result<i64, ErrorCode> {
        self.client(move |reactor, node| async move {
            let producer = (ProducerId(77), ProducerEpoch(0), Sequence(sequence));
            let mut builder = BatchBuilder::new().producer(producer.0, producer.1, producer.2);
            for (key, value) in &records {
                let now = Timestamp(reactor.wall_millis());
                builder.append(now, Some(key.as_bytes()), value.as_deref().map(str::as_bytes), &[]).unwrap();
            }
            let bytes = builder.build(Compression::Zstd).unwrap();
            let data = PartitionProduceData { index: 0, records: Some(&bytes) };
            let topic =
                TopicProduceData { name: TOPIC, partition_data: vec![data], ..TopicProduceData::default() };
            let request = ProduceRequest {
                transactional_id: None,
                acks: -1,
                timeout_ms: 5000,
                topic_data: vec![topic],
            };
            let mut connection = Connection::open(&reactor, node).await.unwrap();
            let answer = connection.call(12, &request).await.unwrap();
            let Response::Produce(response) = answer.response().unwrap() else { panic!() };
            let partition = &response.responses[0].partition_responses[0];
            match accepted(partition.error_code) {
                Ok(()) => Ok(partition.base_offset),
                Err(Failure::Refused(code)) => Err(code),
                Err(other) => panic!("{other}"),
            }
        })
    }

    /// Everything from an offset on, fetch by fetch.
    fn fetch(&self, offset: i64) -> Fetched {
        self.client(move |reactor, node| async move {
            let mut connection = Connection::open(&reactor, node).await.unwrap();
            let (mut next, mut all, mut start) = (offset, Vec::new(), 0);
            loop {
                let partition = FetchPartition {
                    partition: 0,
                    current_leader_epoch: -1,
                    fetch_offset: next,
                    last_fetched_epoch: -1,
                    log_start_offset: -1,
                    partition_max_bytes: 1 << 20,
                    ..FetchPartition::default()
                };
                let topic = FetchTopic { topic: TOPIC, partitions: vec![partition], ..FetchTopic::default() };
                let request = FetchRequest {
                    replica_id: -1,
                    max_wait_ms: 0,
                    max_bytes: 1 << 20,
                    session_epoch: -1,
                    topics: vec![topic],
                    ..FetchRequest::default()
                };
                let answer = connection.call(12, &request).await.unwrap();
                let Response::Fetch(response) = answer.response().unwrap() else { panic!() };
                let partition = &response.responses[0].partitions[0];
                if !partition.error_code.is_none() {
                    return Err(partition.error_code);
                }
                start = partition.log_start_offset.max(start);
                let records = partition.records.as_ref().and_then(|records| records.bytes());
                let before = next;
                for view in split_batches(records.unwrap_or_default()).map_while(Result::ok) {
                    view.verify_checksum().unwrap();
                    let mut scratch = Scratch::new();
                    for record in view.records(&mut scratch, 1 << 20).unwrap() {
                        let record = record.unwrap();
                        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                        let (key, value) = (text(record.key.unwrap()), record.value.map(text));
                        all.push((view.offset_of(&record).0, key, value));
                    }
                    next = view.header().next_offset().0;
                }
                if next == before {
                    all.retain(|(found, ..)| *found >= offset);
                    return Ok((start, all));
                }
            }
        })
    }

    fn crash_and_start(&self, crash: Crash) {
        self.cluster.crash_node(0, crash);
        let ready = self.cluster.ready_count();
        self.cluster.start_node(0);
        self.until_ready(ready + 1);
    }
}

fn record(key: usize, value: &str) -> (String, Option<String>) {
    (format!("key {key}"), Some(value.to_owned()))
}

#[test]
fn a_topic_whose_records_have_expired_is_emptied_and_stays_so() {
    let world = World::new(1, &[("retention.ms", "60000"), ("segment.ms", "3600000")]);
    assert_eq!(world.produce(0, vec![record(1, "a"), record(2, "b")]), Ok(0));
    world.simulation.run_for(Duration::from_secs(30));
    assert_eq!(world.produce(2, vec![record(3, "c")]), Ok(2));
    assert_eq!(world.fetch(0).unwrap().1.len(), 3);
    // The newest record's age counts.
    world.simulation.run_for(Duration::from_secs(50));
    assert_eq!(world.fetch(0).unwrap().0, 0);
    world.simulation.run_for(Duration::from_secs(90));
    assert_eq!(world.fetch(0), Err(ErrorCode::OFFSET_OUT_OF_RANGE));
    assert_eq!(world.fetch(3), Ok((3, Vec::new())));
    world.crash_and_start(Crash::Power);
    assert_eq!(world.fetch(2), Err(ErrorCode::OFFSET_OUT_OF_RANGE));
    assert_eq!(world.produce(3, vec![record(3, "d")]), Ok(3));
    assert_eq!(world.fetch(3).unwrap(), (3, vec![(3, "key 3".to_owned(), Some("d".to_owned()))]));
}

#[test]
fn a_compacted_topic_keeps_the_newest_of_every_key_through_crashes() {
    let world = World::new(
        2,
        &[
            ("cleanup.policy", "compact"),
            ("min.cleanable.dirty.ratio", "0.01"),
            ("segment.ms", "2000"),
            ("delete.retention.ms", "60000"),
        ],
    );
    for round in 0..10 {
        let records = (0..5).map(|key| record(key, &format!("round {round}"))).collect();
        assert_eq!(world.produce(5 * round, records), Ok(5 * i64::from(round)));
        world.simulation.run_for(Duration::from_millis(700));
    }
    assert_eq!(world.produce(50, vec![("key 0".to_owned(), None)]), Ok(50));
    world.simulation.run_for(Duration::from_secs(30));
    let newest = |key: usize| (45 + key as i64, format!("key {key}"), Some("round 9".to_owned()));
    let mut expected: Vec<Record> = (1..5).map(newest).collect();
    expected.push((50, "key 0".to_owned(), None));
    assert_eq!(world.fetch(0), Ok((0, expected.clone())));
    assert_eq!(world.fetch(47).unwrap().1, expected[1..]);
    world.crash_and_start(Crash::Power);
    assert_eq!(world.fetch(0), Ok((0, expected.clone())));
    // A duplicate of the last batch is known although compaction went over it.
    assert_eq!(world.produce(50, vec![("key 0".to_owned(), None)]), Ok(50));
    // Tombstones leave when their time has come and the log is compacted again.
    world.simulation.run_for(Duration::from_secs(60));
    assert_eq!(world.produce(51, vec![record(9, "new")]), Ok(51));
    world.simulation.run_for(Duration::from_secs(30));
    expected.pop();
    expected.push((51, "key 9".to_owned(), Some("new".to_owned())));
    assert_eq!(world.fetch(0), Ok((0, expected.clone())));
    world.crash_and_start(Crash::Process);
    assert_eq!(world.fetch(0), Ok((0, expected)));
}

#[test]
fn compaction_does_not_come_back_to_a_damaged_segment_again_and_again() {
    let world = World::new(
        4,
        &[
            ("cleanup.policy", "compact"),
            ("min.cleanable.dirty.ratio", "0.01"),
            // Nothing is compacted before the test has done its damage.
            ("min.compaction.lag.ms", "20000"),
            ("segment.ms", "2000"),
        ],
    );
    for round in 0..10 {
        let records = (0..5).map(|key| record(key, &format!("round {round}"))).collect();
        assert_eq!(world.produce(5 * round, records), Ok(5 * i64::from(round)));
        world.simulation.run_for(Duration::from_millis(700));
    }
    let node = &world.cluster.nodes()[0];
    let folder = Path::new("/data/segments");
    let mut files = node.disk().list(folder).unwrap();
    files.retain(|name| name.ends_with(".segment"));
    files.sort();
    assert!(files.len() > 2, "{files:?}");
    node.flip_bit(&folder.join(&files[1]), 4096 + 70, 1).unwrap();
    world.simulation.run_for(Duration::from_secs(60));
    // It was found and said. Now nobody reads it any more, although the log is as dirty as before.
    const MANY: u64 = 1 << 40;
    let reads = Injection {
        operation: Some(FileOperation::Read),
        path_contains: files[1].clone(),
        skip: 0,
        times: MANY,
        harm: Harm::Delay(Duration::ZERO),
    };
    node.inject(reads);
    assert_eq!(world.produce(50, vec![record(0, "later")]), Ok(50));
    world.simulation.run_for(Duration::from_secs(600));
    let reads = MANY - node.clear_injections();
    assert!(reads <= 1, "the damaged segment is read again and again: {reads}");
    let files_now = node.disk().list(folder).unwrap();
    assert!(files_now.contains(&files[1]), "{files_now:?}");
    assert_eq!(world.fetch(50), Ok((0, vec![(50, "key 0".to_owned(), Some("later".to_owned()))])));
}
