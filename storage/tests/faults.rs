//! What a store does when the disk fails, fills up or rots.
// A step that fails fails its test; one task alone drives each model, so nothing else borrows it meanwhile.
#![allow(clippy::unwrap_used, clippy::await_holding_refcell_ref)]

mod support;

use ringlog_model::{Durability, LogId, Offset, ShardId};
use ringlog_reactor::Reactor;
use ringlog_reactor::simulation::{Crash, FileOperation, Harm, Host, Injection, Pattern, Simulation};
use ringlog_storage::{
    AppendError, Directory, DirectoryConfig, LogConfig, LogError, LogSpec, OpenError, ReadCache, ReadError,
    Store, StoreConfig,
};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;
use support::*;

fn segment_path(name: &str) -> PathBuf {
    Path::new(PATH).join("segments").join(name)
}

/// Runs a main task on the host and lets the power fail when it has ended.
fn run_and_lose_power<F, T>(simulation: &Simulation, host: &Host, body: impl FnOnce(Reactor) -> F) -> T
where
    F: Future<Output = T> + 'static,
    T: 'static,
{
    let output = simulation.run_on(host, body);
    host.crash(Crash::Power);
    output
}

async fn fault_of(store: &Store) -> String {
    loop {
        if let Some(fault) = store.progress().await.fault {
            return fault.to_string();
        }
    }
}

#[test]
fn after_a_failed_write_or_sync_nothing_is_accepted_or_acknowledged_until_reopened() {
    let cases = [
        (FileOperation::Write, "journal", 500, Durability::Fsync),
        (FileOperation::Write, ".segment", 20_000, Durability::Fsync),
        // The write itself syncs, except where the sync is put off.
        (FileOperation::Sync, "journal", 500, Durability::Written),
        (FileOperation::Sync, ".segment", 20_000, Durability::Written),
    ];
    for (operation, file, size, durability) in cases {
        let simulation = Simulation::new(3);
        let host = simulation.host("node");
        let aim = host.clone();
        let flushed_before = run_and_lose_power(&simulation, &host, |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            let config = LogConfig { durability, ..spec(1, 1 << 20).config };
            let log = rig.store.create_log(LogSpec { config, ..spec(1, 1 << 20) }).await.unwrap();
            let first = append(&rig.store, &log, 0, 2, size, 1).await;
            flushed(&rig.store, &log, first).await;
            // What is written ahead of the groups may fail without harm: the fault is not for that.
            reactor.sleep(Duration::from_secs(1)).await;
            aim.inject(Injection::error_once(operation, file));
            append(&rig.store, &log, 0, 2, size, 2).await;
            let fault = fault_of(&rig.store).await;
            assert!(matches!(try_append(&log, 0, 1, size, 3), Err(AppendError::Failed(_))), "{fault}");
            reactor.sleep(Duration::from_secs(1)).await;
            assert_eq!(log.marks().flushed, first, "{fault}: what failed is never called flushed");
            assert!(rig.store.create_log(spec(2, 1 << 20)).await.is_err());
            assert!(rig.store.shutdown().await.is_err());
            first
        });
        simulation.run_on(&host, move |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            let log = rig.store.log(LogId(1)).unwrap();
            assert!(log.end() >= flushed_before);
            let end = append(&rig.store, &log, 0, 2, size, 4).await;
            flushed(&rig.store, &log, end).await;
            read_all(&reactor, &log).await.unwrap();
        });
    }
}

