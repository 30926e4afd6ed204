//! What a store does while nothing goes wrong.
// A step that fails fails its test; one task alone drives each model, so nothing else borrows it meanwhile.
#![allow(clippy::unwrap_used, clippy::await_holding_refcell_ref)]

mod support;

use ringlog_model::{ClusterId, LeaderEpoch, LogId, NodeId, Offset, Timestamp, Uuid};
use ringlog_reactor::Reactor;
use ringlog_reactor::simulation::{Crash, Simulation};
use ringlog_storage::{
    AppendError, AppendInput, DirectoryConfig, Identity, LogConfig, LogError, OpenError, ReadError, Rolling,
    Slice, StoreConfig,
};
use std::future::Future;
use std::path::Path;
use std::time::Duration;
use support::*;

fn simulate<F, T>(body: impl FnOnce(Reactor) -> F) -> T
where
    F: Future<Output = T> + 'static,
    T: 'static,
{
    let simulation = Simulation::new(5);
    let host = simulation.host("node");
    simulation.run_on(&host, body)
}

#[test]
fn what_was_flushed_is_there_after_power_loss() {
    let simulation = Simulation::new(1);
    let host = simulation.host("node");
    let written = simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(spec(1, 64 << 10)).await.unwrap();
        for tag in 0..200 {
            append(&rig.store, &log, 0, 3, 40 + (tag as usize * 97) % 6000, tag).await;
        }
        flushed(&rig.store, &log, log.end()).await;
        assert_eq!(log.marks().written, log.end());
        assert!(log.segments().len() > 3, "small segments roll");
        read_all(&reactor, &log).await.unwrap()
    });
    assert_eq!(written.len(), 200);
    host.crash(Crash::Power);
    let found = simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        assert!(!rig.report.clean);
        let log = rig.store.log(LogId(1)).unwrap();
        assert_eq!(log.end(), Offset(600));
        let found = read_all(&reactor, &log).await.unwrap();
        log.verify().await.unwrap();
        found
    });
    assert_eq!(found, written);
}

#[test]
fn little_logs_are_carried_from_catalog_to_catalog_until_a_checkpoint_writes_them() {
    let simulation = Simulation::new(2);
    let host = simulation.host("node");
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        for number in 1..=20 {
            let log = rig.store.create_log(spec(number, 1 << 20)).await.unwrap();
            append(&rig.store, &log, 0, 2, 300, number).await;
            flushed(&rig.store, &log, log.end()).await;
        }
    });
    for life in 1..4 {
        host.crash(Crash::Power);
        simulation.run_on(&host, move |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            assert!(rig.report.carried_bytes > 20 * 600 && rig.report.inline_bytes == 0, "{:?}", rig.report);
            for log in rig.store.logs() {
                assert_eq!(read_all(&reactor, &log).await.unwrap().len(), life);
                append(&rig.store, &log, 0, 2, 300, 100 + life as u64).await;
                flushed(&rig.store, &log, log.end()).await;
            }
        });
    }
    simulation.run_on(&host, |reactor| async move {
        let segments = Path::new(PATH).join("segments");
        assert!(reactor.read_directory(&segments).await.unwrap().is_empty());
    });
    host.crash(Crash::Process);
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        rig.store.shutdown().await.unwrap();
        drop(rig);
        let rig = open(&reactor).await.unwrap();
        assert_eq!((rig.report.carried_bytes, rig.report.clean), (0, true));
        for log in rig.store.logs() {
            assert_eq!(read_all(&reactor, &log).await.unwrap().len(), 4);
            assert_eq!(log.verify().await.unwrap(), log.bytes());
        }
    });
}

#[test]
fn an_orderly_shutdown_leaves_nothing_to_replay() {
    simulate(|reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(spec(1, 1 << 20)).await.unwrap();
        for tag in 0..20 {
            append(&rig.store, &log, 0, 1, 500, tag).await;
        }
        let config = LogConfig { segment_bytes: 123_456, ..log.config() };
        log.set_config(config).unwrap();
        log.attach(log.end(), vec![7; 100]);
        rig.store.shutdown().await.unwrap();
        assert_eq!(try_append(&log, 0, 1, 10, 99), Err(AppendError::Closed));
        assert_eq!(log.marks().flushed, Offset(20));
        drop((log, rig));

        let rig = open(&reactor).await.unwrap();
        assert!(rig.report.clean);
        assert_eq!((rig.report.groups, rig.report.boot), (0, 2));
        let log = rig.store.log(LogId(1)).unwrap();
        assert_eq!(log.config(), config);
        assert_eq!(log.attachment(), Some((Offset(20), vec![7; 100])));
        assert_eq!(read_all(&reactor, &log).await.unwrap().len(), 20);
        assert_eq!(rig.directory.unused_log_id(), LogId(2));
        // The last block is continued, though its beginning is in the file only.
        append(&rig.store, &log, 0, 1, 500, 20).await;
        rig.store.shutdown().await.unwrap();
        drop((log, rig));
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.log(LogId(1)).unwrap();
        assert_eq!(read_all(&reactor, &log).await.unwrap().len(), 21);
        assert_eq!(log.verify().await.unwrap(), log.bytes());
    });
}

