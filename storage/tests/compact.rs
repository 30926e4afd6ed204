//! Compaction against a model: random histories of keys, all codecs, and power lost after every disk operation.
// A step that fails fails its test; one task alone drives each model, so nothing else borrows it meanwhile.
#![allow(clippy::unwrap_used, clippy::await_holding_refcell_ref)]

mod support;

use ringlog_batch::{BatchBuilder, Compression, Scratch, split_batches};
use ringlog_model::{LeaderEpoch, LogId, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
use ringlog_reactor::Reactor;
use ringlog_reactor::simulation::{Crash, FileOperation, Injection, Random, Simulation};
use ringlog_storage::{
    AppendError, AppendInput, Compaction, CompactionError, CompactionReport, Log, LogConfig, LogSpec,
    ReadCache, ReadError, SegmentDescription, Store,
};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use support::*;

const SEGMENT_BYTES: u64 = 6 << 10;
const CAP: usize = 1 << 24;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    offset: i64,
    timestamp: i64,
    key: Vec<u8>,
    value: Option<Vec<u8>>,
}

/// A batch of the model: its records that remain, and when its tombstones may go.
#[derive(Clone, Debug)]
struct KnownBatch {
    records: Vec<Known>,
    horizon: Option<i64>,
}

#[derive(Clone, Debug, Default)]
struct Model {
    batches: Vec<KnownBatch>,
    producers: BTreeMap<i64, (i32, i64)>,
    end: i64,
    flushed: i64,
}

impl Model {
    /// Everything before `clean` is compacted at `now`.
    fn compact(&mut self, clean: i64, now: i64, delete_retention_ms: i64) {
        let mut newest = BTreeMap::new();
        for record in self.batches.iter().flat_map(|batch| &batch.records) {
            if record.offset < clean {
                newest.insert(record.key.clone(), record.offset);
            }
        }
        for batch in &mut self.batches {
            let is_past = batch.horizon.is_some_and(|horizon| horizon <= now);
            batch.records.retain(|record| {
                record.offset >= clean
                    || (newest[&record.key] == record.offset && (record.value.is_some() || !is_past))
            });
            let has_tombstone =
                batch.records.iter().any(|record| record.offset < clean && record.value.is_none());
            if has_tombstone && batch.horizon.is_none() {
                batch.horizon = Some(now + delete_retention_ms);
            }
        }
    }

    fn records(&self) -> Vec<Known> {
        self.batches.iter().flat_map(|batch| batch.records.clone()).collect()
    }
}

fn compacted_spec(log: u64) -> LogSpec {
    let config = LogConfig { segment_bytes: SEGMENT_BYTES, ..LogConfig::default() };
    LogSpec { config, ..spec(log, SEGMENT_BYTES) }
}

fn compaction(log: &Log, model: &Model, now: i64) -> Compaction {
    let producers = model.producers.iter().map(|(id, (_, last))| (ProducerId(*id), Offset(*last)));
    Compaction {
        upto: log.marks().flushed,
        now: Timestamp(now),
        delete_retention_ms: 1_000,
        producers: producers.collect(),
        keys_bytes_max: 1 << 20,
        bytes_per_second: 0,
        patience: std::time::Duration::from_secs(600),
    }
}

