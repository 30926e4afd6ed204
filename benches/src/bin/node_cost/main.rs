//! What a gigabyte costs the server: Ringlog beside a floor program that does only what cannot be left out.
//!
//! ```text
//! cargo run --release -p ringlog-benches --bin node_cost -- --help
//! ```
//!
//! The same driver sends the same frames over the same number of connections to both, in turn, several rounds; medians
//! and the ratio are printed. Server CPU is the operating system's account of the server's process. The server has the first
//! processor for itself, the driver the others.
//!
//! | row | what is measured | its floor |
//! |---|---|---|
//! | produce | batches with `acks=all` | receives, checksums, writes directly, syncs |
//! | first read | a fetch of what was just produced and is in no cache | sends the file |
//! | again | the third fetch of the same: what is read again is kept in the page cache | sends the file |
//! | tail | fetches of what is still in the server's memory | sends from memory |
#![forbid(unsafe_code)]

mod cores;
mod drive;
mod floor;
mod report;
mod server;

use clap::Parser;
use cores::Cores;
use report::{Figures, Report};
use server::Server;
use std::path::PathBuf;

/// Compare the cost of produce and fetch with a floor program.
#[derive(Parser, Clone)]
pub(crate) struct Options {
    /// Megabytes (2^20 bytes) to produce, and to fetch, in each round.
    #[arg(long, default_value_t = 1024)]
    megabytes: u64,
    /// Connections, each to a partition of its own.
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Requests that a connection has in flight.
    #[arg(long, default_value_t = 4)]
    pipeline: usize,
    /// Bytes of one record batch, one batch a request.
    #[arg(long, default_value_t = 65_536)]
    batch_bytes: usize,
    /// Megabytes (2^20 bytes) of a segment of the topic. What lies in sealed segments is sent from file to socket when it is
    /// read again, what lies in the last one is read from the disk. In small ones the page cache has the small folios
    /// of a readahead that has just begun, which cost twice as much to send as large ones.
    #[arg(long, default_value_t = 32)]
    segment_megabytes: u64,
    /// Rounds; medians are reported.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// A folder on the disk to measure; default: the temporary folder.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Also write the figures as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Run as the floor server (used by the benchmark itself).
    #[arg(long, hide = true)]
    serve_floor: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    if let Some(folder) = &options.serve_floor {
        return floor::serve(folder, &options);
    }
    if let Some(folder) = &options.data {
        std::fs::create_dir_all(folder)?;
    }
    let cores = Cores::divide()?;
    let mut report = Report::new(&options);
    for round in 0..options.rounds {
        eprintln!("round {} of {}", round + 1, options.rounds);
        for name in ["floor", "ringlog"] {
            let server = cores.start(|| Server::start(name, &options))??;
            report.add(name, "produce", measure(&server, &options, drive::produce)?);
            report.add(name, "first read", measure(&server, &options, drive::fetch)?);
            measure(&server, &options, drive::fetch)?;
            report.add(name, "again", measure(&server, &options, drive::fetch)?);
            measure(&server, &options, drive::produce_tail)?;
            report.add(name, "tail", measure(&server, &options, drive::fetch_tail)?);
            server.stop()?;
        }
    }
    report.add_rest(server::start_and_idle(&options)?);
    report.print();
    if let Some(path) = &options.json {
        report.write_json(path)?;
    }
    Ok(())
}

type Drive = fn(std::net::SocketAddr, &Options) -> anyhow::Result<u64>;

fn measure(server: &Server, options: &Options, drive: Drive) -> anyhow::Result<Figures> {
    let cpu_before = server.cpu_seconds();
    let started = std::time::Instant::now();
    let bytes = drive(server.address(), options)?;
    let seconds = started.elapsed().as_secs_f64();
    let cpu = server.cpu_seconds() - cpu_before;
    let gigabytes = bytes as f64 / 1e9;
    Ok(Figures { mb_per_s: gigabytes * 1e3 / seconds, cpu_s_per_gb: cpu / gigabytes })
}