#[test]
fn a_directory_is_opened_by_one_process_of_the_right_version_and_owner() {
    simulate(|reactor| async move {
        let owner = Identity { cluster: ClusterId(Uuid([1; 16])), node: NodeId(1) };
        let other = Identity { node: NodeId(2), ..owner };
        let with = |identity| DirectoryConfig { identity, ..directory_config() };
        let rig = open(&reactor).await.unwrap();
        assert_eq!(rig.directory.identity(), None);
        let error = open(&reactor).await.err().unwrap();
        assert!(matches!(error, OpenError::Locked(_)), "{error}");
        rig.store.shutdown().await.unwrap();
        drop(rig);
        let mut rig = open_with(&reactor, with(Some(owner)), small_store()).await.unwrap();
        assert_eq!(rig.directory.identity(), Some(owner));
        rig.directory.set_identity(&reactor, owner).await.unwrap();
        rig.store.shutdown().await.unwrap();
        drop(rig);
        let error = open_with(&reactor, with(Some(other)), small_store()).await.err().unwrap();
        assert!(matches!(error, OpenError::WrongIdentity { .. }), "{error}");
        let format = Path::new(PATH).join("ringlog.format");
        reactor.write_file_durably(&format, b"ringlog data directory\nversion 2\n").await.unwrap();
        let error = open(&reactor).await.err().unwrap().to_string();
        assert_eq!(error, "data directory /data has format version 2; this program reads version 1");
    });
}

#[test]
fn appends_that_do_not_fit_are_refused_whole() {
    simulate(|reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(spec(1, 1 << 20)).await.unwrap();
        assert_eq!(rig.store.create_log(spec(1, 1)).await.err(), Some(LogError::Exists(LogId(1))));
        append(&rig.store, &log, 3, 2, 100, 1).await;
        let bytes = batch(Offset(7), 3, 1, 100, 2);
        let input = AppendInput {
            head: &[],
            bytes: &bytes,
            base_offset: Offset(7),
            last_offset: Offset(7),
            max_timestamp: Timestamp(0),
            leader_epoch: LeaderEpoch(3),
        };
        assert_eq!(log.append(input), Err(AppendError::NotAtEnd { found: Offset(7), end: Offset(2) }));
        let bytes = batch(Offset(2), 2, 1, 100, 2);
        let input = AppendInput {
            head: &[],
            bytes: &bytes,
            base_offset: Offset(2),
            last_offset: Offset(2),
            leader_epoch: LeaderEpoch(2),
            ..input
        };
        assert!(matches!(log.append(input), Err(AppendError::Malformed(_))), "an epoch goes back");
        let bytes = batch(Offset(2), 3, 1, 100, 2);
        let cut = &bytes[..bytes.len() - 1];
        let input = AppendInput { bytes: cut, leader_epoch: LeaderEpoch(3), ..input };
        assert!(matches!(log.append(input), Err(AppendError::Malformed(_))), "a batch is cut off");
        let input = AppendInput { bytes: &bytes, last_offset: Offset(3), ..input };
        assert!(matches!(log.append(input), Err(AppendError::Malformed(_))), "a record too few");
        assert_eq!(log.end(), Offset(2));
        let split = AppendInput { head: &bytes[..61], bytes: &bytes[61..], last_offset: Offset(2), ..input };
        let cut = AppendInput { bytes: &bytes[62..], ..split };
        assert!(matches!(log.append(cut), Err(AppendError::Malformed(_))));
        log.append(split).unwrap();
        assert_eq!(log.end(), Offset(3));
    });
}

#[test]
fn bytes_that_wait_for_the_disk_are_bounded() {
    simulate(|reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(spec(1, 64 << 20)).await.unwrap();
        let mut accepted = 0;
        while try_append(&log, 0, 1, 100_000, accepted).is_ok() {
            accepted += 1;
        }
        assert_eq!(try_append(&log, 0, 1, 100_000, 1), Err(AppendError::Backpressure));
        assert_eq!(accepted, (4 << 20) / 100_073);
        rig.store.ready().await;
        append(&rig.store, &log, 0, 1, 100_000, 2).await;
        flushed(&rig.store, &log, log.end()).await;
    });
}