/// Appends a batch of random records with few keys.
async fn append_random(store: &Store, log: &Log, model: &RefCell<Model>, random: &mut Random) {
    let codec = Compression::ALL[random.index(5)];
    let base = log.end();
    let mut builder = BatchBuilder::new().at(base, LeaderEpoch(1));
    let producer = random.index(6) as i64;
    if producer < 3 {
        let next = model.borrow().producers.get(&producer).map_or(0, |(next, _)| *next);
        builder = builder.producer(ProducerId(producer), ProducerEpoch(0), Sequence(next));
    }
    let mut records = Vec::new();
    let count = random.between(1, 9) as i64;
    for number in 0..count {
        let key = format!("key {}", random.index(12)).into_bytes();
        let value = (random.index(4) > 0).then(|| {
            let mut value = vec![0; random.index(600)];
            value.iter_mut().for_each(|byte| *byte = random.next_u64() as u8);
            value
        });
        let timestamp = 10_000 + random.index(50_000) as i64;
        builder.append(Timestamp(timestamp), Some(&key), value.as_deref(), &[]).unwrap();
        records.push(Known { offset: base.0 + number, timestamp, key, value });
    }
    let bytes = builder.build(codec).unwrap();
    let max_timestamp = Timestamp(records.iter().map(|record| record.timestamp).max().unwrap());
    loop {
        let input = AppendInput {
            head: &[],
            bytes: &bytes,
            base_offset: base,
            last_offset: base.plus(count - 1),
            max_timestamp,
            leader_epoch: LeaderEpoch(1),
        };
        match log.append(input) {
            Err(AppendError::Backpressure) => store.ready().await,
            other => break other.unwrap(),
        }
    }
    let mut model = model.borrow_mut();
    if producer < 3 {
        let (next, _) = model.producers.get(&producer).copied().unwrap_or((0, 0));
        model.producers.insert(producer, (next + count as i32, base.0 + count - 1));
    }
    model.batches.push(KnownBatch { records, horizon: None });
    model.end = base.0 + count;
}

fn records_of(bytes: &[u8]) -> Vec<Known> {
    let mut found = Vec::new();
    for view in split_batches(bytes) {
        let view = view.unwrap();
        view.verify_checksum().unwrap();
        let mut scratch = Scratch::new();
        for record in view.records(&mut scratch, CAP).unwrap() {
            let record = record.unwrap();
            found.push(Known {
                offset: view.offset_of(&record).0,
                timestamp: view.timestamp_of(&record).0,
                key: record.key.unwrap().to_vec(),
                value: record.value.map(<[u8]>::to_vec),
            });
        }
    }
    found
}

/// Everything from `from` on, as a consumer reads it.
async fn read(reactor: &Reactor, log: &Log, from: Offset, bytes_max: u64) -> Vec<Known> {
    read_upto(reactor, log, from, log.end(), bytes_max).await
}

async fn read_upto(reactor: &Reactor, log: &Log, from: Offset, end: Offset, bytes_max: u64) -> Vec<Known> {
    let mut found = Vec::new();
    let mut at = from;
    while at < end {
        let plan = log.plan_read(at, bytes_max, end, true).await.unwrap();
        assert!(!plan.is_empty() && plan.end_offset > at, "a read from {at} below the end has something");
        at = plan.end_offset;
        let plan = plan.prepare(&ReadCache::new(reactor)).await.unwrap();
        found.extend(records_of(&plan.load(reactor).await.unwrap().concat()));
    }
    found.retain(|record| record.offset >= from.0);
    found
}

async fn compare(reactor: &Reactor, log: &Log, expected: &[Known], context: &str) {
    let found = read(reactor, log, log.start(), 64 << 10).await;
    let short = |records: &[Known]| records.iter().map(|record| record.offset).collect::<Vec<_>>();
    assert_eq!(short(&found), short(expected), "{context}");
    assert_eq!(found, expected, "{context}");
    log.verify().await.unwrap_or_else(|error| panic!("{context}: {error}"));
}

