//! `ringlog dev`: a controller process and a node process on this machine, kept running.
//!
//! ```text
//! signals ──┐
//! controller's lines, its end ──┼──> events ──> this thread: start, announce, start again, stop
//! node's lines, its end ────────┘
//! ```
//! Children are started by the main thread only, which lives as long as `dev`: the kernel ends them with it
//! (see [`crate::parent`]).

mod addresses;
mod child;
mod supervisor;

use crate::native::resolve;
use crate::node::IoDriver;
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use rustix::fs::{FlockOperation, flock};
use std::fs::{File, OpenOptions};
use std::net::{Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Longer than the kernel takes to end a process.
const PREDECESSORS_END: Duration = Duration::from_secs(2);

#[derive(Args)]
#[command(after_help = "\
Examples:
  ringlog dev                                  data in ./ringlog-data, Kafka clients on 127.0.0.1:9092
  ringlog dev --config node.toml               with settings of your own, such as Kafka's log.retention.ms
  ringlog dev --kafka 127.0.0.1:0 --native 127.0.0.1:0 --admin 127.0.0.1:0 --data /tmp/broker

When it is ready it prints one line on standard output:
  ringlog ready: kafka=127.0.0.1:9092 native=127.0.0.1:9192 admin=127.0.0.1:9644
Ctrl-C or SIGTERM stops both processes in order.")]
pub(crate) struct DevArguments {
    /// The data directory
    #[arg(long, value_name = "DIR", default_value = "./ringlog-data")]
    data: PathBuf,
    /// A configuration file for the node, as `ringlog node --config` takes it; data and addresses are said here
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where Kafka clients come in; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9092")]
    kafka: String,
    /// Where clients of the native protocol come in; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9192")]
    native: String,
    /// Where health and metrics are served over HTTP; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9644")]
    admin: String,
    /// How many shards, each with a thread of its own [default: one per processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    shards: Option<u16>,
    /// How shards reach disks and network
    #[arg(long, value_enum, default_value = "auto")]
    io_driver: IoDriver,
    /// Log what the processes do, not only what goes wrong
    #[arg(long, short)]
    verbose: bool,
}

pub(crate) fn run(arguments: &DevArguments) -> Result<()> {
    let data = std::path::absolute(&arguments.data)?;
    std::fs::create_dir_all(&data)
        .with_context(|| format!("cannot create the data directory {}", data.display()))?;
    let _lock = lock(&data)?;
    wait_for_predecessors(&data);
    let settings = supervisor::Settings {
        kafka: address(&arguments.kafka).context("--kafka")?,
        native: address(&arguments.native).context("--native")?,
        admin: address(&arguments.admin).context("--admin")?,
        config: arguments.config.as_deref().map(std::path::absolute).transpose()?,
        shards: arguments.shards,
        io_driver: arguments.io_driver,
        is_verbose: arguments.verbose,
        data,
    };
    supervisor::Supervisor::new(settings)?.run()
}

fn address(text: &str) -> Result<SocketAddr> {
    resolve(text)?.first().copied().ok_or_else(|| anyhow!("{text:?} has no address"))
}

/// One `dev` per data directory.
fn lock(data: &Path) -> Result<File> {
    let path = data.join("dev.lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("cannot open {}", path.display()))?;
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        bail!(
            "data directory {} is locked by another process: another `ringlog dev` runs on it",
            data.display()
        );
    }
    Ok(file)
}

/// The children of a `dev` that was killed end with it, but not in the same instant; what they hold is free soon after.
/// Whoever holds it longer is somebody else, and will be named by the child that wants it.
fn wait_for_predecessors(data: &Path) {
    let deadline = Instant::now() + PREDECESSORS_END;
    for lock in [data.join("controller/lock"), data.join("node/lock")] {
        let Ok(file) = OpenOptions::new().write(true).open(lock) else { continue };
        while flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// `[::1]` beside `127.0.0.1`, because `localhost` is often the former first. Not for picked ports: the two would differ.
fn beside(address: SocketAddr) -> Option<SocketAddr> {
    let is_plain = address.ip().is_loopback() && address.is_ipv4() && address.port() != 0;
    is_plain.then(|| SocketAddr::new(Ipv6Addr::LOCALHOST.into(), address.port()))
}
