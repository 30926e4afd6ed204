//! What is promised of acknowledged records: by `durability=written`, by sealed segments, by the end of a journal.
// A step that fails fails its test; one task alone drives each model, so nothing else borrows it meanwhile.
#![allow(clippy::unwrap_used, clippy::await_holding_refcell_ref)]

mod support;

use ringlog_model::{Durability, LogId, Offset};
use ringlog_reactor::Reactor;
use ringlog_reactor::simulation::{Crash, FileOperation, Harm, Host, Injection, Simulation};
use ringlog_storage::{
    Damage, FileSlice, Log, LogConfig, LogSpec, ReadCache, ReadError, Slice, Store, StoreConfig, Way,
};
use std::path::{Path, PathBuf};
use std::time::Duration;
use support::*;

const MANY: u64 = 1 << 40;

/// Begins to count operations of a kind on files whose path contains `name`.
fn count(host: &Host, operation: FileOperation, name: &str) {
    host.inject(Injection {
        operation: Some(operation),
        path_contains: name.to_owned(),
        skip: 0,
        times: MANY,
        harm: Harm::Delay(Duration::ZERO),
    });
}

fn counted(host: &Host) -> u64 {
    MANY - host.clear_injections()
}

fn with_durability(log: u64, durability: Durability) -> LogSpec {
    let spec = spec(log, 64 << 20);
    LogSpec { config: LogConfig { durability, ..spec.config }, ..spec }
}

async fn written(store: &Store, log: &Log, end: Offset) {
    while log.marks().written < end {
        store.progress().await;
    }
}

#[test]
fn logs_that_promise_only_written_do_not_sync_for_every_append() {
    // Inside the journal and beside it.
    for size in [500, 20_000] {
        let runs = [
            (Durability::Fsync, FileOperation::SyncedWrite),
            (Durability::Written, FileOperation::SyncedWrite),
            (Durability::Written, FileOperation::Sync),
        ];
        let syncs = runs.map(|(durability, counted_kind)| {
            let simulation = Simulation::new(21);
            let host = simulation.host("node");
            let counter = host.clone();
            simulation.run_on(&host, move |reactor| async move {
                let rig = open(&reactor).await.unwrap();
                let log = rig.store.create_log(with_durability(1, durability)).await.unwrap();
                count(&counter, counted_kind, "");
                let begun = reactor.now_nanos();
                for tag in 0..200 {
                    let end = append(&rig.store, &log, 0, 1, size, tag).await;
                    match durability {
                        Durability::Fsync => flushed(&rig.store, &log, end).await,
                        Durability::Written => written(&rig.store, &log, end).await,
                    }
                }
                let took = Duration::from_nanos(reactor.now_nanos() - begun);
                assert!(took < Duration::from_secs(2), "{took:?}");
                counted(&counter)
            })
        });
        // Where somebody waits every append brings its own sync.
        assert!(syncs[0] >= 200, "{syncs:?}");
        assert!(syncs[1] <= 24 && syncs[2] <= 24, "{syncs:?}");
    }
}

#[test]
fn many_logs_with_a_little_each_share_one_synced_write_and_much_of_one_log_goes_to_its_segment() {
    // Logs, and batches of 64 KiB that each has on its way: together the same. The store's own bounds.
    let runs = [(16u64, 1u64), (1, 16)].map(|(logs, batches)| {
        let simulation = Simulation::new(24);
        let host = simulation.host("node");
        let counter = host.clone();
        simulation.run_on(&host, move |reactor| async move {
            let rig = open_with(&reactor, directory_config(), StoreConfig::default()).await.unwrap();
            let mut open = Vec::new();
            for number in 1..=logs {
                open.push(rig.store.create_log(with_durability(number, Durability::Fsync)).await.unwrap());
            }
            count(&counter, FileOperation::SyncedWrite, ".segment");
            for _ in 0..8 {
                for (log, tag) in open.iter().flat_map(|log| (0..batches).map(move |tag| (log, tag))) {
                    append(&rig.store, log, 0, 1, 64 << 10, tag).await;
                }
                for log in &open {
                    flushed(&rig.store, log, log.end()).await;
                }
            }
            counted(&counter)
        })
    });
    assert_eq!(runs[0], 0, "synced writes of segments for many logs");
    assert!(runs[1] >= 8, "{} of one log", runs[1]);
}