/// Reads from every offset, searches every time, finds every producer's last sequence.
async fn probe(reactor: &Reactor, log: &Log, model: &Model) {
    let records = model.records();
    for from in log.start().0..model.end {
        let plan = log.plan_read(Offset(from), 1, log.end(), true).await.unwrap();
        let found = records_of(&plan.load(reactor).await.unwrap().concat());
        let next = records.iter().find(|record| record.offset >= from);
        // A batch without records may come first; otherwise the next record is there.
        if let Some(first) = found.iter().find(|record| record.offset >= from) {
            assert_eq!(Some(first), next, "from {from}");
        }
    }
    for timestamp in (9_000..62_000).step_by(997) {
        let hit = log.find_by_timestamp(Timestamp(timestamp), log.end()).await.unwrap();
        let expected = records.iter().find(|record| record.timestamp >= timestamp);
        assert_eq!(hit.map(|hit| hit.offset.0), expected.map(|record| record.offset), "at {timestamp}");
    }
    let largest = records.iter().map(|record| record.timestamp).max();
    let hit = log.find_max_timestamp(log.end()).await.unwrap();
    assert_eq!(hit.map(|hit| hit.timestamp.0), largest);
    let mut last = BTreeMap::new();
    let mut visit = |bytes: &[u8]| {
        let header = ringlog_batch::BatchHeader::parse(bytes).unwrap();
        if header.has_producer() {
            last.insert(header.producer_id.0, (header.last_sequence().0 + 1, header.last_offset().0));
        }
    };
    log.scan_headers(log.start(), &mut visit).await.unwrap();
    assert_eq!(last, model.producers);
}

#[test]
fn random_histories_of_keys_are_compacted_as_the_model_says() {
    for seed in 0..6 {
        let simulation = Simulation::new(seed);
        let host = simulation.host("node");
        simulation.run_on(&host, move |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            let log = rig.store.create_log(compacted_spec(1)).await.unwrap();
            let mut random = Random::new(seed);
            let model = RefCell::new(Model::default());
            let mut now = 100_000;
            for round in 0..5 {
                for _ in 0..random.between(5, 60) {
                    append_random(&rig.store, &log, &model, &mut random).await;
                }
                flushed(&rig.store, &log, log.end()).await;
                until_sealed(&reactor, &log).await;
                now += random.between(1, 1_500) as i64;
                let wanted = compaction(&log, &model.borrow(), now);
                let report = log.compact(wanted).await.unwrap();
                assert_eq!(report.clean, log.clean());
                model.borrow_mut().compact(report.clean.0, now, 1_000);
                let expected = model.borrow().records();
                compare(&reactor, &log, &expected, &format!("seed {seed}, round {round}, {report:?}")).await;
                check_covering(&log);
            }
            probe(&reactor, &log, &model.borrow()).await;
            rig.store.shutdown().await.unwrap();
            drop((log, rig));
            // Its tasks end, and with them the lock.
            reactor.sleep(std::time::Duration::from_secs(1)).await;
            let rig = open(&reactor).await.unwrap();
            let log = rig.store.log(LogId(1)).unwrap();
            let expected = model.borrow().records();
            compare(&reactor, &log, &expected, &format!("seed {seed}, opened again")).await;
            probe(&reactor, &log, &model.borrow()).await;
        });
    }
}

fn check_covering(log: &Log) {
    let segments = log.segments();
    for (one, next) in segments.iter().zip(&segments[1..]) {
        assert_eq!(one.end_offset, next.base_offset);
    }
}

/// Rolled segments are finished by a task of the store.
async fn until_sealed(reactor: &Reactor, log: &Log) {
    while log.segments().iter().rev().skip(1).any(|segment| !segment.sealed) {
        reactor.sleep(std::time::Duration::from_millis(1)).await;
    }
}

#[test]
fn a_map_that_is_too_small_takes_several_compactions() {
    let simulation = Simulation::new(7);
    let host = simulation.host("node");
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(compacted_spec(1)).await.unwrap();
        let mut random = Random::new(7);
        let model = RefCell::new(Model::default());
        for _ in 0..80 {
            append_random(&rig.store, &log, &model, &mut random).await;
        }
        flushed(&rig.store, &log, log.end()).await;
        until_sealed(&reactor, &log).await;
        let mut last = CompactionReport::default();
        for round in 0.. {
            // Room for six keys of twelve.
            let wanted = Compaction { keys_bytes_max: 8 * 24, ..compaction(&log, &model.borrow(), 100_000) };
            let report = log.compact(wanted).await.unwrap();
            if report.clean == last.clean {
                break;
            }
            assert!(report.keys <= 6 && report.clean > last.clean);
            last = report;
            assert!(round < 200, "it comes to an end");
        }
        model.borrow_mut().compact(last.clean.0, 0, i64::MAX);
        let expected = model.borrow().records();
        let active = log.segments().last().unwrap().base_offset;
        assert_eq!(last.clean, active, "everything but the active segment is compacted");
        compare(&reactor, &log, &expected, "compacted piece by piece").await;
    });
}