#[test]
fn a_full_disk_refuses_appends_but_not_deletes_and_always_starts() {
    let simulation = Simulation::new(4);
    let host = simulation.host("node");
    host.set_capacity(24 << 20);
    let last = run_and_lose_power(&simulation, &host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let first = rig.store.create_log(spec(1, 1 << 20)).await.unwrap();
        let second = rig.store.create_log(spec(2, 1 << 20)).await.unwrap();
        append(&rig.store, &second, 0, 1, 100, 1).await;
        let mut tag = 0;
        loop {
            tag += 1;
            match try_append(&first, 0, 1, 60_000, tag) {
                Ok(_) => {}
                Err(AppendError::Backpressure) => rig.store.ready().await,
                Err(AppendError::DiskFull) => break,
                Err(other) => panic!("{other}"),
            }
            reactor.sleep(Duration::from_millis(5)).await;
        }
        assert!(rig.store.is_disk_full());
        flushed(&rig.store, &first, first.end()).await;
        let found = read_all(&reactor, &first).await.unwrap();
        assert_eq!(found.len() as i64, first.end().0, "reads go on");
        (first.end(), found.len())
    });
    simulation.run_on(&host, move |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let first = rig.store.log(LogId(1)).unwrap();
        assert_eq!(first.end(), last.0);
        rig.store.delete_log(LogId(1)).await.unwrap();
        drop(first);
        while rig.store.is_disk_full() {
            reactor.sleep(Duration::from_secs(1)).await;
        }
        let second = rig.store.log(LogId(2)).unwrap();
        let end = append(&rig.store, &second, 0, 1, 60_000, 5).await;
        flushed(&rig.store, &second, end).await;
    });
}

#[test]
fn with_no_space_at_all_the_directory_still_starts_and_deletes() {
    let simulation = Simulation::new(9);
    let host = simulation.host("node");
    host.set_capacity(40 << 20);
    let careless = StoreConfig { free_bytes_low: Some(0), ..small_store() };
    let store = careless.clone();
    run_and_lose_power(&simulation, &host, |reactor| async move {
        let rig = open_with(&reactor, directory_config(), store).await.unwrap();
        let log = rig.store.create_log(spec(1, 1 << 20)).await.unwrap();
        for tag in 0.. {
            match try_append(&log, 0, 1, 60_000, tag) {
                Ok(_) => {}
                Err(AppendError::Backpressure) => rig.store.ready().await,
                Err(_) => break,
            }
            reactor.sleep(Duration::from_millis(5)).await;
        }
    });
    simulation.run_on(&host, |reactor| async move {
        let rig = open_with(&reactor, directory_config(), careless).await.unwrap();
        read_all(&reactor, &rig.store.log(LogId(1)).unwrap()).await.unwrap();
        rig.store.delete_log(LogId(1)).await.unwrap();
        rig.store.shutdown().await.unwrap();
    });
}

/// Lets the host's disk have `bytes` more than is used.
fn leave(host: &Host, bytes: u64) {
    let (free, total) = host.space();
    host.set_capacity(total - free + bytes);
}

#[test]
fn what_was_accepted_waits_for_space_while_reads_and_deletes_go_on() {
    let simulation = Simulation::new(10);
    let host = simulation.host("node");
    let disk = host.clone();
    run_and_lose_power(&simulation, &host, |reactor| async move {
        let directory = DirectoryConfig { reserve_bytes: 0, ..directory_config() };
        let rig = open_with(&reactor, directory, small_store()).await.unwrap();
        let store = &rig.store;
        let (kept, given) = (
            store.create_log(spec(1, 1 << 20)).await.unwrap(),
            store.create_log(spec(2, 1 << 20)).await.unwrap(),
        );
        let known = append(store, &kept, 0, 1, 20_000, 1).await;
        for tag in 0..40 {
            append(store, &given, 0, 1, 60_000, tag).await;
        }
        flushed(store, &kept, known).await;
        flushed(store, &given, given.end()).await;
        // Somebody else takes everything. The next large append passes the room that is allocated already.
        leave(&disk, 0);
        for tag in 2..30 {
            append(store, &kept, 0, 1, 20_000, tag).await;
        }
        reactor.sleep(Duration::from_secs(5)).await;
        assert_eq!(store.fault(), None, "a full disk is no fault");
        assert_eq!(try_append(&kept, 0, 1, 20_000, 99), Err(AppendError::DiskFull));
        assert!(kept.marks().flushed < kept.end(), "nothing is acknowledged that has no place");
        assert_eq!(read_all(&reactor, &kept).await.unwrap().len(), 29, "reads go on");
        let third = store.create_log(spec(3, 1 << 20)).await.unwrap();
        drop(given);
        store.delete_log(LogId(2)).await.unwrap();
        flushed(store, &kept, kept.end()).await;
        while store.is_disk_full() {
            reactor.sleep(Duration::from_secs(1)).await;
        }
        let end = append(store, &third, 0, 1, 20_000, 1).await;
        flushed(store, &third, end).await;
    });
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let kept = rig.store.log(LogId(1)).unwrap();
        assert_eq!(read_all(&reactor, &kept).await.unwrap().len(), 29);
        assert!(rig.store.log(LogId(2)).is_none());
    });
}