#[test]
fn what_is_only_written_is_synced_within_a_second_and_outlives_the_process_before() {
    let simulation = Simulation::new(22);
    let host = simulation.host("node");
    for (round, crash) in [(0, Crash::Process), (1, Crash::Power)] {
        let end = simulation.run_on(&host, move |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            let log = match rig.store.log(LogId(1)) {
                Some(log) => log,
                None => rig.store.create_log(with_durability(1, Durability::Written)).await.unwrap(),
            };
            for (tag, size) in [(1, 500), (2, 20_000)] {
                let end = append(&rig.store, &log, 0, 1, size, tag).await;
                written(&rig.store, &log, end).await;
            }
            if round == 0 {
                assert!(log.marks().flushed < log.end(), "nothing has synced it yet");
            } else {
                reactor.sleep(Duration::from_millis(1_200)).await;
                assert_eq!(log.marks().flushed, log.end());
            }
            log.end()
        });
        host.crash(crash);
        simulation.run_on(&host, move |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            assert_eq!(rig.store.log(LogId(1)).unwrap().end(), end, "{crash:?}");
        });
    }
}

#[test]
fn a_sync_for_one_log_covers_those_that_do_not_hurry() {
    let simulation = Simulation::new(23);
    let host = simulation.host("node");
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let patient = rig.store.create_log(with_durability(1, Durability::Written)).await.unwrap();
        let hasty = rig.store.create_log(with_durability(2, Durability::Fsync)).await.unwrap();
        let begun = reactor.now_nanos();
        let end = append(&rig.store, &patient, 0, 1, 20_000, 1).await;
        written(&rig.store, &patient, end).await;
        let own = append(&rig.store, &hasty, 0, 1, 500, 2).await;
        flushed(&rig.store, &hasty, own).await;
        flushed(&rig.store, &patient, end).await;
        // Whoever needs all of it durable does not wait for the clock either.
        append(&rig.store, &patient, 0, 1, 20_000, 3).await;
        patient.truncate(end).await.unwrap();
        append(&rig.store, &patient, 0, 1, 20_000, 4).await;
        rig.store.shutdown().await.unwrap();
        let took = Duration::from_nanos(reactor.now_nanos() - begun);
        assert!(took < Duration::from_millis(500), "{took:?}");
    });
}

fn segment_path(name: &str) -> PathBuf {
    Path::new(PATH).join("segments").join(name)
}

#[test]
fn a_sealed_segment_is_checked_and_what_is_found_is_reported_and_not_served() {
    let simulation = Simulation::new(24);
    let host = simulation.host("node");
    let disk = host.clone();
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(spec(1, 64 << 10)).await.unwrap();
        let mut end = append(&rig.store, &log, 0, 1, 20_000, 1).await;
        flushed(&rig.store, &log, end).await;
        // In memory it is whole, in the file it is not.
        disk.flip_bit(&segment_path(&log.segments()[0].file), 4096 + 300, 1).unwrap();
        for tag in 2..8 {
            end = append(&rig.store, &log, 0, 1, 20_000, tag).await;
        }
        let mut found: Vec<Damage> = Vec::new();
        while found.is_empty() {
            found = rig.store.progress().await.damage;
        }
        assert_eq!((found[0].log, found[0].segment), (LogId(1), Offset(0)));
        flushed(&rig.store, &log, end).await;
        // The memory of the idle log is given up.
        reactor.sleep(Duration::from_secs(30)).await;
        let plan = log.plan_read(Offset(0), 1 << 20, end, true).await.unwrap();
        assert!(matches!(plan.prepare(&ReadCache::new(&reactor)).await, Err(ReadError::Damaged(_))));
        let second = log.segments()[1].base_offset;
        read_from(&reactor, &log, second, 1 << 20).await.unwrap();
    });
}

#[test]
fn a_segment_that_could_not_be_read_once_is_reported_and_served_when_it_can_be() {
    let mut simulation = Simulation::new(27);
    simulation.set_patience(Duration::from_secs(9 * 24 * 3600));
    let host = simulation.host("node");
    let aim = host.clone();
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(spec(1, 64 << 10)).await.unwrap();
        aim.inject(Injection::error_once(FileOperation::Read, ".segment"));
        for tag in 0..8 {
            append(&rig.store, &log, 0, 1, 20_000, tag).await;
        }
        let mut found: Vec<Damage> = Vec::new();
        while found.is_empty() {
            found = rig.store.progress().await.damage;
        }
        assert_eq!((found[0].log, found[0].segment), (LogId(1), Offset(0)));
        assert_eq!(rig.store.fault(), None, "what cannot be read is no reason to refuse appends");
        let end = append(&rig.store, &log, 0, 1, 20_000, 8).await;
        flushed(&rig.store, &log, end).await;
        reactor.sleep(Duration::from_secs(30)).await;
        assert_eq!(read_all(&reactor, &log).await.unwrap().len(), 9);
        // The next round of the scrub finds it whole.
        reactor.sleep(Duration::from_secs(8 * 24 * 3600)).await;
        assert_eq!(rig.store.metrics().damage_found.get(), 1);
        log.verify().await.unwrap();
    });
}