#[test]
fn a_plan_made_before_the_swap_reads_what_it_was_made_for() {
    let simulation = Simulation::new(8);
    let host = simulation.host("node");
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(compacted_spec(1)).await.unwrap();
        let mut random = Random::new(8);
        let model = RefCell::new(Model::default());
        for _ in 0..40 {
            append_random(&rig.store, &log, &model, &mut random).await;
        }
        flushed(&rig.store, &log, log.end()).await;
        until_sealed(&reactor, &log).await;
        let before = model.borrow().records();
        let plan = log.plan_read(Offset(0), 1 << 20, log.end(), true).await.unwrap();
        let end = plan.end_offset.0;
        for round in 0..3 {
            log.compact(compaction(&log, &model.borrow(), 100_000 + round)).await.unwrap();
            for _ in 0..10 {
                append_random(&rig.store, &log, &model, &mut random).await;
            }
        }
        let found = records_of(&plan.load(&reactor).await.unwrap().concat());
        assert_eq!(found, before.into_iter().filter(|record| record.offset < end).collect::<Vec<_>>());
    });
}

#[test]
fn a_truncation_or_deletion_meanwhile_interrupts_a_compaction() {
    for seed in 0..20 {
        let simulation = Simulation::new(seed);
        let host = simulation.host("node");
        simulation.run_on(&host, move |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            let log = rig.store.create_log(compacted_spec(1)).await.unwrap();
            let mut random = Random::new(seed);
            let model = RefCell::new(Model::default());
            for _ in 0..40 {
                append_random(&rig.store, &log, &model, &mut random).await;
            }
            flushed(&rig.store, &log, log.end()).await;
            until_sealed(&reactor, &log).await;
            let (compacting, wanted) = (log.clone(), compaction(&log, &model.borrow(), 100_000));
            let task = reactor.spawn(async move { compacting.compact(wanted).await });
            reactor.sleep(std::time::Duration::from_micros(random.between(1, 3_000))).await;
            let to = log.segments()[random.index(3)].base_offset;
            if seed % 2 == 0 {
                log.truncate(to).await.unwrap();
            } else {
                log.advance_start(to).unwrap();
            }
            match task.await {
                Ok(_) | Err(CompactionError::Interrupted) => {}
                Err(other) => panic!("{other}"),
            }
            read(&reactor, &log, log.start(), 64 << 10).await;
            log.verify().await.unwrap();
        });
    }
}

fn files(log: &Log) -> Vec<String> {
    log.segments().into_iter().map(|segment| segment.file).collect()
}

#[test]
fn a_damaged_segment_ends_a_compaction_and_nothing_of_it_is_compacted_away() {
    let simulation = Simulation::new(11);
    let host = simulation.host("node");
    let disk = host.clone();
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(compacted_spec(1)).await.unwrap();
        let mut random = Random::new(11);
        let model = RefCell::new(Model::default());
        for _ in 0..60 {
            append_random(&rig.store, &log, &model, &mut random).await;
        }
        flushed(&rig.store, &log, log.end()).await;
        until_sealed(&reactor, &log).await;
        // The memory of an idle log is given up: it is read from its files.
        reactor.sleep(std::time::Duration::from_secs(60)).await;
        let before = log.segments();
        let damaged = &before[2];
        let path = Path::new(PATH).join("segments").join(&damaged.file);
        disk.flip_bit(&path, 4096 + 100, 1).unwrap();
        for _ in 0..2 {
            let wanted = compaction(&log, &model.borrow(), 100_000);
            match log.compact(wanted).await {
                Err(CompactionError::Read(ReadError::Damaged(damage))) => {
                    assert_eq!(damage.segment, damaged.base_offset);
                }
                other => panic!("{other:?}"),
            }
            assert_eq!(files(&log), before.iter().map(|segment| segment.file.clone()).collect::<Vec<_>>());
        }
        let wanted = Compaction { upto: damaged.base_offset, ..compaction(&log, &model.borrow(), 100_000) };
        assert_eq!(log.compact(wanted).await.unwrap().clean, damaged.base_offset);
        assert!(files(&log).ends_with(&files_of(&before[2..])), "the damaged one stays, and what follows it");
        model.borrow_mut().compact(damaged.base_offset.0, 100_000, 1_000);
        let expected = model.borrow().records();
        let (start, end) = (damaged.base_offset, damaged.end_offset);
        let found = read_upto(&reactor, &log, log.start(), start, 64 << 10).await;
        assert_eq!(found, expected.iter().filter(|one| one.offset < start.0).cloned().collect::<Vec<_>>());
        let found = read(&reactor, &log, end, 64 << 10).await;
        assert_eq!(found, expected.iter().filter(|one| one.offset >= end.0).cloned().collect::<Vec<_>>());
    });
}