#[test]
fn what_was_given_up_before_it_had_a_place_counts_only_when_giving_it_up_is_durable() {
    let simulation = Simulation::new(15);
    let host = simulation.host("node");
    let disk = host.clone();
    simulation.run_on(&host, |reactor| async move {
        let directory = DirectoryConfig { reserve_bytes: 0, ..directory_config() };
        let rig = open_with(&reactor, directory, small_store()).await.unwrap();
        let log = rig.store.create_log(spec(1, 16 << 10)).await.unwrap();
        leave(&disk, 0);
        let homeless = append(&rig.store, &log, 0, 1, 20_000, 1).await;
        let end = append(&rig.store, &log, 0, 1, 500, 2).await;
        reactor.sleep(Duration::from_millis(500)).await;
        assert_eq!(log.marks().flushed, Offset(0), "it has no place");
        disk.inject(Injection {
            operation: Some(FileOperation::Write),
            path_contains: "journal".to_owned(),
            skip: 0,
            times: 1,
            harm: Harm::Delay(Duration::from_secs(4)),
        });
        log.advance_start(homeless).unwrap();
        reactor.sleep(Duration::from_secs(3)).await;
        assert_eq!(log.marks().flushed, Offset(0), "a loss of power would find the log with it");
        flushed(&rig.store, &log, end).await;
    });
}

#[test]
fn a_log_that_waits_for_space_can_be_deleted_and_a_store_that_waits_can_be_stopped() {
    for is_deleted in [true, false] {
        let simulation = Simulation::new(11);
        let host = simulation.host("node");
        let disk = host.clone();
        run_and_lose_power(&simulation, &host, |reactor| async move {
            let directory = DirectoryConfig { reserve_bytes: 0, ..directory_config() };
            let rig = open_with(&reactor, directory, small_store()).await.unwrap();
            let log = rig.store.create_log(spec(1, 1 << 20)).await.unwrap();
            leave(&disk, 0);
            for tag in 0..4 {
                append(&rig.store, &log, 0, 1, 20_000, tag).await;
            }
            reactor.sleep(Duration::from_secs(3)).await;
            if is_deleted {
                drop(log);
                rig.store.delete_log(LogId(1)).await.unwrap();
                leave(&disk, 16 << 20);
                reactor.sleep(Duration::from_secs(3)).await;
                rig.store.shutdown().await.unwrap();
            } else {
                let fault = rig.store.shutdown().await.unwrap_err();
                assert!(fault.to_string().contains("No space"), "{fault}");
            }
        });
        leave(&host, 16 << 20);
        simulation.run_on(&host, |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            assert_eq!(rig.store.logs().len(), usize::from(!is_deleted));
        });
    }
}

