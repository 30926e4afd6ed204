//! Files that a log lets go of stay for a while, unless their space is needed; a crash does not make them stay for ever.
// A step that fails fails its test; one task alone drives each model.
#![allow(clippy::unwrap_used, clippy::await_holding_refcell_ref)]

mod support;

use ringlog_model::{LogId, Offset};
use ringlog_reactor::Reactor;
use ringlog_reactor::simulation::{Crash, Simulation};
use ringlog_storage::{Log, StoreConfig};
use std::path::Path;
use std::time::Duration;
use support::{Rig, append, directory_config, flushed, open_with, read_all, small_store, spec};

const DELAY: Duration = Duration::from_secs(60);
const SEGMENT_BYTES: u64 = 64 << 10;

/// Nothing is kept for new segments: what is given back is gone.
fn without_recycling() -> StoreConfig {
    StoreConfig { recycled_files_max: 0, ..small_store() }
}

async fn open(reactor: &Reactor) -> Rig {
    open_with(reactor, directory_config(), without_recycling()).await.unwrap()
}

/// A log of several segments, with the delay.
async fn filled(rig: &Rig, log: u64, batches: u64) -> Log {
    let log = rig.store.create_log(spec(log, SEGMENT_BYTES)).await.unwrap();
    log.set_file_delete_delay(DELAY);
    for tag in 0..batches {
        append(&rig.store, &log, 0, 1, 9_000, tag).await;
    }
    flushed(&rig.store, &log, log.end()).await;
    log
}

/// Names of segment files.
async fn files(reactor: &Reactor) -> Vec<String> {
    let entries = reactor.read_directory(Path::new("/data/segments")).await.unwrap();
    let names = entries.into_iter().filter_map(|entry| entry.name.into_string().ok());
    let mut names: Vec<_> = names.filter(|name| !name.ends_with(".index")).collect();
    names.sort();
    names
}

fn files_of(log: &Log) -> Vec<String> {
    let mut names: Vec<_> = log.segments().into_iter().map(|segment| segment.file).collect();
    names.sort();
    names
}

#[test]
fn files_of_segments_and_logs_stay_for_the_delay_and_are_gone_after_it() {
    let simulation = Simulation::new(1);
    let host = simulation.host("node");
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await;
        let (kept, gone) = (filled(&rig, 1, 30).await, filled(&rig, 2, 30).await);
        reactor.sleep(Duration::from_secs(10)).await;
        let before = files(&reactor).await;
        assert_eq!(before.len(), files_of(&kept).len() + files_of(&gone).len());
        kept.advance_start(Offset(20)).unwrap();
        rig.store.delete_log(LogId(2)).await.unwrap();
        drop(gone);
        reactor.sleep(DELAY - Duration::from_secs(1)).await;
        assert_eq!(files(&reactor).await, before);
        reactor.sleep(Duration::from_secs(10)).await;
        assert_eq!(files(&reactor).await, files_of(&kept));
        assert_eq!(read_all(&reactor, &kept).await.unwrap().last().map(|found| found.next), Some(30));
    });
}

#[test]
fn without_a_delay_they_go_at_once() {
    let simulation = Simulation::new(2);
    let host = simulation.host("node");
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await;
        filled(&rig, 1, 30).await.set_file_delete_delay(Duration::ZERO);
        rig.store.delete_log(LogId(1)).await.unwrap();
        reactor.sleep(Duration::from_secs(2)).await;
        assert_eq!(files(&reactor).await, Vec::<String>::new());
    });
}

#[test]
fn a_crash_in_the_middle_of_the_delay_leaves_no_file_behind() {
    for (seed, crash) in [(3, Crash::Power), (4, Crash::Process)] {
        let simulation = Simulation::new(seed);
        let host = simulation.host("node");
        simulation.run_on(&host, |reactor| async move {
            let rig = open(&reactor).await;
            let (kept, _gone) = (filled(&rig, 1, 30).await, filled(&rig, 2, 30).await);
            reactor.sleep(Duration::from_secs(10)).await;
            kept.advance_start(Offset(20)).unwrap();
            rig.store.delete_log(LogId(2)).await.unwrap();
            kept.until_durable().await.unwrap();
            reactor.sleep(DELAY / 2).await;
            assert!(files(&reactor).await.len() > files_of(&kept).len());
            std::mem::forget(rig);
        });
        host.crash(crash);
        simulation.run_on(&host, |reactor| async move {
            let rig = open(&reactor).await;
            let kept = rig.store.log(LogId(1)).unwrap();
            assert!(rig.store.log(LogId(2)).is_none());
            reactor.sleep(Duration::from_secs(2)).await;
            assert_eq!(files(&reactor).await, files_of(&kept));
            let found = read_all(&reactor, &kept).await.unwrap();
            assert_eq!((found[0].base, found.len()), (20, 10));
        });
    }
}

#[test]
fn a_reader_keeps_its_file_beyond_the_delay() {
    let simulation = Simulation::new(5);
    let host = simulation.host("node");
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await;
        let log = filled(&rig, 1, 30).await;
        reactor.sleep(Duration::from_secs(60)).await;
        let plan = log.plan_read(Offset(0), 9_500, log.end(), true).await.unwrap();
        let file = log.segments()[0].file.clone();
        rig.store.delete_log(LogId(1)).await.unwrap();
        drop(log);
        reactor.sleep(2 * DELAY).await;
        assert_eq!(files(&reactor).await, [file]);
        assert!(!plan.clone().load(&reactor).await.unwrap().concat().is_empty());
        drop(plan);
        reactor.sleep(Duration::from_secs(2)).await;
        assert_eq!(files(&reactor).await, Vec::<String>::new());
    });
}

#[test]
fn where_space_is_scarce_nothing_waits() {
    let simulation = Simulation::new(6);
    let host = simulation.host("node");
    // The low-water mark is 1 MiB; journals and the reserve take 6.
    host.set_capacity(16 << 20);
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await;
        let old = filled(&rig, 1, 30).await;
        rig.store.delete_log(LogId(1)).await.unwrap();
        drop(old);
        let new = filled(&rig, 2, 1).await;
        reactor.sleep(Duration::from_secs(6)).await;
        assert!(files(&reactor).await.len() > 1, "there is space yet");
        while reactor.space(Path::new("/data")).await.unwrap().free > 3 << 20 {
            append(&rig.store, &new, 0, 1, 60_000, 7).await;
            flushed(&rig.store, &new, new.end()).await;
        }
        reactor.sleep(Duration::from_secs(6)).await;
        assert_eq!(files(&reactor).await, files_of(&new));
        assert!(!rig.store.is_disk_full());
    });
}
