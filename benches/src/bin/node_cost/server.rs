//! The two servers as child processes, and what the operating system says they used.

use crate::{Options, drive};
use anyhow::{Context, ensure};
use ringlog_harness::{Broker, children, resident_bytes, wire, wire::Wire};
use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

pub(crate) struct Server {
    address: SocketAddr,
    pid: u32,
    process: Process,
    folder: TempDir,
}

enum Process {
    Floor(Child),
    Ringlog(Broker),
}

impl Server {
    pub(crate) fn start(name: &str, options: &Options) -> anyhow::Result<Server> {
        let folder = match &options.data {
            Some(parent) => tempfile::tempdir_in(parent)?,
            None => tempfile::tempdir()?,
        };
        if name == "floor" {
            return Server::start_floor(folder, options);
        }
        let broker = Broker::start_in(&folder.path().join("data"), &["--shards", "1"]);
        let address = broker.addresses().kafka;
        let mut wire = Wire::connect(address);
        let partitions = i32::try_from(options.connections)?;
        let segment_bytes = (options.segment_megabytes << 20).to_string();
        let configs = [("segment.bytes", segment_bytes.as_str())];
        for (topic, configs) in [(drive::TOPIC, &configs[..]), (drive::TAIL_TOPIC, &[])] {
            let reply = wire.ask(&wire::create_topic_of(topic, partitions, configs))?;
            ensure!(!reply.is_empty(), "the topic could not be created");
        }
        let pid = *children(broker.pid(), "node").first().context("dev runs a node")?;
        Ok(Server { address, pid, process: Process::Ringlog(broker), folder })
    }

    fn start_floor(folder: TempDir, options: &Options) -> anyhow::Result<Server> {
        let mut child = Command::new(env::current_exe()?)
            .arg("--serve-floor")
            .arg(folder.path())
            .args(["--megabytes", &options.megabytes.to_string()])
            .args(["--connections", &options.connections.to_string()])
            .args(["--pipeline", &options.pipeline.to_string()])
            .args(["--batch-bytes", &options.batch_bytes.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("its output is a pipe")?).read_line(&mut line)?;
        Ok(Server { address: line.trim().parse()?, pid: child.id(), process: Process::Floor(child), folder })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn cpu_seconds(&self) -> f64 {
        cpu_seconds(self.pid)
    }

    pub(crate) fn stop(self) -> anyhow::Result<()> {
        match self.process {
            Process::Floor(mut child) => {
                child.kill()?;
                child.wait()?;
            }
            Process::Ringlog(broker) => ensure!(broker.stop().success(), "the broker did not stop cleanly"),
        }
        Ok(self.folder.close()?)
    }
}

/// User and system time of a process, all its threads.
fn cpu_seconds(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the server runs");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    // Fields 14 and 15 of the line, counted from 1; the two before the closing parenthesis are gone.
    let ticks: u64 = fields[11..13].iter().map(|word| word.parse::<u64>().expect("a number of ticks")).sum();
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// What a broker costs that nobody uses.
pub(crate) struct Rest {
    /// Milliseconds from the start of `ringlog dev` to its ready line, each try.
    pub(crate) start_ms: Vec<f64>,
    /// Share of one core that the node uses when idle.
    pub(crate) idle_cpu: f64,
    /// Resident memory of the idle node.
    pub(crate) idle_mib: f64,
}

const TRIES: usize = 10;
const IDLE: Duration = Duration::from_secs(10);

pub(crate) fn start_and_idle(_options: &Options) -> anyhow::Result<Rest> {
    let mut start_ms = Vec::new();
    for _ in 0..TRIES {
        ringlog_harness::executable();
        let started = Instant::now();
        let broker = Broker::start(&[]);
        start_ms.push(started.elapsed().as_secs_f64() * 1e3);
        broker.stop();
    }
    let broker = Broker::start(&[]);
    let pid = *children(broker.pid(), "node").first().context("dev runs a node")?;
    let before = cpu_seconds(pid);
    // Nothing to wait for: idleness is a span of time.
    thread::sleep(IDLE);
    let idle_cpu = (cpu_seconds(pid) - before) / IDLE.as_secs_f64();
    Ok(Rest { start_ms, idle_cpu, idle_mib: resident_bytes(pid) as f64 / f64::from(1 << 20) })
}
