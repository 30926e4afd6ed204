//! What `ringlog bench` costs beside other clients: each produces the same records to the same broker in turn, round after
//! round, with one producer over one connection, and its processor time is what the kernel says of the process.
//!
//! `cargo run --release -p ringlog-benches --features clients --bin generator`. The Java client runs if `PEER_LIBS` names
//! a folder with Kafka's jars (`benches/peers/kafka.sh` gets them). Ends with a table in Markdown.
#![forbid(unsafe_code)]

mod clients;
mod librdkafka;
mod usage;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use clients::{Client, Load};
use ringlog_harness::Broker;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

#[derive(Parser)]
#[command(about = "What the load generator costs beside librdkafka and Kafka's own producer")]
struct Arguments {
    /// How often each client has its turn
    #[arg(long, default_value_t = 3, value_name = "N")]
    rounds: usize,
    /// Records of 1 KiB that a client produces each time
    #[arg(long, default_value_t = 1_000_000, value_name = "N")]
    records: u64,
    /// Only these clients
    #[arg(long, value_enum)]
    client: Vec<Client>,
    /// Where the broker's data goes, on the disk that is meant [default: the system's folder for such]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Is the client itself: produces with librdkafka to this address, to this topic
    #[arg(long, hide = true, num_args = 2, value_names = ["HOST:PORT", "TOPIC"])]
    librdkafka: Option<Vec<String>>,
}

/// What one client did in one round.
#[derive(Clone, Copy, Default)]
struct Cost {
    client_cpu_s: f64,
    broker_cpu_s: f64,
    seconds: f64,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some([address, topic]) = arguments.librdkafka.as_deref() {
        librdkafka::produce(address, topic, arguments.records)?;
        return Ok(ExitCode::SUCCESS);
    }
    let folder = match &arguments.data {
        Some(parent) => tempfile::TempDir::new_in(parent)?,
        None => tempfile::TempDir::new()?,
    };
    let mut chosen = Client::ALL.to_vec();
    if !arguments.client.is_empty() {
        chosen.retain(|client| arguments.client.contains(client));
    }
    chosen.retain(|client| {
        let missing = client.missing();
        missing.iter().for_each(|missing| eprintln!("{} is left out: {missing}", client.name()));
        missing.is_none()
    });
    let payloads = clients::payloads(folder.path())?;
    let broker = Broker::start_in(&folder.path().join("data"), &["--shards", "1"]);
    let addresses = broker.addresses();
    let node = *ringlog_harness::children(broker.pid(), "node").first().context("no node")?;
    let measure = |client: Client, topic: &str, records: u64| -> Result<Cost> {
        let topic = format!("{topic}-{}", client.name());
        create(addresses.kafka, &topic)?;
        let (kafka, native) = (addresses.kafka, addresses.native);
        let load = Load { kafka, native, topic: &topic, records, payloads: &payloads };
        let (own, node_before, begun) = (usage::children_s()?, usage::process_s(node)?, Instant::now());
        client.produce(&load)?;
        let cost = Cost {
            client_cpu_s: usage::children_s()? - own,
            broker_cpu_s: usage::process_s(node)? - node_before,
            seconds: begun.elapsed().as_secs_f64(),
        };
        delete(native, &topic)?;
        Ok(cost)
    };
    let mut costs = vec![Vec::new(); chosen.len()];
    let mut starts = Vec::new();
    for &client in &chosen {
        // A virtual machine has costs of its own before the first record.
        starts.push(measure(client, "start", 1)?);
    }
    for round in 0..arguments.rounds {
        for (at, &client) in chosen.iter().enumerate() {
            let cost = measure(client, &format!("round-{round}"), arguments.records)?;
            eprintln!("{}: {:.2} CPU-s in {:.1} s", client.name(), cost.client_cpu_s, cost.seconds);
            costs[at].push(cost);
        }
    }
    let gigabytes = arguments.records as f64 * clients::RECORD_BYTES as f64 / 1e9;
    println!("| client | MB/s | its CPU-s/GB | without its start | broker CPU-s/GB | broker : client |");
    println!("|---|---:|---:|---:|---:|---:|");
    for ((client, start), costs) in chosen.iter().zip(&starts).zip(&costs) {
        let median = |of: &dyn Fn(&Cost) -> f64| {
            let mut values: Vec<f64> = costs.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or_default()
        };
        let rate = median(&|cost| 1e3 * gigabytes / (cost.seconds - start.seconds).max(1e-9));
        let whole = median(&|cost| cost.client_cpu_s / gigabytes);
        let work = median(&|cost| (cost.client_cpu_s - start.client_cpu_s) / gigabytes);
        let broker = median(&|cost| cost.broker_cpu_s / gigabytes);
        println!(
            "| {} | {rate:.0} | {whole:.2} | {work:.2} | {broker:.2} | {:.2} |",
            client.name(),
            broker / work
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// So that a small disk is enough.
fn delete(native: SocketAddr, topic: &str) -> Result<()> {
    let mut command = Command::new(ringlog_harness::executable());
    let output = command.args(["topic", "delete", topic, "--native", &native.to_string()]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn create(address: SocketAddr, topic: &str) -> Result<()> {
    let mut wire = ringlog_harness::wire::Wire::connect(address);
    wire.ask(&ringlog_harness::wire::create_topic_of(
        topic,
        clients::PARTITIONS,
        &[("file.delete.delay.ms", "0")],
    ))?;
    Ok(())
}
