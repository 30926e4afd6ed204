//! A real process on a real file system, killed with SIGKILL at any moment, again and again over the same directory: what it
//! called flushed is there, whole and unchanged, and what it had deleted is not.
// A step that fails fails its test; one task alone drives each model, so nothing else borrows it meanwhile.
#![allow(clippy::unwrap_used, clippy::await_holding_refcell_ref)]

mod support;

use ringlog_model::{LogId, Offset};
use ringlog_reactor::{DriverChoice, Options, Reactor, run};
use ringlog_storage::{AppendError, DirectoryConfig, Log, Store};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use support::*;

const ROUNDS: u64 = 24;
const LOGS: usize = 6;
/// Where the process that is to be killed finds its directory; set, it is that process.
const DIRECTORY: &str = "RINGLOG_KILLED_DIRECTORY";
const SIZES: [usize; 5] = [40, 700, 6_000, 40_000, 200_000];

fn spread(value: u64) -> u64 {
    (value.wrapping_add(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9).rotate_left(31) >> 7
}

/// What stands at an offset of a log depends on nothing else: so whatever life wrote it, it can be judged.
fn tag(log: LogId, base: Offset) -> u64 {
    log.0 << 40 | base.0 as u64
}

fn shape(log: LogId, base: Offset) -> (usize, usize) {
    let chance = spread(tag(log, base));
    (1 + (chance % 3) as usize, SIZES[(chance / 3 % 40 + 1).ilog2().min(4) as usize])
}

fn options(round: u64) -> Options {
    let driver = if round.is_multiple_of(4) { DriverChoice::Epoll } else { DriverChoice::Auto };
    Options { driver, ..Options::default() }
}

fn config(path: &Path) -> DirectoryConfig {
    DirectoryConfig { reserve_bytes: 1 << 20, ..DirectoryConfig::new(path) }
}

/// The process that is killed. It tells its standard output what it does.
#[test]
#[ignore = "started by the other test, to be killed"]
fn append_until_killed() {
    let Some(path) = std::env::var_os(DIRECTORY) else { return };
    let round = std::env::var("RINGLOG_KILLED_ROUND").unwrap().parse().unwrap();
    let path = PathBuf::from(path);
    run(options(round), move |reactor| async move { live(&reactor, &path, round).await }).unwrap();
}

async fn live(reactor: &Reactor, path: &Path, round: u64) {
    let rig = open_with(reactor, config(path), small_store()).await.unwrap();
    let store = rig.store.clone();
    let told = store.clone();
    reactor
        .spawn(async move {
            loop {
                for (log, marks) in told.progress().await.marks {
                    println!("flushed {log} {}", marks.flushed);
                }
            }
        })
        .detach();
    let mut next = rig.directory.unused_log_id().0;
    for turn in 0.. {
        while store.logs().len() < LOGS {
            let log = store.create_log(spec(next, 512 << 10)).await.unwrap();
            println!("created {}", log.id());
            next += 1;
        }
        let chance = spread(round << 32 | turn);
        let log = store.logs()[chance as usize % LOGS].clone();
        match chance / 8 % 200 {
            0 => {
                println!("deleting {}", log.id());
                store.delete_log(log.id()).await.unwrap();
                println!("deleted {}", log.id());
            }
            1..40 => {
                let to = Offset((log.end().0 - 40).max(log.start().0));
                println!("start {} {to}", log.id());
                log.advance_start(to).unwrap();
            }
            _ => append_next(&store, &log).await,
        }
        if chance.is_multiple_of(16) {
            reactor.yield_now().await;
        }
    }
}

async fn append_next(store: &Store, log: &Log) {
    let (count, size) = shape(log.id(), log.end());
    loop {
        match try_append(log, 0, count, size, tag(log.id(), log.end())) {
            Err(AppendError::Backpressure) => store.ready().await,
            other => {
                other.unwrap();
                return;
            }
        }
    }
}

/// What the killed processes have told of one log.
#[derive(Debug, Default)]
struct Told {
    flushed: i64,
    start_max: i64,
    deleting: bool,
    deleted: bool,
}

fn take_line(line: &str, told: &mut BTreeMap<u64, Told>) {
    let mut words = line.split(' ');
    let (Some(what), Some(log)) = (words.next(), words.next().and_then(|word| word.parse().ok())) else {
        return;
    };
    let value: Option<i64> = words.next().and_then(|word| word.parse().ok());
    match (what, value) {
        // A log may tell of marks before its creation was told.
        ("created", _) => drop(told.entry(log).or_default()),
        ("flushed", Some(end)) => {
            let log = told.entry(log).or_default();
            log.flushed = log.flushed.max(end);
        }
        ("start", Some(start)) => told.get_mut(&log).unwrap().start_max = start,
        ("deleting", _) => told.get_mut(&log).unwrap().deleting = true,
        ("deleted", _) => told.get_mut(&log).unwrap().deleted = true,
        _ => {}
    }
}

/// One life: returns how many lines it told.
fn live_and_die(path: &Path, round: u64, told: &mut BTreeMap<u64, Told>) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "append_until_killed", "--ignored", "--nocapture", "--quiet"])
        .env(DIRECTORY, path)
        .env("RINGLOG_KILLED_ROUND", round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let lines = AtomicU64::new(0);
    let begun = Instant::now();
    let age = Duration::from_millis(spread(round) % 120);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            for line in output.lines() {
                take_line(&line.unwrap(), told);
                lines.fetch_add(1, Ordering::Relaxed);
            }
        });
        // Now and then while it still recovers.
        let wanted = if round % 6 == 5 { 0 } else { 30 + round };
        while lines.load(Ordering::Relaxed) < wanted && begun.elapsed() < Duration::from_secs(20) {
            assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(age);
        child.kill().unwrap();
        child.wait().unwrap();
        reader.join().unwrap();
    });
    lines.into_inner()
}