fn files_of(segments: &[SegmentDescription]) -> Vec<String> {
    segments.iter().map(|segment| segment.file.clone()).collect()
}

#[test]
fn an_io_error_ends_a_compaction_and_the_next_one_does_its_work() {
    for operation in [FileOperation::Read, FileOperation::Write, FileOperation::Sync] {
        let simulation = Simulation::new(12);
        let host = simulation.host("node");
        let aim = host.clone();
        simulation.run_on(&host, move |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            let log = rig.store.create_log(compacted_spec(1)).await.unwrap();
            let mut random = Random::new(12);
            let model = RefCell::new(Model::default());
            for _ in 0..40 {
                append_random(&rig.store, &log, &model, &mut random).await;
            }
            flushed(&rig.store, &log, log.end()).await;
            until_sealed(&reactor, &log).await;
            // What was sealed is looked at once; that is over.
            reactor.sleep(std::time::Duration::from_secs(60)).await;
            aim.inject(Injection::error_once(operation, ".segment"));
            let wanted = compaction(&log, &model.borrow(), 100_000);
            let failed = log.compact(wanted).await.unwrap_err();
            let is_told = match operation {
                FileOperation::Read => matches!(failed, CompactionError::Read(ReadError::Io { .. })),
                _ => matches!(failed, CompactionError::Write { .. }),
            };
            assert!(is_told, "{operation:?}: {failed}");
            assert_eq!(rig.store.fault(), None);
            // Some segments may be compacted, the others are as they were.
            let mut after = model.borrow().clone();
            after.compact(log.segments().last().unwrap().base_offset.0, 100_000, 1_000);
            let found = read(&reactor, &log, log.start(), 64 << 10).await;
            assert!(after.records().iter().all(|record| found.contains(record)), "{operation:?}");
            let before = model.borrow().records();
            assert!(found.iter().all(|record| before.contains(record)), "{operation:?}");
            log.verify().await.unwrap();
            append_random(&rig.store, &log, &model, &mut random).await;
            flushed(&rig.store, &log, log.end()).await;
            let wanted = compaction(&log, &model.borrow(), 100_000);
            let report = log.compact(wanted).await.unwrap();
            assert!(report.records_removed > 0);
            model.borrow_mut().compact(report.clean.0, 100_000, 1_000);
            let expected = model.borrow().records();
            compare(&reactor, &log, &expected, &format!("again after a failed {operation:?}")).await;
        });
    }
}

type Shared = Rc<RefCell<(Model, Vec<Model>)>>;

