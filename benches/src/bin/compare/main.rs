//! Ringlog, the floor and Apache Kafka under the same generator, in turn, in one run.
//!
//! ```text
//! cases -> run: servers (fresh, in turn) <- ringlog bench -> results: medians -> targets, table -> JSON, Markdown, HTML
//! ```
//!
//! Every round of a case goes over all of its servers. Ringlog and the floor are started on an empty folder for each run;
//! Kafka, which takes seconds to start and to warm up, once for a case. What the operating system says a server used is
//! measured by the generator itself.
#![forbid(unsafe_code)]

mod cases;
mod cold;
mod facts;
mod rest;
mod results;
mod run;
mod servers;
mod table;
mod targets;

use anyhow::{Result, ensure};
use cases::{CASES, Case, Kind};
use clap::Parser;
use results::{COMMIT, REST, Results};
use run::Extent;
use serde_json::Value;
use servers::{Running, Server};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Compare Ringlog with its floor and with Apache Kafka.
#[derive(Parser)]
struct Arguments {
    /// Rounds; medians are reported
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds measured of each case
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Megabytes (2^20) that lie on disk before a case that reads; the project's targets mean 8192, which takes longer
    #[arg(long, default_value_t = 2048)]
    preload: u64,
    /// One round of a second each, little to read
    #[arg(long)]
    quick: bool,
    /// Only these servers, by the names in the table
    #[arg(long, value_name = "NAME")]
    server: Vec<String>,
    /// Only these cases
    #[arg(long, value_name = "NAME")]
    case: Vec<String>,
    /// Keep the figures of other cases that the file holds
    #[arg(long)]
    keep: bool,
    /// Measure nothing, but declare that the figures in the file of a case, or of one of its servers, are void because
    /// something else disturbed them (may be given several times)
    #[arg(long, value_name = "CASE[:SERVER]")]
    disturbed: Vec<String>,
    /// What else went on meanwhile; it stands beside the figures
    #[arg(long, value_name = "TEXT")]
    conditions: Option<String>,
    /// A folder on the disk to measure; default: the temporary folder
    #[arg(long)]
    data: Option<PathBuf>,
    /// Where the figures go; Markdown and HTML are written beside it
    #[arg(long, default_value = "benches/results/compare.json")]
    json: PathBuf,
}

impl Arguments {
    fn wants(list: &[String], name: &str) -> bool {
        list.is_empty() || list.iter().any(|wanted| wanted == name)
    }

    fn extent(&self, server: Server) -> Extent {
        let (seconds, preload) = if self.quick { (1, 64) } else { (self.seconds.max(1), self.preload) };
        Extent { seconds, preload, warm_up: if server.is_peer() && !self.quick { 4 } else { 1 } }
    }
}

fn main() -> Result<()> {
    let mut arguments = Arguments::parse();
    if arguments.quick {
        arguments.rounds = 1;
    }
    if !arguments.disturbed.is_empty() {
        return declare(&arguments);
    }
    let mut results = if arguments.keep && arguments.json.exists() {
        Results::read(&arguments.json)?
    } else {
        Results::default()
    };
    note_facts(&mut results, &arguments);
    for case in CASES.iter().filter(|case| Arguments::wants(&arguments.case, case.name)) {
        results.clear(case.name);
        measure(case, &arguments, &mut results)?;
        // Whatever ends this run early, what was measured stays.
        if results.servers(case.name).is_empty() {
            continue;
        }
        results.write(&arguments.json)?;
    }
    if Arguments::wants(&arguments.case, REST) && Arguments::wants(&arguments.server, "ringlog") {
        results.clear(REST);
        for _ in 0..arguments.rounds {
            results.add(REST, "ringlog", rest::measure()?);
        }
    }
    results.write(&arguments.json)?;
    println!("{}", table::markdown(&results));
    Ok(())
}

