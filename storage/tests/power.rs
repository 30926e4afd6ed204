//! Random workloads on a simulated disk, cut off after every single operation.
// A step that fails fails its test; one task alone drives each model, so nothing else borrows it meanwhile.
#![allow(clippy::unwrap_used, clippy::await_holding_refcell_ref)]

mod support;

use ringlog_model::{LogId, Offset};
use ringlog_reactor::Reactor;
use ringlog_reactor::simulation::{Crash, DiskImage, Random, Simulation};
use ringlog_storage::{AppendError, StoreConfig};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;
use support::model::{Model, SharedModel, compare, workload};
use support::*;

/// Checkpoints come after a few large appends.
fn eager_store() -> StoreConfig {
    StoreConfig { recovery_bytes_max: 120 << 10, tail_bytes_max: 64 << 10, ..small_store() }
}

/// What a loss of power makes of blocks that were being written.
#[derive(Clone, Copy, PartialEq)]
enum Torn {
    /// They hold old and new sectors.
    Mixed,
    /// Half of those that were torn cannot be read.
    Unreadable,
}

/// Opens a disk as it was found and compares; returns the model made certain.
fn check(image: DiskImage, model: &Model, seed: u64, context: &str) {
    let simulation = Simulation::new(seed);
    let host = simulation.host("found");
    host.set_disk(image);
    let model: SharedModel = Rc::new(RefCell::new(model.clone()));
    let context = context.to_owned();
    simulation.run_on(&host, |reactor| async move {
        let rig = open_with(&reactor, directory_config(), eager_store()).await;
        let rig = rig.unwrap_or_else(|error| panic!("{context}: {error}"));
        let context = format!("{context}, {:?}", rig.report);
        compare(&reactor, &rig.store, &model, &context).await;
    });
}

/// Runs a workload and looks at the disk after each operation, as it would be found after a loss of power and after
/// the death of the process.
fn cut_after_every_operation(seed: u64, steps: usize, torn: Torn) {
    let simulation = Simulation::new(seed);
    simulation.faults(|faults| faults.unreadable_torn_blocks = torn == Torn::Unreadable);
    let host = simulation.host("node");
    let model: SharedModel = Rc::default();
    let shared = model.clone();
    let running = host.start("workload", move |reactor| async move {
        let rig = open_with(&reactor, directory_config(), eager_store()).await.unwrap();
        workload(reactor.clone(), rig.store.clone(), shared, seed, steps).await;
    });
    let mut seen = 0;
    while !running.is_finished() {
        assert!(simulation.step(), "stuck");
        let operations = host.operations();
        if operations != seen {
            seen = operations;
            let snapshot = model.borrow().clone();
            let context = format!("seed {seed}, power lost after operation {operations}");
            check(host.disk_after(Crash::Power, seed ^ operations), &snapshot, operations, &context);
            if operations.is_multiple_of(4) {
                let context = format!("seed {seed}, process killed after operation {operations}");
                check(host.disk_after(Crash::Process, seed ^ operations), &snapshot, operations, &context);
            }
        }
    }
    assert!(seen > steps as u64 / 2, "the workload reached the disk");
}

#[test]
fn power_lost_after_any_operation_loses_nothing_flushed_and_invents_nothing() {
    for seed in 1..=2 {
        cut_after_every_operation(seed, 70, Torn::Mixed);
    }
}

#[test]
fn blocks_left_unreadable_by_a_loss_of_power_take_nothing_flushed_with_them() {
    for seed in 3..=4 {
        cut_after_every_operation(seed, 70, Torn::Unreadable);
    }
    for seed in 200..208 {
        crash_after_crash(seed, 12, Torn::Unreadable);
    }
}

/// Lives end in crashes of both kinds, at any moment, also while recovering from the last one.
fn crash_after_crash(seed: u64, lives: usize, torn: Torn) {
    let mut random = Random::new(seed);
    let simulation = Simulation::new(seed);
    simulation.faults(|faults| faults.unreadable_torn_blocks = torn == Torn::Unreadable);
    let host = simulation.host("node");
    let model: SharedModel = Rc::default();
    for life in 0..lives {
        let shared = model.clone();
        let (work_seed, context) = (random.next_u64(), format!("seed {seed}, life {life}"));
        let running = host.start("life", move |reactor| async move {
            let rig = open_with(&reactor, directory_config(), eager_store()).await;
            let rig = rig.unwrap_or_else(|error| panic!("{context}: {error}"));
            compare(&reactor, &rig.store, &shared, &context).await;
            workload(reactor.clone(), rig.store.clone(), shared, work_seed, 400).await;
        });
        let limit = host.operations() + random.between(1, 250);
        while !running.is_finished() && host.operations() < limit {
            assert!(simulation.step(), "stuck");
        }
        host.crash(if random.index(3) == 0 { Crash::Power } else { Crash::Process });
    }
}

#[test]
fn crash_after_crash_of_either_kind_loses_nothing_flushed() {
    for seed in 100..108 {
        crash_after_crash(seed, 12, Torn::Mixed);
    }
}