/// A log whose first segments are in files only.
async fn log_behind_its_memory(reactor: &Reactor, rig: &Rig) -> Log {
    let log = rig.store.create_log(spec(1, 64 << 10)).await.unwrap();
    for tag in 0..12 {
        append(&rig.store, &log, 0, 1, 20_000, tag).await;
    }
    flushed(&rig.store, &log, log.end()).await;
    reactor.sleep(Duration::from_secs(30)).await;
    log
}

#[test]
fn what_is_read_once_is_read_directly_and_what_is_read_again_comes_from_the_page_cache() {
    let simulation = Simulation::new(25);
    let host = simulation.host("node");
    let counter = host.clone();
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = log_behind_its_memory(&reactor, &rig).await;
        let reads = ReadCache::new(&reactor);
        let plan = log.plan_read(Offset(0), 1 << 20, log.end(), true).await.unwrap();
        let expected = plan.clone().load(&reactor).await.unwrap().concat();
        let plan = plan.prepare(&reads).await.unwrap();
        assert_eq!(plan.load(&reactor).await.unwrap().concat(), expected);
        let plan = log.plan_read(Offset(0), 1 << 20, log.end(), true).await.unwrap();
        count(&counter, FileOperation::Read, ".segment");
        let plan = plan.prepare(&reads).await.unwrap();
        assert_eq!(counted(&counter), 0);
        let cached = |slice: &FileSlice| slice.verified && slice.way == Way::Cached;
        assert!(matches!(plan.slices.as_slice(), [Slice::File(slice)] if cached(slice)));
        assert_eq!(plan.load(&reactor).await.unwrap().concat(), expected);
    });
}

#[test]
fn readers_of_the_same_bytes_share_what_is_read_and_reading_goes_ahead_of_them() {
    let simulation = Simulation::new(28);
    // What a short read leaves out is another read.
    simulation.faults(|faults| faults.short_transfers = 0);
    let host = simulation.host("node");
    let counter = host.clone();
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = log_behind_its_memory(&reactor, &rig).await;
        let reads = ReadCache::new(&reactor);
        let first = log.plan_read(Offset(0), 1, log.end(), true).await.unwrap();
        let second = log.plan_read(Offset(1), 1, log.end(), true).await.unwrap();
        let (also, again) = (first.clone(), first.clone());
        count(&counter, FileOperation::Read, ".segment");
        let shared = reads.clone();
        let other = reactor.spawn(async move { also.prepare(&shared).await });
        first.prepare(&reads).await.unwrap();
        other.await.unwrap();
        second.prepare(&reads).await.unwrap();
        assert_eq!(counted(&counter), 1);
        // Nobody asks for it any more: it is given up.
        reactor.sleep(Duration::from_secs(10)).await;
        count(&counter, FileOperation::Read, ".segment");
        again.prepare(&reads).await.unwrap();
        assert_eq!(counted(&counter), 1);
    });
}

#[test]
fn what_is_read_of_a_growing_segment_is_what_was_appended() {
    let simulation = Simulation::new(29);
    let host = simulation.host("node");
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(spec(1, 8 << 20)).await.unwrap();
        let reads = ReadCache::new(&reactor);
        let mut from = Offset(0);
        let mut tags = Vec::new();
        for tag in 0..300 {
            append(&rig.store, &log, 0, 1, 5_000, tag).await;
            if tag % 20 < 15 {
                continue;
            }
            flushed(&rig.store, &log, log.end()).await;
            // A reader that is behind the memory of the tail, at a place that moves up to it.
            let plan = log.plan_read(from, 60_000, log.end(), true).await.unwrap();
            from = plan.end_offset;
            let plan = plan.prepare(&reads).await.unwrap();
            tags.extend(parse(&plan.load(&reactor).await.unwrap().concat()).iter().map(|batch| batch.tag));
        }
        assert!(tags.len() > 200 && tags.iter().enumerate().all(|(at, tag)| *tag == at as u64), "{tags:?}");
    });
}

