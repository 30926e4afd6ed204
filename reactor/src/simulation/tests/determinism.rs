//! One seed, one run: in this process, and in another one.

use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use super::{aligned, send};
use crate::simulation::{Crash, Simulation};
use crate::{LaunchOptions, OpenOptions, Receive};

/// Two servers that store what clients send them, crashes included; gives the hash and the number of events.
fn busy_run(seed: u64) -> (u64, u64) {
    let simulation = Simulation::new(seed);
    simulation.faults(|faults| {
        faults.lost_connections = 20_000;
        faults.sync_errors = 5_000;
        faults.budget = 10;
    });
    let servers = [simulation.host("one"), simulation.host("two")];
    let client = simulation.host("client");
    let addresses = [servers[0].socket_address(7), servers[1].socket_address(7)];
    for (server, address) in servers.iter().zip(addresses) {
        start_store(server, address);
    }
    let _clients: Vec<_> = (0..4)
        .map(|index| {
            client.start("client", move |reactor| async move {
                loop {
                    if let Ok(stream) = reactor.connect(addresses[index % 2]).await {
                        let bytes = vec![index as u8; 1 + (reactor.random_u64() % 20_000) as usize];
                        let _ = reactor.timeout(Duration::from_secs(1), send(&stream, &bytes)).await;
                    }
                    reactor.sleep(Duration::from_micros(reactor.random_u64() % 3000)).await;
                }
            })
        })
        .collect();
    for round in 0..6 {
        simulation.run_for(Duration::from_millis(40));
        let crash = if round % 2 == 0 { Crash::Power } else { Crash::Process };
        servers[round % 2].crash(crash);
        start_store(&servers[round % 2], addresses[round % 2]);
    }
    (simulation.trace_hash(), simulation.trace_events())
}

fn start_store(host: &crate::simulation::Host, address: std::net::SocketAddr) {
    let _running = host.start("store", move |reactor| async move {
        let options = OpenOptions::new().read(true).write(true).create(true).direct(true);
        let file = reactor.open(Path::new("/log"), options).await.unwrap();
        let listener = Rc::new(reactor.listen(address).unwrap());
        let shard = LaunchOptions { name: "idle".to_owned(), pin: None };
        let _shard = reactor
            .launch(shard, |reactor| Box::pin(async move { reactor.sleep(Duration::from_millis(7)).await }));
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (inner, file) = (reactor.clone(), file.clone());
            let serve = async move {
                while let (Ok(1..), buffer) = stream.receive(inner.buffer(4096), Receive::Some).await {
                    let _ = file.write_at(aligned(buffer[0], 4096), inner.random_u64() % 64 * 4096).await;
                    let _ = file.sync_data().await;
                    let first = buffer[0];
                    assert_eq!(inner.run_in_background(move || first).await, first);
                }
            };
            reactor.spawn(serve).detach();
        }
    });
}

#[test]
fn a_seed_gives_one_run_and_another_seed_another() {
    let (first, events) = busy_run(1);
    assert!(events > 1000, "{events} events prove little");
    assert_eq!(busy_run(1), (first, events));
    assert_ne!(busy_run(2).0, first);
}

/// What the other process runs; by itself it only prints.
#[test]
fn print_the_hash_of_one_run() {
    let seed = std::env::var("SIMULATION_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(3);
    println!("hash {:x} after {} events", busy_run(seed).0, busy_run(seed).1);
}

#[test]
fn two_processes_run_one_seed_alike() {
    let run = |seed: &str, noise: &str| {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "simulation::tests::determinism::print_the_hash_of_one_run", "--nocapture"])
            .env("SIMULATION_SEED", seed)
            // Shifts the stack and the heap, as environments do.
            .env("SIMULATION_NOISE", noise)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().find(|line| line.contains("hash ")).expect("the run prints its hash").to_owned()
    };
    let first = run("3", "");
    assert_eq!(run("3", &"x".repeat(3000)), first);
    assert_ne!(run("4", ""), first);
}