#[test]
fn what_was_attached_is_found_wherever_the_start_that_moved_is() {
    // The half of the journal is full in the second case: a checkpoint comes between.
    for appends_behind in [0, 40] {
        let simulation = Simulation::new(300 + appends_behind);
        let host = simulation.host("node");
        simulation.run_on(&host, |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            let log = rig.store.create_log(spec(1, 16 << 10)).await.unwrap();
            for tag in 0..4 {
                append(&rig.store, &log, 0, 1, 9_000, tag).await;
            }
            let start = log.end();
            flushed(&rig.store, &log, start).await;
            log.attach(start, b"producers".to_vec());
            log.advance_start(start).unwrap();
            log.until_durable().await.unwrap();
            for tag in 0..appends_behind {
                append(&rig.store, &log, 0, 1, 60_000, tag).await;
            }
            flushed(&rig.store, &log, log.end()).await;
        });
        host.crash(Crash::Power);
        simulation.run_on(&host, |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            let log = rig.store.log(LogId(1)).unwrap();
            assert_eq!(log.start(), Offset(4));
            assert_eq!(log.attachment(), Some((Offset(4), b"producers".to_vec())));
            // Nothing new was learned: it is not written down again.
            log.advance_start(log.end()).unwrap();
            log.until_durable().await.unwrap();
        });
        host.crash(Crash::Power);
        simulation.run_on(&host, |reactor| async move {
            let rig = open(&reactor).await.unwrap();
            let log = rig.store.log(LogId(1)).unwrap();
            assert_eq!(log.attachment(), Some((Offset(4), b"producers".to_vec())));
        });
    }
}

#[test]
fn what_is_attached_waits_for_the_checkpoint_where_the_journal_is_too_small_for_it() {
    let simulation = Simulation::new(310);
    let host = simulation.host("node");
    simulation.run_on(&host, |reactor| async move {
        let small = StoreConfig { journal_half_bytes: 64 << 10, ..small_store() };
        let rig = open_with(&reactor, directory_config(), small).await.unwrap();
        let log = rig.store.create_log(spec(1, 1 << 20)).await.unwrap();
        let end = append(&rig.store, &log, 0, 1, 500, 1).await;
        flushed(&rig.store, &log, end).await;
        log.attach(end, vec![7; 60 << 10]);
        log.advance_start(end).unwrap();
        log.until_durable().await.unwrap();
        rig.store.shutdown().await.unwrap();
    });
    simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.log(LogId(1)).unwrap();
        assert_eq!((log.start(), log.attachment()), (Offset(1), Some((Offset(1), vec![7; 60 << 10]))));
    });
}

/// What was told to be flushed of each log.
type Flushed = Rc<RefCell<BTreeMap<LogId, Offset>>>;

/// Appends little to each of many logs in turn and waits only where the store says so: many appends of a log wait together.
async fn append_without_waiting(reactor: Reactor, flushed: Flushed, seed: u64) {
    let rig = open_with(&reactor, directory_config(), small_store()).await.unwrap();
    let store = rig.store.clone();
    let mut logs = Vec::new();
    for id in 1..=24 {
        logs.push(store.create_log(spec(id, 8 << 20)).await.unwrap());
    }
    let told = store.clone();
    let telling = async move {
        loop {
            let marks = told.progress().await.marks;
            flushed.borrow_mut().extend(marks.into_iter().map(|(log, marks)| (log, marks.flushed)));
        }
    };
    reactor.spawn(telling).detach();
    let mut random = Random::new(seed);
    loop {
        for log in &logs {
            while matches!(try_append(log, 0, 1, 300, log.end().0 as u64), Err(AppendError::Backpressure)) {
                store.ready().await;
            }
        }
        reactor.sleep(Duration::from_micros(random.between(1, 400))).await;
    }
}

#[test]
fn a_checkpoint_that_comes_between_appends_that_wait_together_takes_none_of_them() {
    for seed in 300..304 {
        let simulation = Simulation::new(seed);
        let host = simulation.host("node");
        let flushed = Flushed::default();
        let told = flushed.clone();
        let running = host.start("appends", move |reactor| append_without_waiting(reactor, told, seed));
        for kill in 0..40 {
            let until = host.operations() + 50;
            while host.operations() < until && !running.is_finished() {
                assert!(simulation.step(), "stuck");
            }
            let flushed = flushed.borrow().clone();
            let found = Simulation::new(seed);
            let other = found.host("found");
            other.set_disk(host.disk_after(Crash::Process, kill));
            found.run_on(&other, |reactor| async move {
                let rig = open_with(&reactor, directory_config(), small_store()).await.unwrap();
                for (id, flushed) in flushed {
                    let end = rig.store.log(id).unwrap().end();
                    assert!(end >= flushed, "seed {seed}, kill {kill}: {id} ends at {end}, not {flushed}");
                }
            });
        }
        assert!(flushed.borrow().values().all(|end| end.0 > 100), "{flushed:?}");
    }
}