#[test]
fn a_full_disk_starts_with_more_domains_and_small_journals_which_grow_later() {
    let simulation = Simulation::new(13);
    let host = simulation.host("node");
    run_and_lose_power(&simulation, &host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(spec(1, 1 << 20)).await.unwrap();
        let end = append(&rig.store, &log, 0, 1, 60_000, 1).await;
        flushed(&rig.store, &log, end).await;
    });
    leave(&host, 0);
    let (disk, started) = (host.clone(), host.clone());
    let halves = move || {
        let disk = disk.disk();
        [0, 1].map(|half| disk.read(&Path::new(PATH).join(format!("journal-3-{half}"))).unwrap().len())
    };
    simulation.run_on(&host, move |reactor| async move {
        let directory = DirectoryConfig { domains: 4, ..directory_config() };
        let opened = Directory::open(&reactor, directory).await.unwrap();
        let mut logs = opened.logs;
        let mut stores = Vec::new();
        for shard in 0..4 {
            let (handle, logs) = (opened.directory.handle(), std::mem::take(&mut logs));
            stores.push(Store::start(&reactor, handle, ShardId(shard), logs, small_store()).await.unwrap());
        }
        assert!(halves().iter().all(|length| (64 << 10..1 << 20).contains(length)), "{:?}", halves());
        let log = stores[3].create_log(spec(9, 1 << 20)).await.unwrap();
        reactor.sleep(Duration::from_secs(2)).await;
        stores[3].delete_log(log.id()).await.unwrap();
        started.set_capacity(1 << 30);
        reactor.sleep(Duration::from_secs(20)).await;
        assert_eq!(halves(), [1 << 20, 1 << 20]);
        assert!(started.disk().list(Path::new(PATH)).unwrap().contains(&"reserve".to_owned()));
        let log = stores[3].create_log(spec(10, 1 << 20)).await.unwrap();
        for tag in 0..100 {
            append(&stores[3], &log, 0, 1, 30_000, tag).await;
        }
        flushed(&stores[3], &log, log.end()).await;
    });
}

/// A log with three segments, the first two sealed, closed in order.
async fn three_segments(reactor: &Reactor) -> Vec<String> {
    let rig = open(reactor).await.unwrap();
    let log = rig.store.create_log(spec(1, 64 << 10)).await.unwrap();
    for tag in 0..30 {
        append(&rig.store, &log, 0, 2, 2_500, tag).await;
    }
    flushed(&rig.store, &log, log.end()).await;
    reactor.sleep(Duration::from_secs(1)).await;
    let names = log.segments().into_iter().map(|found| found.file).collect();
    rig.store.shutdown().await.unwrap();
    names
}

#[test]
fn a_flipped_bit_anywhere_in_a_batch_is_reported_and_not_served() {
    // Inside the records, the base offset, the batch length, the leader epoch and the CRC of the second batch.
    let batch = 5_083;
    for place in [batch + 2_000, batch + 3, batch + 9, batch + 15, batch + 18] {
        let simulation = Simulation::new(6);
        let host = simulation.host("node");
        let names = simulation.run_on(&host, |reactor| async move { three_segments(&reactor).await });
        host.flip_bit(&segment_path(&names[0]), 4096 + place, 2).unwrap();
        simulation.run_on(&host, move |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            let log = rig.store.log(LogId(1)).unwrap();
            let read = read_all(&reactor, &log).await;
            assert!(matches!(read, Err(ReadError::Damaged(_))), "byte {place}: {read:?}");
            let scrubbed = log.verify().await;
            assert!(matches!(scrubbed, Err(ReadError::Damaged(_))), "byte {place}: {scrubbed:?}");
            let plan = log.plan_read(Offset(0), 1 << 20, log.end(), true).await;
            let prepared = match plan {
                Ok(plan) => plan.prepare(&ReadCache::new(&reactor)).await,
                Err(error) => Err(error),
            };
            assert!(matches!(prepared, Err(ReadError::Damaged(_))), "byte {place}: {prepared:?}");
            let rest = read_from(&reactor, &log, log.segments()[1].base_offset, 1 << 20).await;
            assert!(rest.is_ok(), "other segments are served");
        });
    }
}