#[test]
fn reads_give_whole_batches_from_the_one_asked_for() {
    simulate(|reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(spec(1, 1 << 20)).await.unwrap();
        for tag in 0..100 {
            append(&rig.store, &log, 0, 5, 100, tag).await;
        }
        let size = read_all(&reactor, &log).await.unwrap()[0].size as u64;
        for from_file in [false, true] {
            if from_file {
                // Idle logs give up their memory.
                reactor.sleep(Duration::from_secs(60)).await;
            }
            let plan = log.plan_read(Offset(252), 3 * size, Offset(500), true).await.unwrap();
            assert_eq!(matches!(plan.slices[0], Slice::File(_)), from_file);
            assert_eq!((plan.base_offset, plan.end_offset), (Offset(250), Offset(265)));
            assert_eq!(plan.length(), 3 * size);
            let found = parse(&plan.load(&reactor).await.unwrap().concat());
            assert_eq!(found.iter().map(|batch| batch.tag).collect::<Vec<_>>(), [50, 51, 52]);
            let one = log.plan_read(Offset(10), 1, Offset(500), true).await.unwrap();
            assert_eq!((one.base_offset, one.end_offset), (Offset(10), Offset(15)));
            assert!(log.plan_read(Offset(10), 1, Offset(500), false).await.unwrap().is_empty());
            let limited = log.plan_read(Offset(10), 1 << 20, Offset(32), true).await.unwrap();
            assert_eq!(limited.end_offset, Offset(30), "a batch that reaches over the limit is not given");
            assert!(log.plan_read(Offset(500), 1 << 20, Offset(500), true).await.unwrap().is_empty());
        }
        let beyond = log.plan_read(Offset(501), 1, Offset(500), true).await;
        assert!(matches!(beyond, Err(ReadError::OutOfRange { .. })));
        log.advance_start(Offset(102)).unwrap();
        assert!(matches!(
            log.plan_read(Offset(101), 1, Offset(500), true).await,
            Err(ReadError::OutOfRange { .. })
        ));
        let plan = log.plan_read(Offset(102), 1, Offset(500), true).await.unwrap();
        assert_eq!(plan.base_offset, Offset(100));
        let mut headers = 0;
        log.scan_headers(Offset(250), &mut |_| headers += 1).await.unwrap();
        assert_eq!(headers, 50);
    });
}

#[test]
fn records_are_found_by_time() {
    simulate(|reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(spec(1, 20 << 10)).await.unwrap();
        let tags = [5u64, 3, 9, 9, 4, 12, 7, 7, 30, 2];
        for tag in tags {
            append(&rig.store, &log, 1, 2, 3_000, tag).await;
        }
        let end = log.end();
        let hit = async |at: i64| {
            let hit = log.find_by_timestamp(Timestamp(1_000 + at), end).await.unwrap();
            hit.map(|hit| (hit.offset.0, hit.timestamp.0 - 1_000, hit.leader_epoch.0))
        };
        assert_eq!(hit(0).await, Some((0, 5, 1)));
        assert_eq!(hit(6).await, Some((4, 9, 1)));
        assert_eq!(hit(10).await, Some((10, 12, 1)));
        assert_eq!(hit(30).await, Some((16, 30, 1)));
        assert_eq!(hit(31).await, None);
        let largest = log.find_max_timestamp(end).await.unwrap().unwrap();
        assert_eq!((largest.offset, largest.timestamp), (Offset(16), Timestamp(1_030)));
        let before = log.find_max_timestamp(Offset(16)).await.unwrap().unwrap();
        assert_eq!(before.offset, Offset(10));
        assert_eq!(log.find_by_timestamp(Timestamp(1_030), Offset(16)).await.unwrap(), None);
    });
}

#[test]
fn an_old_segment_is_rolled_by_age() {
    simulate(|reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let mut aging = spec(1, 1 << 20);
        aging.config.segment_ms = 1_000;
        let log = rig.store.create_log(aging).await.unwrap();
        append(&rig.store, &log, 0, 1, 100, 1).await;
        append(&rig.store, &log, 0, 1, 100, 2).await;
        reactor.sleep(Duration::from_secs(3)).await;
        append(&rig.store, &log, 0, 1, 100, 3).await;
        reactor.sleep(Duration::from_secs(1)).await;
        let segments = log.segments();
        assert_eq!(segments.iter().map(|found| found.base_offset.0).collect::<Vec<_>>(), [0, 2]);
        assert!(segments[0].sealed && !segments[1].sealed);
    });
}

