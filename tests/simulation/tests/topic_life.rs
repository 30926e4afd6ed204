//! Retention and compaction of a running node, in virtual time.
#![allow(clippy::unwrap_used, reason = "a step that fails fails its test")]

use core::time::Duration;
use ringlog_batch::{BatchBuilder, Compression, Scratch, split_batches};
use ringlog_kafka::messages::FetchRequest;
use ringlog_kafka::messages::fetch_request::{FetchPartition, FetchTopic};
use ringlog_kafka::{ErrorCode, Response};
use ringlog_model::{ProducerEpoch, ProducerId, Sequence, Timestamp};
use ringlog_reactor::simulation::{Crash, FileOperation, Harm, Injection};
use ringlog_simulation::world::World;
use std::path::Path;

const TOPIC: &str = "living";

type Record = (i64, String, Option<String>);

/// A topic of one partition.
struct Topic(World);

/// A fetch's answer: where the log starts, and the records; or the error.
type Fetched = Result<(i64, Vec<Record>), ErrorCode>;

impl Topic {
    fn new(seed: u64, configs: &'static [(&'static str, &'static str)]) -> Topic {
        let world = World::new(seed, 2);
        world.create(TOPIC, 1, configs);
        Topic(world)
    }

    /// Appends one batch of an idempotent producer; gives its first offset.
    fn produce(&self, sequence: i32, records: Vec<(String, Option<String>)>) -> Result<i64, ErrorCode> {
        let now = self.0.simulation.run_on(&self.0.clients, |reactor| async move { reactor.wall_millis() });
        let mut builder = BatchBuilder::new().producer(ProducerId(77), ProducerEpoch(0), Sequence(sequence));
        for (key, value) in &records {
            let value = value.as_deref().map(str::as_bytes);
            builder.append(Timestamp(now), Some(key.as_bytes()), value, &[]).unwrap();
        }
        self.0.try_produce(TOPIC, 0, builder.build(Compression::Zstd).unwrap())
    }

    /// Everything from an offset on, fetch by fetch.
    fn fetch(&self, offset: i64) -> Fetched {
        self.0.client(move |mut connection| async move {
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
}

fn record(key: usize, value: &str) -> (String, Option<String>) {
    (format!("key {key}"), Some(value.to_owned()))
}

#[test]
fn a_topic_whose_records_have_expired_is_emptied_and_stays_so() {
    let topic = Topic::new(1, &[("retention.ms", "60000"), ("segment.ms", "3600000")]);
    assert_eq!(topic.produce(0, vec![record(1, "a"), record(2, "b")]), Ok(0));
    topic.0.simulation.run_for(Duration::from_secs(30));
    assert_eq!(topic.produce(2, vec![record(3, "c")]), Ok(2));
    assert_eq!(topic.fetch(0).unwrap().1.len(), 3);
    // The newest record's age counts.
    topic.0.simulation.run_for(Duration::from_secs(50));
    assert_eq!(topic.fetch(0).unwrap().0, 0);
    topic.0.simulation.run_for(Duration::from_secs(90));
    assert_eq!(topic.fetch(0), Err(ErrorCode::OFFSET_OUT_OF_RANGE));
    assert_eq!(topic.fetch(3), Ok((3, Vec::new())));
    topic.0.crash_and_start(Crash::Power);
    assert_eq!(topic.fetch(2), Err(ErrorCode::OFFSET_OUT_OF_RANGE));
    assert_eq!(topic.produce(3, vec![record(3, "d")]), Ok(3));
    assert_eq!(topic.fetch(3).unwrap(), (3, vec![(3, "key 3".to_owned(), Some("d".to_owned()))]));
}

#[test]
fn a_compacted_topic_keeps_the_newest_of_every_key_through_crashes() {
    let topic = Topic::new(
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
        assert_eq!(topic.produce(5 * round, records), Ok(5 * i64::from(round)));
        topic.0.simulation.run_for(Duration::from_millis(700));
    }
    assert_eq!(topic.produce(50, vec![("key 0".to_owned(), None)]), Ok(50));
    topic.0.simulation.run_for(Duration::from_secs(30));
    let newest = |key: usize| (45 + key as i64, format!("key {key}"), Some("round 9".to_owned()));
    let mut expected: Vec<Record> = (1..5).map(newest).collect();
    expected.push((50, "key 0".to_owned(), None));
    assert_eq!(topic.fetch(0), Ok((0, expected.clone())));
    assert_eq!(topic.fetch(47).unwrap().1, expected[1..]);
    topic.0.crash_and_start(Crash::Power);
    assert_eq!(topic.fetch(0), Ok((0, expected.clone())));
    // A duplicate of the last batch is known although compaction went over it.
    assert_eq!(topic.produce(50, vec![("key 0".to_owned(), None)]), Ok(50));
    // Tombstones leave when their time has come and the log is compacted again.
    topic.0.simulation.run_for(Duration::from_secs(60));
    assert_eq!(topic.produce(51, vec![record(9, "new")]), Ok(51));
    topic.0.simulation.run_for(Duration::from_secs(30));
    expected.pop();
    expected.push((51, "key 9".to_owned(), Some("new".to_owned())));
    assert_eq!(topic.fetch(0), Ok((0, expected.clone())));
    topic.0.crash_and_start(Crash::Process);
    assert_eq!(topic.fetch(0), Ok((0, expected)));
}

#[test]
fn compaction_does_not_come_back_to_a_damaged_segment_again_and_again() {
    let topic = Topic::new(
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
        assert_eq!(topic.produce(5 * round, records), Ok(5 * i64::from(round)));
        topic.0.simulation.run_for(Duration::from_millis(700));
    }
    let node = &topic.0.cluster.nodes()[0];
    let folder = Path::new("/data/segments");
    let mut files = node.disk().list(folder).unwrap();
    files.retain(|name| name.ends_with(".segment"));
    files.sort();
    assert!(files.len() > 2, "{files:?}");
    node.flip_bit(&folder.join(&files[1]), 4096 + 70, 1).unwrap();
    topic.0.simulation.run_for(Duration::from_secs(60));
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
    assert_eq!(topic.produce(50, vec![record(0, "later")]), Ok(50));
    topic.0.simulation.run_for(Duration::from_secs(600));
    let reads = MANY - node.clear_injections();
    assert!(reads <= 1, "the damaged segment is read again and again: {reads}");
    let files_now = node.disk().list(folder).unwrap();
    assert!(files_now.contains(&files[1]), "{files_now:?}");
    assert_eq!(topic.fetch(50), Ok((0, vec![(50, "key 0".to_owned(), Some("later".to_owned()))])));
}