#[test]
fn an_unreadable_block_is_reported() {
    let simulation = Simulation::new(6);
    let host = simulation.host("node");
    let names = simulation.run_on(&host, |reactor| async move { three_segments(&reactor).await });
    host.make_unreadable(&segment_path(&names[2]), 4096 + 5_000).unwrap();
    simulation.run_on(&host, move |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.log(LogId(1)).unwrap();
        assert!(matches!(read_all(&reactor, &log).await, Err(ReadError::Io { .. })));
    });
}

#[test]
fn a_damaged_or_missing_index_is_made_again() {
    let simulation = Simulation::new(6);
    let host = simulation.host("node");
    let names = simulation.run_on(&host, |reactor| async move { three_segments(&reactor).await });
    let index = |name: &str| segment_path(&name.replace(".segment", ".index"));
    host.flip_bit(&index(&names[0]), 100, 1).unwrap();
    let missing = index(&names[1]);
    simulation.run_on(&host, move |reactor| async move {
        reactor.remove_file(&missing).await.unwrap();
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.log(LogId(1)).unwrap();
        let found = read_from(&reactor, &log, Offset(7), 6_000).await.unwrap();
        assert_eq!(found.len(), 27);
        log.verify().await.unwrap();
    });
}

/// Two logs; then the process dies without a checkpoint.
async fn two_logs(reactor: &Reactor) {
    let rig = open(reactor).await.unwrap();
    let logs = [
        rig.store.create_log(spec(1, 1 << 20)).await.unwrap(),
        rig.store.create_log(spec(2, 1 << 20)).await.unwrap(),
    ];
    for tag in 0..6 {
        for log in &logs {
            let end = append(&rig.store, log, 0, 1, 500, tag).await;
            flushed(&rig.store, log, end).await;
        }
    }
    // Idle for a moment: the journal is told that everything is durable.
    reactor.sleep(Duration::from_millis(200)).await;
}

#[test]
fn a_rotten_journal_is_reported_and_never_taken_for_a_torn_end() {
    for (place, unreadable) in [(4096 * 5 + 100, false), (4096 * 13 + 200, false), (4096 * 13, true)] {
        let simulation = Simulation::new(8);
        let host = simulation.host("node");
        run_and_lose_power(&simulation, &host, |reactor| async move { two_logs(&reactor).await });
        // Boot 1 begins in half 1. Groups of one block: two creations, twelve appends, one confirmation.
        let journal = Path::new(PATH).join("journal-0-1");
        if unreadable {
            host.make_unreadable(&journal, place).unwrap();
        } else {
            host.flip_bit(&journal, place, 3).unwrap();
        }
        simulation.run_on(&host, move |reactor| async move {
            let error = open(&reactor).await.err().expect("an acknowledged group is damaged").to_string();
            assert!(error.contains("journal-0-1 is damaged at byte"), "{error}");
            let accepting = DirectoryConfig { accept_damage: true, ..directory_config() };
            let rig = open_with(&reactor, accepting, small_store()).await.unwrap();
            assert!(rig.report.accepted_damage.is_some());
            let ends = [1, 2].map(|id| rig.store.log(LogId(id)).unwrap().end().0);
            // Each group was of one log: the other one is whole.
            assert!(ends.contains(&6), "{ends:?}");
            assert!(ends.iter().sum::<i64>() < 12, "{ends:?}");
        });
    }
}

#[test]
fn rot_in_the_catalog_or_a_checkpoint_is_reported() {
    for (file, word) in [("catalog", "catalog"), ("checkpoint-0", "checkpoint")] {
        let simulation = Simulation::new(8);
        let host = simulation.host("node");
        simulation.run_on(&host, |reactor| async move { drop(three_segments(&reactor).await) });
        host.flip_bit(&Path::new(PATH).join(file), 20, 3).unwrap();
        simulation.run_on(&host, move |reactor| async move {
            let error = open(&reactor).await.err().unwrap();
            assert!(
                matches!(error, OpenError::Damaged { .. }) && error.to_string().contains(word),
                "{error}"
            );
        });
    }
}

