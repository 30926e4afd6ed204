//! The reactor against a bare ring and against glommio: the same four jobs, round by round in one run, medians with
//! the processor time they took.
//!
//! `cargo run --release -p ringlog-benches --features peers --bin reactor_cost -- --rounds 7`
#![allow(missing_docs)]

mod bare;
mod glommio;
mod jobs;
mod ringlog;

use std::path::PathBuf;

use clap::Parser;
use ringlog_reactor::DriverChoice;

use jobs::{Measured, median};

/// Runs the jobs and prints a table.
#[derive(Parser)]
struct Arguments {
    /// Rounds; the median is printed.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// MiB sent in each network job.
    #[arg(long, default_value_t = 1024)]
    mebibytes: u64,
    /// Appends (64 KiB, each synced) in each append job.
    #[arg(long, default_value_t = 400)]
    appends: u64,
    /// Round trips in each cross-core job.
    #[arg(long, default_value_t = 20_000)]
    trips: u64,
    /// Where to put the file; it should be a real disk.
    #[arg(long, default_value = "target")]
    directory: PathBuf,
}

/// One way to do the four jobs.
struct Contender {
    name: &'static str,
    ingest: fn(u64) -> Measured,
    egress: fn(u64) -> Measured,
    append: fn(&jobs::AppendFile, u64) -> Measured,
    cross_core: fn(u64) -> Measured,
}

fn contenders() -> Vec<Contender> {
    vec![
        Contender {
            name: "bare ring",
            ingest: bare::ingest,
            egress: bare::egress,
            append: bare::append,
            cross_core: bare::cross_core,
        },
        Contender {
            name: "ringlog uring",
            ingest: |bytes| ringlog::ingest(DriverChoice::Uring, bytes),
            egress: |bytes| ringlog::egress(DriverChoice::Uring, bytes),
            append: |file, count| ringlog::append(DriverChoice::Uring, file, count),
            cross_core: |trips| ringlog::cross_core(DriverChoice::Uring, ringlog::Spin::No, trips),
        },
        Contender {
            name: "ringlog uring, spinning",
            ingest: |_| Measured::NONE,
            egress: |_| Measured::NONE,
            append: |_, _| Measured::NONE,
            cross_core: |trips| ringlog::cross_core(DriverChoice::Uring, ringlog::Spin::Short, trips),
        },
        Contender {
            name: "ringlog epoll",
            ingest: |bytes| ringlog::ingest(DriverChoice::Epoll, bytes),
            egress: |bytes| ringlog::egress(DriverChoice::Epoll, bytes),
            append: |file, count| ringlog::append(DriverChoice::Epoll, file, count),
            cross_core: |trips| ringlog::cross_core(DriverChoice::Epoll, ringlog::Spin::No, trips),
        },
        Contender {
            name: "glommio",
            ingest: glommio::ingest,
            egress: glommio::egress,
            append: glommio::append,
            cross_core: glommio::cross_core,
        },
    ]
}

fn main() {
    let arguments = Arguments::parse();
    let bytes = arguments.mebibytes << 20;
    let file = jobs::AppendFile::prepare(&arguments.directory, arguments.appends);
    let contenders = contenders();
    let mut rows: Vec<[Vec<Measured>; 4]> = contenders.iter().map(|_| Default::default()).collect();
    for _ in 0..arguments.rounds {
        for (contender, row) in contenders.iter().zip(&mut rows) {
            row[0].push((contender.ingest)(bytes));
            row[1].push((contender.egress)(bytes));
            row[2].push((contender.append)(&file, arguments.appends));
            row[3].push((contender.cross_core)(arguments.trips));
        }
    }
    println!(
        "| | ingest MB/s | CPU-s/GB | egress MB/s | CPU-s/GB | append us | CPU us | round trip us | CPU us |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let gigabytes = bytes as f64 / 1e9;
    for (contender, row) in contenders.iter().zip(&rows) {
        let [ingest, egress, append, cross_core] = row;
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            contender.name,
            figure(ingest, |run| gigabytes * 1e3 / run.seconds),
            figure(ingest, |run| run.processor_seconds / gigabytes),
            figure(egress, |run| gigabytes * 1e3 / run.seconds),
            figure(egress, |run| run.processor_seconds / gigabytes),
            figure(append, |run| run.seconds * 1e6 / arguments.appends as f64),
            figure(append, |run| run.processor_seconds * 1e6 / arguments.appends as f64),
            figure(cross_core, |run| run.seconds * 1e6 / arguments.trips as f64),
            figure(cross_core, |run| run.processor_seconds * 1e6 / arguments.trips as f64),
        );
    }
}

fn figure(runs: &[Measured], of: impl Fn(&Measured) -> f64) -> String {
    if runs.iter().any(|run| run.seconds == 0.0) {
        return "-".to_owned();
    }
    let value = median(runs.iter().map(of).collect());
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}