#[test]
fn a_segment_is_rolled_earlier_by_its_jitter() {
    simulate(|reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let mut ages = Vec::new();
        for id in 1..=4 {
            let log = rig.store.create_log(spec(id, 1 << 20)).await.unwrap();
            let config = LogConfig { segment_ms: 100_000, ..log.config() };
            log.set_config(config).unwrap();
            assert_eq!(log.segment_age_max(), 100_000);
            log.set_rolling(Rolling { jitter_ms: 50_000, ..Rolling::default() });
            append(&rig.store, &log, 0, 1, 100, 1).await;
            let age = log.segment_age_max();
            assert!((50_001..=100_000).contains(&age));
            reactor.sleep(Duration::from_millis(age as u64 - 1_000)).await;
            append(&rig.store, &log, 0, 1, 100, 2).await;
            reactor.sleep(Duration::from_secs(2)).await;
            append(&rig.store, &log, 0, 1, 100, 3).await;
            assert_eq!(log.segments().iter().map(|found| found.base_offset.0).collect::<Vec<_>>(), [0, 2]);
            ages.push(age);
        }
        ages.dedup();
        assert!(ages.len() > 1, "{ages:?}");
    });
}

#[test]
fn a_segment_is_rolled_when_its_index_would_be_full() {
    simulate(|reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(spec(1, 1 << 20)).await.unwrap();
        log.set_rolling(Rolling { index_bytes: 24, index_interval_bytes: 4096, jitter_ms: 0 });
        for tag in 0..10 {
            append(&rig.store, &log, 0, 1, 5_000, tag).await;
        }
        let bases: Vec<_> = log.segments().iter().map(|found| found.base_offset.0).collect();
        assert_eq!(bases, [0, 4, 8], "three entries: behind the first, second and third batch");
    });
}

#[test]
fn a_truncated_log_goes_on_at_its_new_end() {
    simulate(|reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(spec(1, 8 << 10)).await.unwrap();
        for tag in 0..20 {
            append(&rig.store, &log, tag as i32 / 10, 2, 1_000, tag).await;
        }
        assert_eq!(log.truncate(Offset(31)).await.unwrap(), Offset(30), "the batch that holds 31 goes whole");
        assert_eq!(log.end(), Offset(30));
        assert_eq!(log.marks().flushed, Offset(30));
        append(&rig.store, &log, 2, 2, 1_000, 100).await;
        assert_eq!(log.truncate(Offset(12)).await.unwrap(), Offset(12));
        assert_eq!(log.epoch_history(), [(LeaderEpoch(0), Offset(0))]);
        append(&rig.store, &log, 5, 2, 1_000, 101).await;
        let tags: Vec<u64> = read_all(&reactor, &log).await.unwrap().iter().map(|found| found.tag).collect();
        assert_eq!(tags, [0, 1, 2, 3, 4, 5, 101]);
        assert_eq!(log.truncate(Offset(0)).await.unwrap(), Offset(0));
        assert!(log.segments().is_empty());
        append(&rig.store, &log, 5, 2, 1_000, 102).await;
        log.reset(Offset(77)).await.unwrap();
        assert_eq!((log.start(), log.end()), (Offset(77), Offset(77)));
        append(&rig.store, &log, 6, 2, 1_000, 103).await;
        assert_eq!(read_all(&reactor, &log).await.unwrap()[0].base, 77);
    });
}

#[test]
fn many_partitions_with_few_records_need_no_files_and_little_memory() {
    simulate(|reactor| async move {
        let config = StoreConfig { external_bytes_min: 32 << 10, ..small_store() };
        let rig = open_with(&reactor, directory_config(), config).await.unwrap();
        for id in 1..=200 {
            let log = rig.store.create_log(spec(id, 1 << 20)).await.unwrap();
            if id % 2 == 0 {
                append(&rig.store, &log, 0, 1, 100, id).await;
            }
        }
        let segments = Path::new(PATH).join("segments");
        assert!(reactor.read_directory(&segments).await.unwrap().is_empty(), "all is in the journal");
        reactor.sleep(Duration::from_secs(60)).await;
        let files = reactor.read_directory(&segments).await.unwrap();
        assert_eq!(files.len(), 100, "idle logs have moved to their files, empty ones have none");
    });
}