/// Declares void what was disturbed, as it is found out only after a run.
fn declare(arguments: &Arguments) -> Result<()> {
    let mut results = Results::read(&arguments.json)?;
    for what in &arguments.disturbed {
        let (case, server) =
            what.split_once(':').map_or((&what[..], None), |(case, server)| (case, Some(server)));
        ensure!(results.declare_disturbed(case, server), "{what} was not measured");
    }
    note_conditions(&mut results, arguments);
    results.write(&arguments.json)
}

fn note_conditions(results: &mut Results, arguments: &Arguments) {
    if let Some(conditions) = &arguments.conditions {
        results.facts.insert("conditions".to_owned(), Value::String(conditions.clone()));
    }
}

/// All rounds of one case on all of its servers.
fn measure(case: &Case, arguments: &Arguments, results: &mut Results) -> Result<()> {
    let mut peers: BTreeMap<&'static str, Option<Running>> = BTreeMap::new();
    let wanted = |server: &Server| Arguments::wants(&arguments.server, server.name());
    for _ in 0..arguments.rounds {
        if case.kind == Kind::Cold && Arguments::wants(&arguments.server, "device") {
            let pieces = arguments.extent(Server::Floor).preload;
            results.add(
                case.name,
                "device",
                cold::outcome(&cold::device(arguments.data.as_deref(), pieces)?),
            );
        }
        for server in case.servers.iter().copied().filter(wanted) {
            let rate = match case.kind {
                Kind::HalfOf(other) => match results.median(other, "ringlog", "records_per_s") {
                    Some(rate) => Some(rate / 2.0),
                    None => continue,
                },
                _ => None,
            };
            let extent = arguments.extent(server);
            let is_cold = matches!(case.kind, Kind::Cold | Kind::BesideCold);
            if !server.is_peer() {
                let preload = if run::is_preloaded(case) { extent.preload } else { 0 };
                let running = server.start(arguments.data.as_deref(), is_cold, preload)?;
                report(case, &running, run::run(case, &running, &extent, rate), results);
                running.stop()?;
            } else if let Some(running) =
                peers.entry(server.name()).or_insert_with(|| start_peer(server, arguments))
            {
                report(case, running, run::run(case, running, &extent, rate), results);
            }
            // What one server has left to the kernel is not written during the next one's run.
            rustix::fs::sync();
        }
    }
    for running in peers.into_values().flatten() {
        running.stop()?;
    }
    Ok(())
}

/// A peer that cannot be had here leaves a gap in the table, not the whole table out.
fn start_peer(server: Server, arguments: &Arguments) -> Option<Running> {
    match server.start(arguments.data.as_deref(), false, 0) {
        Ok(running) => Some(running),
        Err(error) => {
            eprintln!("  {} is left out: {error:#}", server.name());
            None
        }
    }
}

fn report(case: &Case, running: &Running, outcome: Result<Value>, results: &mut Results) {
    match outcome {
        Ok(outcome) => results.add(case.name, running.server().name(), outcome),
        Err(error) => eprintln!("  {:16} {:15} {error:#}", case.name, running.server().name()),
    }
}

/// Where and with what this was measured.
fn note_facts(results: &mut Results, arguments: &Arguments) {
    let extent = arguments.extent(Server::Ringlog);
    let facts = [
        ("machine", facts::machine()),
        ("kernel", facts::version("uname", &["-sr"]).unwrap_or_default()),
        ("date", facts::version("date", &["-u", "+%Y-%m-%d"]).unwrap_or_default()),
        (COMMIT, facts::version("git", &["describe", "--always", "--dirty"]).unwrap_or_default()),
        ("Kafka", servers::kafka_version()),
        ("Java", facts::version("java", &["-version"]).unwrap_or_else(|_| "none".to_owned())),
        ("each run", format!("{} s, {} MiB to read", extent.seconds, extent.preload)),
        ("figures of Iggy", "quoted: Apache Iggy 0.9-edge over TCP, its own generator, this kind of machine, every write synced but in `batch-64k-written`".to_owned()),
    ];
    results.facts.extend(facts.map(|(name, value)| (name.to_owned(), Value::String(value))));
    note_conditions(results, arguments);
}
