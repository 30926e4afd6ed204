//! How much one broker carries: thousands of partitions, connections and groups, and compaction beside producers. Measured
//! on the real executable, against the project's own targets; docs/benchmarking.md has the table.
//!
//! `capacity` takes all steps, `capacity --step partitions --step connections` some. It builds the executable first, in the
//! profile that it was built in itself. The figures are of this machine; other work on it makes them worse.

#![forbid(unsafe_code)]

mod broker;
mod client;
mod compaction;
mod connections;
mod groups;
mod members;
mod partitions;
mod report;

use anyhow::{Result, bail};
use clap::{Parser, ValueEnum};
use report::Report;
use ringlog_reactor::{Options, Reactor, run};
use std::path::PathBuf;
use std::time::Duration;

/// As in the executable.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Clone, Debug, Parser)]
struct Arguments {
    /// Where the brokers write; on the disk that is to be measured. What is there of an earlier run goes.
    #[arg(long, default_value = "ringlog-capacity-data")]
    data: PathBuf,
    /// Only this step, or these.
    #[arg(long, value_enum)]
    step: Vec<Step>,
    /// Partitions, in topics of a thousand.
    #[arg(long, default_value_t = 10_000)]
    partitions: usize,
    /// Client connections.
    #[arg(long, default_value_t = 5_000)]
    connections: usize,
    /// Groups that rebalance at once, of three members each.
    #[arg(long, default_value_t = 1_000)]
    rebalancing: usize,
    /// Groups that are there when a broker starts.
    #[arg(long, default_value_t = 10_000)]
    groups: usize,
    /// Rounds without and with compaction.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds of each of their windows.
    #[arg(long, default_value_t = 9)]
    window: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Partitions: memory, files, disk, creation, restarts.
    Partitions,
    /// Client connections that all work.
    Connections,
    /// Groups of both protocols that rebalance at the same time.
    Rebalancing,
    /// A start with many groups.
    Groups,
    /// Producers beside compaction.
    Compaction,
}

fn main() -> Result<()> {
    let mut arguments = Arguments::parse();
    if arguments.step.is_empty() {
        arguments.step = Step::value_variants().to_vec();
    }
    allow_many_files();
    let data = std::path::absolute(&arguments.data)?;
    std::fs::create_dir_all(&data)?;
    // Before anything is measured.
    ringlog_harness::executable();
    arguments.data = data;
    let report =
        run(Options::default(), move |reactor| async move { take_steps(&reactor, &arguments).await })??;
    println!("\n{}", report.table());
    if report.is_good() { Ok(()) } else { bail!("a target was missed") }
}

async fn take_steps(reactor: &Reactor, arguments: &Arguments) -> Result<Report> {
    let mut report = Report::default();
    for step in &arguments.step {
        println!("{}:", step.to_possible_value().map_or(String::new(), |value| value.get_name().to_owned()));
        let data = &arguments.data;
        match step {
            Step::Partitions => partitions::measure(reactor, data, arguments.partitions, &mut report).await?,
            Step::Connections => {
                connections::measure(reactor, data, arguments.connections, &mut report).await?
            }
            Step::Rebalancing => members::measure(reactor, data, arguments.rebalancing, &mut report).await?,
            Step::Groups => groups::measure(reactor, data, arguments.groups, &mut report).await?,
            Step::Compaction => {
                let window = Duration::from_secs(arguments.window);
                compaction::measure(reactor, data, arguments.rounds, window, &mut report).await?
            }
        }
    }
    // Only if nothing else is in it.
    std::fs::remove_dir(&arguments.data).ok();
    Ok(report)
}

/// Connections are files, of this process and of the broker that it starts.
fn allow_many_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Too few show as an error that names them.
    let _ = setrlimit(Resource::Nofile, limit);
}