#[test]
fn an_equal_batch_behind_a_hole_does_not_come_back() {
    // A and B are large and of equal size. B reaches the disk, A does not (its block is cut out below); recovery ends
    // before A; a new A of equal size is written and synced; then B must not follow it.
    for seed in 0..20 {
        let simulation = Simulation::new(seed);
        let host = simulation.host("node");
        simulation.faults(|faults| faults.survival = Pattern::Writes);
        run_and_lose_power(&simulation, &host, |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            let log = rig.store.create_log(spec(1, 1 << 20)).await.unwrap();
            append(&rig.store, &log, 0, 1, 20_000, 1).await;
            reactor.sleep(Duration::from_micros(400)).await;
            append(&rig.store, &log, 0, 1, 20_000, 2).await;
            reactor.sleep(Duration::from_micros(400)).await;
        });
        let first = run_and_lose_power(&simulation, &host, |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            let log = rig.store.log(LogId(1))?;
            let kept = read_all(&reactor, &log).await.unwrap();
            let end = append(&rig.store, &log, 0, 1, 20_000, 10).await;
            flushed(&rig.store, &log, end).await;
            Some((kept, end))
        });
        let Some((kept, end)) = first else { continue };
        simulation.run_on(&host, move |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            let log = rig.store.log(LogId(1)).unwrap();
            let mut tags: Vec<u64> = kept.iter().map(|found| found.tag).collect();
            tags.push(10);
            let found: Vec<u64> =
                read_all(&reactor, &log).await.unwrap().iter().map(|found| found.tag).collect();
            assert_eq!((found, log.end()), (tags, end));
        });
    }
}

#[test]
fn a_slow_reader_keeps_its_segment_while_it_is_retired() {
    let simulation = Simulation::new(12);
    let host = simulation.host("node");
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let old = rig.store.create_log(spec(1, 64 << 10)).await.unwrap();
        for tag in 0..20 {
            append(&rig.store, &old, 0, 1, 9_000, tag).await;
        }
        flushed(&rig.store, &old, old.end()).await;
        reactor.sleep(Duration::from_secs(60)).await;
        let plan = old.plan_read(Offset(0), 60_000, old.end(), true).await.unwrap();
        let expected: Vec<u64> = (0..plan.end_offset.0 as u64).collect();
        let file = old.segments()[0].file.clone();
        old.advance_start(Offset(13)).unwrap();
        // The same sizes at the same offsets, in another topic that takes over the retired files.
        let new = rig.store.create_log(spec(2, 64 << 10)).await.unwrap();
        for tag in 100..140 {
            append(&rig.store, &new, 0, 1, 9_000, tag).await;
            reactor.sleep(Duration::from_millis(300)).await;
        }
        flushed(&rig.store, &new, new.end()).await;
        let used: Vec<String> = new.segments().into_iter().map(|found| found.file).collect();
        assert!(!used.contains(&file), "the reader's file is not used again");
        let read = parse(&plan.clone().load(&reactor).await.unwrap().concat());
        assert_eq!(read.iter().map(|found| found.tag).collect::<Vec<_>>(), expected);
        drop(plan);
        reactor.sleep(Duration::from_secs(30)).await;
        for tag in 200..240 {
            append(&rig.store, &new, 0, 1, 9_000, tag).await;
        }
        let used: Vec<String> = new.segments().into_iter().map(|found| found.file).collect();
        assert!(used.contains(&file), "without a reader it is");
        assert_eq!(read_all(&reactor, &new).await.unwrap().len(), 80);
        assert_eq!(rig.store.delete_log(LogId(9)).await, Err(LogError::Closed));
    });
}
