//! Ringlog, the floor and Apache Kafka under the same generator, in turn, in one run.
//!
//! ```text
//! cargo xtask bench --only compare [-- --quick]
//! ```
//!
//! Every round starts each server on an empty folder and runs all cases on it; medians of the rounds are written as JSON,
//! as Markdown, and as one HTML page with the median run of every case. What the operating system says a server used is
//! measured by the generator itself.
#![forbid(unsafe_code)]

mod cases;
mod results;
mod servers;

use anyhow::{Context, Result};
use cases::CASES;
use clap::Parser;
use results::Results;
use servers::{Running, Server};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compare Ringlog with its floor and with Apache Kafka.
#[derive(Parser)]
struct Arguments {
    /// Rounds; medians are reported
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds measured of each case
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// One round of two seconds each
    #[arg(long)]
    quick: bool,
    /// Only these servers: ringlog, floor, kafka, kafka-flush
    #[arg(long, value_name = "NAME")]
    server: Vec<String>,
    /// Only these cases
    #[arg(long, value_name = "NAME")]
    case: Vec<String>,
    /// A folder on the disk to measure; default: the temporary folder
    #[arg(long)]
    data: Option<PathBuf>,
    /// Where the figures go; Markdown and HTML are written beside it
    #[arg(long, default_value = "benches/results/compare.json")]
    json: PathBuf,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let (rounds, seconds) =
        if arguments.quick { (1, 2) } else { (arguments.rounds.max(1), arguments.seconds.max(1)) };
    let is_wanted = |list: &[String], name: &str| list.is_empty() || list.iter().any(|wanted| wanted == name);
    let mut results = Results::default();
    for round in 1..=rounds {
        for server in Server::ALL.into_iter().filter(|server| is_wanted(&arguments.server, server.name())) {
            eprintln!("round {round} of {rounds}: {}", server.name());
            let running = match server.start(arguments.data.as_deref()) {
                Ok(running) => running,
                Err(error) if server.is_peer() => {
                    // A peer that cannot be had here leaves a gap in the table, not the whole table out.
                    eprintln!("  left out: {error:#}");
                    continue;
                }
                Err(error) => return Err(error),
            };
            for case in CASES.iter().filter(|case| is_wanted(&arguments.case, case.name)) {
                match run(case, &running, seconds) {
                    Ok(outcome) => results.add(case.name, server.name(), outcome),
                    Err(error) => eprintln!("  {}: {error:#}", case.name),
                }
            }
            running.stop()?;
        }
    }
    results.write(&arguments.json)?;
    println!("{}", results.markdown());
    Ok(())
}

/// Runs the generator on one case.
fn run(case: &cases::Case, server: &Running, seconds: u64) -> Result<serde_json::Value> {
    let folder = tempfile::tempdir()?;
    let json = folder.path().join("run.json");
    let mut command = Command::new(ringlog_harness::executable());
    command.arg("bench").args(case.arguments.split_whitespace());
    command.args(["--brokers", &server.address().to_string(), "--protocol", "kafka", "--quiet"]);
    command.args(["--name", &format!("{}, {}", case.name, server.name())]);
    command.args(["--duration", &format!("{seconds}s"), "--json"]).arg(&json);
    let output = command.output().context("cannot start the generator")?;
    if !output.status.success() {
        eprintln!("  {}: {}", case.name, String::from_utf8_lossy(&output.stderr).trim());
    }
    read(&json).with_context(|| String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

fn read(json: &Path) -> Result<serde_json::Value> {
    Ok(serde_json::from_slice(&std::fs::read(json)?)?)
}
