//! What the reserve is for: on a disk without space it lets a directory open and give records up, and it is taken again as soon
//! as there is space, without another start.
// A step that fails fails its test; the model that tests share is not used here.
#![allow(clippy::unwrap_used, clippy::await_holding_refcell_ref)]

mod support;

use ringlog_model::{LogId, Offset, ShardId};
use ringlog_reactor::simulation::{Crash, Host, Simulation};
use ringlog_reactor::{OpenOptions, Reactor};
use ringlog_storage::{AppendError, Directory, DirectoryConfig, LogSpec, Store};
use std::path::Path;
use std::time::Duration;
use support::*;

const CAPACITY: u64 = 64 << 20;
const RESERVE: u64 = 4 << 20;
const OTHERS: &str = "/others";
const SEGMENT_BYTES: u64 = 1 << 20;

fn with_reserve(reserve_bytes: u64) -> DirectoryConfig {
    DirectoryConfig { reserve_bytes, domains: 2, ..directory_config() }
}

/// Both stores of a directory, the second with whatever logs there are.
async fn open_both(reactor: &Reactor, reserve_bytes: u64) -> Result<(Store, Store), String> {
    let opened = Directory::open(reactor, with_reserve(reserve_bytes)).await;
    let opened = opened.map_err(|error| error.to_string())?;
    let start = async |shard, logs| {
        let started =
            Store::start(reactor, opened.directory.handle(), ShardId(shard), logs, small_store()).await;
        started.map_err(|fault| fault.to_string())
    };
    Ok((start(0, Vec::new()).await?, start(1, opened.logs).await?))
}

fn reserve_of(host: &Host) -> u64 {
    host.disk().read(&Path::new(PATH).join("reserve")).map_or(0, |bytes| bytes.len() as u64)
}

/// Somebody else's file takes whatever is free, or is removed.
async fn take_all(reactor: &Reactor, host: &Host) {
    let options = OpenOptions::new().write(true).create(true);
    let file = reactor.open(Path::new(OTHERS), options).await.unwrap();
    file.allocate(file.length().await.unwrap(), host.space().0).await.unwrap();
    file.sync_all().await.unwrap();
    reactor.sync_directory(Path::new("/")).await.unwrap();
    assert_eq!(host.space().0, 0);
}

/// A log of eight segments on a disk that somebody else then fills; at last the power fails.
fn fill(simulation: &Simulation, host: &Host, reserve_bytes: u64) {
    host.set_capacity(CAPACITY);
    let disk = host.clone();
    simulation.run_on(host, move |reactor| async move {
        let (_idle, store) = open_both(&reactor, reserve_bytes).await.unwrap();
        let log = store.create_log(spec(1, SEGMENT_BYTES)).await.unwrap();
        for tag in 0..128 {
            append(&store, &log, 0, 1, 60_000, tag).await;
        }
        flushed(&store, &log, log.end()).await;
        reactor.sleep(Duration::from_secs(60)).await;
        assert_eq!(reserve_of(&disk), reserve_bytes);
        take_all(&reactor, &disk).await;
    });
    host.crash(Crash::Power);
}

async fn until(reactor: &Reactor, what: &str, is_met: impl Fn() -> bool) {
    for _ in 0..60 {
        if is_met() {
            return;
        }
        reactor.sleep(Duration::from_secs(1)).await;
    }
    panic!("in a minute: {what}");
}

#[test]
fn a_directory_opens_on_a_full_disk_by_its_reserve_and_giving_records_up_brings_it_back() {
    let simulation = Simulation::new(40);
    let host = simulation.host("node");
    fill(&simulation, &host, RESERVE);
    let disk = host.clone();
    simulation.run_on(&host, move |reactor| async move {
        take_all(&reactor, &disk).await;
        let (idle, store) = open_both(&reactor, RESERVE).await.unwrap();
        assert_eq!(reserve_of(&disk), 0, "it was needed");
        let log = store.log(LogId(1)).unwrap();
        assert_eq!(read_all(&reactor, &log).await.unwrap().len(), 128, "reads go on");
        assert!(store.is_disk_full());
        assert_eq!(try_append(&log, 0, 1, 60_000, 200), Err(AppendError::DiskFull));

        // What retention does. A little is not enough: it is not for appends that the reserve gave room.
        log.advance_start(Offset(20)).unwrap();
        log.until_durable().await.unwrap();
        reactor.sleep(Duration::from_secs(10)).await;
        assert!(store.is_disk_full() && idle.is_disk_full() && disk.space().0 > 1 << 20);

        log.advance_start(Offset(100)).unwrap();
        until(&reactor, "there is space", || !store.is_disk_full() && !idle.is_disk_full()).await;
        assert_eq!(reserve_of(&disk), RESERVE, "it is there before appends are taken");
        let end = append(&store, &log, 0, 1, 60_000, 201).await;
        flushed(&store, &log, end).await;
        assert_eq!(log.start(), Offset(100));
    });
}

#[test]
fn without_a_reserve_a_directory_does_not_open_on_a_full_disk() {
    let simulation = Simulation::new(41);
    let host = simulation.host("node");
    fill(&simulation, &host, 0);
    let disk = host.clone();
    simulation.run_on(&host, move |reactor| async move {
        take_all(&reactor, &disk).await;
        let refused = open_both(&reactor, 0).await.err().unwrap();
        assert!(refused.contains("No space"), "{refused}");
    });
    // Nothing is lost by that.
    simulation.run_on(&host, |reactor| async move {
        reactor.remove_file(Path::new(OTHERS)).await.unwrap();
        let (_idle, store) = open_both(&reactor, 0).await.unwrap();
        assert_eq!(read_all(&reactor, &store.log(LogId(1)).unwrap()).await.unwrap().len(), 128);
    });
}

#[test]
fn a_reserve_that_was_given_up_is_taken_again_while_the_store_runs_whoever_gave_it_up() {
    for shard in [0, 1] {
        let simulation = Simulation::new(42);
        let host = simulation.host("node");
        host.set_capacity(CAPACITY);
        let disk = host.clone();
        simulation.run_on(&host, move |reactor| async move {
            let (first, second) = open_both(&reactor, RESERVE).await.unwrap();
            assert_eq!(reserve_of(&disk), RESERVE);
            let store = if shard == 0 { first } else { second };
            let log = store.create_log(LogSpec { log: LogId(9), ..spec(9, 8 << 20) }).await.unwrap();
            take_all(&reactor, &disk).await;
            // More than fits into what was allocated: the reserve must go for it.
            for tag in 0..20 {
                if try_append(&log, 0, 1, 60_000, tag).is_err() {
                    break;
                }
                reactor.sleep(Duration::from_millis(100)).await;
            }
            until(&reactor, "it is given up", || reserve_of(&disk) == 0).await;
            assert!(store.is_disk_full());
            flushed(&store, &log, log.end()).await;
            reactor.sleep(Duration::from_secs(30)).await;
            assert_eq!(reserve_of(&disk), 0, "what it gave is needed");
            assert!(store.is_disk_full());

            reactor.remove_file(Path::new(OTHERS)).await.unwrap();
            until(&reactor, "it is taken again", || reserve_of(&disk) == RESERVE).await;
            until(&reactor, "appends are taken", || !store.is_disk_full()).await;
            let end = append(&store, &log, 0, 1, 60_000, 99).await;
            flushed(&store, &log, end).await;
        });
    }
}