#[test]
fn the_scrub_finds_rot_that_came_later() {
    let mut simulation = Simulation::new(26);
    simulation.set_patience(Duration::from_secs(8 * 24 * 3600));
    let host = simulation.host("node");
    let disk = host.clone();
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(spec(1, 64 << 10)).await.unwrap();
        for tag in 0..12 {
            append(&rig.store, &log, 0, 1, 20_000, tag).await;
        }
        flushed(&rig.store, &log, log.end()).await;
        reactor.sleep(Duration::from_secs(30)).await;
        let file = log.segments()[1].file.clone();
        disk.flip_bit(&segment_path(&file), 4096 + 300, 1).unwrap();
        let mut found = Vec::new();
        while found.is_empty() {
            found = rig.store.progress().await.damage;
        }
        assert_eq!(found[0].segment, log.segments()[1].base_offset);
        let plan = log.plan_read(found[0].segment, 1 << 20, log.end(), true).await.unwrap();
        assert!(matches!(plan.prepare(&ReadCache::new(&reactor)).await, Err(ReadError::Damaged(_))));
    });
}

/// Appends to one log; `idle` lets the journal be told that everything is durable. Then the newest group rots.
fn rotten_end(idle: Duration) -> Result<i64, String> {
    let simulation = Simulation::new(27);
    let host = simulation.host("node");
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(spec(1, 1 << 20)).await.unwrap();
        for tag in 0..6 {
            let end = append(&rig.store, &log, 0, 1, 500, tag).await;
            flushed(&rig.store, &log, end).await;
        }
        reactor.sleep(idle).await;
    });
    host.crash(Crash::Power);
    // A creation and six appends, a block each, in the half of the first generation.
    host.flip_bit(&Path::new(PATH).join("journal-0-1"), 4096 * 6 + 200, 3).unwrap();
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.map_err(|error| error.to_string())?;
        Ok(rig.store.log(LogId(1)).unwrap().end().0)
    })
}

#[test]
fn a_rotten_last_group_is_told_from_a_torn_one_once_the_journal_was_idle() {
    let reported = rotten_end(Duration::from_millis(200)).unwrap_err();
    assert!(reported.contains("journal-0-1 is damaged at byte 24576"), "{reported}");
    // Before that nothing on the disk says that the group had been finished: docs/format.md says so, too.
    assert_eq!(rotten_end(Duration::from_millis(1)), Ok(5));
}

#[test]
fn a_group_that_arrives_ahead_of_another_counts_only_with_it() {
    for crash in [None, Some(Crash::Power), Some(Crash::Process)] {
        let simulation = Simulation::new(31);
        let host = simulation.host("node");
        let aim = host.clone();
        let first = simulation.run_on(&host, move |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            let log = rig.store.create_log(spec(1, 1 << 20)).await.unwrap();
            let first = append(&rig.store, &log, 0, 1, 500, 1).await;
            flushed(&rig.store, &log, first).await;
            aim.inject(Injection {
                operation: Some(FileOperation::Write),
                path_contains: "journal".to_owned(),
                skip: 0,
                times: 1,
                harm: Harm::Delay(Duration::from_millis(200)),
            });
            append(&rig.store, &log, 0, 1, 500, 2).await;
            reactor.sleep(Duration::from_millis(5)).await;
            let end = append(&rig.store, &log, 0, 1, 500, 3).await;
            reactor.sleep(Duration::from_millis(50)).await;
            assert_eq!(log.marks().written, first, "the group in between is still on its way");
            assert_eq!(log.marks().flushed, first);
            if crash.is_none() {
                flushed(&rig.store, &log, end).await;
            }
            log.marks().flushed
        });
        host.crash(crash.unwrap_or(Crash::Power));
        // What comes next has the size of what was lost: nothing of it may come back.
        let end = simulation.run_on(&host, move |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            let log = rig.store.log(LogId(1)).unwrap();
            assert!(log.end() >= first);
            let before: Vec<_> =
                read_all(&reactor, &log).await.unwrap().iter().map(|batch| batch.tag).collect();
            assert_eq!(before, (1..=before.len() as u64).collect::<Vec<_>>(), "no hole");
            let end = append(&rig.store, &log, 0, 1, 500, 9).await;
            flushed(&rig.store, &log, end).await;
            end
        });
        host.crash(Crash::Power);
        simulation.run_on(&host, move |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            let log = rig.store.log(LogId(1)).unwrap();
            assert_eq!(log.end(), end);
            assert_eq!(read_all(&reactor, &log).await.unwrap().last().unwrap().tag, 9);
        });
    }
}
