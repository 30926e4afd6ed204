//! Time, tasks and the ends of both.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use crate::simulation::{Crash, Simulation};
use crate::{DriverKind, LaunchOptions, mailbox};

#[test]
fn an_hour_of_sleep_takes_no_time() {
    let simulation = Simulation::new(1);
    let host = simulation.host("node");
    let (before, after, driver) = simulation.run_on(&host, |reactor| async move {
        let before = reactor.now_nanos();
        reactor.sleep(Duration::from_secs(500)).await;
        (before, reactor.now_nanos(), reactor.driver())
    });
    assert!(after - before >= 500_000_000_000);
    assert_eq!(driver, DriverKind::Simulated);
}

#[test]
fn clocks_of_two_hosts_drift_apart() {
    let simulation = Simulation::new(2);
    let slept = |name: &str| {
        let host = simulation.host(name);
        let start = simulation.now();
        simulation.run_on(&host, |reactor| async move { reactor.sleep(Duration::from_secs(500)).await });
        (simulation.now() - start).as_micros()
    };
    assert_ne!(slept("a"), slept("b"));
}

#[test]
fn a_task_that_waits_by_yielding_sees_time_pass() {
    let simulation = Simulation::new(3);
    let host = simulation.host("node");
    simulation.run_on(&host, |reactor| async move {
        let end = reactor.now_nanos() + 1_000_000;
        while reactor.now_nanos() < end {
            reactor.yield_now().await;
        }
    });
}

#[test]
fn blocking_work_takes_virtual_time_and_gives_its_result() {
    let simulation = Simulation::new(4);
    let host = simulation.host("node");
    let before = simulation.now();
    let answer = simulation.run_on(&host, |reactor| async move { reactor.run_blocking(|| 6 * 7).await });
    assert_eq!(answer, 42);
    assert!(simulation.now() > before);
}

#[test]
fn a_launched_shard_shares_the_host_and_answers_by_mailbox() {
    let simulation = Simulation::new(5);
    let host = simulation.host("node");
    let sum = simulation.run_on(&host, |reactor| async move {
        let (sender, mut receiver) = mailbox::bounded::<u64>(2);
        let mut shards = Vec::new();
        for index in 0..4u64 {
            let sender = sender.clone();
            let options = LaunchOptions { name: format!("shard-{index}"), pin: None };
            let shard = reactor.launch(options, move |reactor| {
                Box::pin(async move {
                    for round in 0..10 {
                        reactor.sleep(Duration::from_micros(index)).await;
                        sender.send(index * round).await.unwrap();
                    }
                })
            });
            shards.push(shard.unwrap());
        }
        drop(sender);
        let mut sum = 0;
        while let Some(number) = receiver.receive().await {
            sum += number;
        }
        for shard in shards {
            shard.join().await.unwrap();
        }
        sum
    });
    assert_eq!(sum, 6 * 45);
}

#[test]
fn the_end_of_the_main_task_cancels_the_others() {
    let simulation = Simulation::new(6);
    let host = simulation.host("node");
    let dropped = Rc::new(Cell::new(false));
    let witness = SetOnDrop(dropped.clone());
    simulation.run_on(&host, |reactor| async move {
        let inner = reactor.clone();
        let forever = async move {
            let _witness = witness;
            inner.sleep(Duration::from_secs(100_000)).await;
        };
        reactor.spawn(forever).detach();
        reactor.yield_now().await;
    });
    assert!(dropped.get());
}

struct SetOnDrop(Rc<Cell<bool>>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

#[test]
fn a_crash_ends_every_task_of_its_host_and_of_no_other() {
    let simulation = Simulation::new(7);
    let (doomed, other) = (simulation.host("doomed"), simulation.host("other"));
    let forever = |reactor: crate::Reactor| async move { reactor.sleep(Duration::from_secs(50)).await };
    let killed = doomed.start("main", forever);
    let lives = other.start("main", forever);
    simulation.run_for(Duration::from_secs(1));
    doomed.crash(Crash::Power);
    simulation.run_for(Duration::from_secs(60));
    assert!(!killed.is_finished());
    assert!(lives.is_finished());
}

#[test]
fn a_requested_shutdown_reaches_the_main_task() {
    let simulation = Simulation::new(8);
    let host = simulation.host("node");
    let running = host.start("main", |reactor| async move { reactor.shutdown_requested().await });
    simulation.run_for(Duration::from_secs(1));
    assert!(!running.is_finished());
    host.request_shutdown();
    simulation.run_until(|| running.is_finished()).unwrap();
}

#[test]
fn a_stuck_simulation_says_what_waits() {
    let simulation = Simulation::new(9);
    let host = simulation.host("node");
    let address = host.socket_address(9092);
    let _running = host.start("listener", move |reactor| async move {
        let listener = reactor.listen(address).unwrap();
        drop(listener.accept().await);
    });
    let stuck = simulation.run_until(|| false).unwrap_err().to_string();
    assert!(stuck.contains("seed 9") && stuck.contains("accept") && stuck.contains("listener"), "{stuck}");
}

#[test]
fn a_condition_that_never_holds_ends_when_patience_does() {
    let mut simulation = Simulation::new(10);
    simulation.set_patience(Duration::from_secs(5));
    let host = simulation.host("node");
    let _running = host.start("ticker", |reactor| async move {
        loop {
            reactor.sleep(Duration::from_secs(1)).await;
        }
    });
    assert!(simulation.run_until(|| false).is_err());
    assert!(simulation.now() <= Duration::from_secs(6));
}

#[test]
#[should_panic(expected = "the bug")]
fn a_panic_in_a_task_reaches_the_test() {
    let simulation = Simulation::new(11);
    let host = simulation.host("node");
    simulation.run_on(&host, |reactor| async move {
        reactor.sleep(Duration::from_secs(1)).await;
        panic!("the bug");
    })
}