/// Appends and compacts; the second part of what is shared are the states that a crash may leave behind, since a
/// compaction that is under way may or may not have happened, group by group.
async fn compact_again_and_again(store: Store, reactor: Reactor, shared: Shared, seed: u64) {
    let log = store.create_log(compacted_spec(1)).await.unwrap();
    let mut random = Random::new(seed);
    for round in 0..3 {
        let model = RefCell::new(shared.borrow().0.clone());
        for _ in 0..14 {
            append_random(&store, &log, &model, &mut random).await;
            shared.borrow_mut().0 = model.borrow().clone();
        }
        flushed(&store, &log, log.end()).await;
        until_sealed(&reactor, &log).await;
        let mut before = model.borrow().clone();
        before.flushed = log.end().0;
        let now = 100_000 + 10_000 * round;
        let mut after = before.clone();
        let clean = log.segments().last().unwrap().base_offset.0;
        after.compact(clean, now, 1_000);
        *shared.borrow_mut() = (before.clone(), vec![after.clone()]);
        let report = log.compact(compaction(&log, &before, now)).await.unwrap();
        assert_eq!(report.clean.0, clean);
        *shared.borrow_mut() = (after, Vec::new());
    }
}

#[test]
fn power_lost_after_any_operation_of_a_compaction_leaves_a_whole_log() {
    for seed in 1..=2 {
        let simulation = Simulation::new(seed);
        let host = simulation.host("node");
        let shared: Shared = Rc::default();
        let own = shared.clone();
        let running = host.start("compacting", move |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            compact_again_and_again(rig.store.clone(), reactor, own, seed).await;
        });
        let mut seen = 0;
        while !running.is_finished() {
            assert!(simulation.step(), "stuck");
            let operations = host.operations();
            if operations == seen {
                continue;
            }
            seen = operations;
            let (before, after) = shared.borrow().clone();
            for crash in [Crash::Power, Crash::Process] {
                let found = Simulation::new(operations);
                let host_found = found.host("found");
                host_found.set_disk(host.disk_after(crash, seed ^ operations));
                let (before, after) = (before.clone(), after.clone());
                let context = format!("seed {seed}, {crash:?} after operation {operations}");
                found.run_on(&host_found, |reactor| async move {
                    let rig = open(&reactor).await.unwrap_or_else(|error| panic!("{context}: {error}"));
                    let Some(log) = rig.store.log(LogId(1)) else { return };
                    check_found(&reactor, &rig.store, &log, &before, after.first(), &context).await;
                });
            }
        }
        assert!(seen > 100, "the compactions reached the disk: {seen}");
    }
}

/// Every record that both states have is there, none that neither has; and it can be compacted again.
async fn check_found(
    reactor: &Reactor,
    store: &Store,
    log: &Log,
    before: &Model,
    after: Option<&Model>,
    context: &str,
) {
    let found = read(reactor, log, log.start(), 64 << 10).await;
    log.verify().await.unwrap_or_else(|error| panic!("{context}: {error}"));
    let end = log.end().0;
    assert!(end >= before.flushed, "{context}: ends at {end}");
    let known = before.records();
    let sure = after.map_or_else(|| before.records(), Model::records);
    for record in sure.iter().filter(|record| record.offset < end) {
        assert!(found.contains(record), "{context}: offset {} is lost", record.offset);
    }
    assert!(found.iter().all(|record| known.contains(record)), "{context}: something that was never there");
    let mut last = BTreeMap::new();
    let mut visit = |bytes: &[u8]| {
        let header = ringlog_batch::BatchHeader::parse(bytes).unwrap();
        if header.has_producer() {
            last.insert(header.producer_id.0, header.last_offset().0);
        }
    };
    log.scan_headers(log.start(), &mut visit).await.unwrap();
    for (producer, (_, offset)) in before.producers.iter().filter(|(_, (_, offset))| *offset < end) {
        assert_eq!(last.get(producer), Some(offset), "{context}: producer {producer}");
    }
    if let Some(after) = after {
        until_sealed(reactor, log).await;
        log.compact(compaction(log, before, 200_000))
            .await
            .unwrap_or_else(|error| panic!("{context}: {error}"));
        let found = read(reactor, log, log.start(), 64 << 10).await;
        let live = after.records().into_iter().filter(|record| record.value.is_some());
        for record in live {
            assert!(found.contains(&record), "{context}: offset {} is lost later", record.offset);
        }
    }
    store.shutdown().await.unwrap();
}