/// Opens the directory and compares it with what was told; returns the batches read.
async fn judge(reactor: &Reactor, path: &Path, told: &mut BTreeMap<u64, Told>, context: &str) -> usize {
    let rig = open_with(reactor, config(path), small_store()).await.unwrap();
    assert!(rig.report.accepted_damage.is_none());
    let mut batches = 0;
    // The process may have been killed between a log's creation and the word of it; the next one uses the log.
    for log in rig.store.logs() {
        told.entry(log.id().0).or_default();
    }
    for (id, told) in told.iter_mut() {
        let context = format!("{context}, log {id}: {told:?}");
        let Some(log) = rig.store.log(LogId(*id)) else {
            assert!(told.deleting, "{context}: it is lost");
            told.deleted = true;
            continue;
        };
        assert!(!told.deleted, "{context}: it came back");
        assert!(log.end().0 >= told.flushed, "{context}: it ends at {}", log.end());
        assert!(log.start().0 <= told.start_max, "{context}: it starts at {}", log.start());
        let found = read_all(reactor, &log).await.unwrap_or_else(|error| panic!("{context}: {error}"));
        let mut next = found.first().map_or(log.end().0, |first| first.base);
        assert!(found.is_empty() || next <= log.start().0, "{context}: it has lost its front");
        for batch in &found {
            assert_eq!(batch.base, next, "{context}: a hole");
            assert_eq!(batch.tag, tag(LogId(*id), Offset(batch.base)), "{context}: not what was appended");
            next = batch.next;
        }
        assert_eq!(next, log.end().0, "{context}");
        batches += found.len();
    }
    batches
}

#[test]
fn a_process_that_is_killed_again_and_again_loses_nothing_it_called_flushed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    let mut told = BTreeMap::new();
    let (mut lines, mut batches) = (0, 0);
    let begun = Instant::now();
    for round in 0..ROUNDS {
        lines += live_and_die(&path, round, &mut told);
        let (mut known, at) = (std::mem::take(&mut told), path.clone());
        let judged = run(options(round + 1), move |reactor| async move {
            let batches = judge(&reactor, &at, &mut known, &format!("round {round}")).await;
            (known, batches)
        });
        let (known, found) = judged.unwrap();
        told = known;
        batches += found;
        if std::env::var_os("RINGLOG_KILLED_TIMES").is_some() {
            println!("round {round}: {:?} since the start, {batches} batches read", begun.elapsed());
        }
    }
    assert!(lines > 20 * ROUNDS && batches > 0, "{lines} lines told, {batches} batches read");
}
