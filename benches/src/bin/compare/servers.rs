//! The servers, each started on an empty folder that goes away with it.

use anyhow::{Context, Result, bail, ensure};
use ringlog_harness::Broker;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Ringlog,
    /// The same over its own protocol.
    RinglogNative,
    /// Acknowledged when written, as with Kafka by default.
    RinglogWritten,
    Floor,
    /// Without a sync.
    FloorWritten,
    /// As it is by default: acknowledged means in the page cache.
    Kafka,
    /// With a flush for every message: acknowledged means on disk, as with Ringlog.
    KafkaFlush,
}

impl Server {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Server::Ringlog => "ringlog",
            Server::RinglogNative => "ringlog-native",
            Server::RinglogWritten => "ringlog-written",
            Server::Floor => "floor",
            Server::FloorWritten => "floor-written",
            Server::Kafka => "kafka",
            Server::KafkaFlush => "kafka-flush",
        }
    }

    pub(crate) fn is_peer(self) -> bool {
        matches!(self, Server::Kafka | Server::KafkaFlush)
    }

    /// Flags of the generator that this server needs.
    pub(crate) fn arguments(self) -> &'static [&'static str] {
        match self {
            Server::RinglogNative => &["--protocol", "native"],
            Server::RinglogWritten => &["--protocol", "kafka", "--topic-config", "durability=written"],
            // What is deleted between rounds is to be gone before the next one.
            Server::Kafka | Server::KafkaFlush => {
                &["--protocol", "kafka", "--topic-config", "file.delete.delay.ms=100"]
            }
            Server::Ringlog | Server::Floor | Server::FloorWritten => &["--protocol", "kafka"],
        }
    }

    /// Starts it. Reads are sent from memory by the floor, or from its file if `cold`; its file has room for so many
    /// megabytes (2^20) that are written before the measurement.
    pub(crate) fn start(self, parent: Option<&Path>, cold: bool, preload: u64) -> Result<Running> {
        let folder = match parent {
            Some(parent) => TempDir::new_in(parent)?,
            None => TempDir::new()?,
        };
        let (process, address) = match self {
            Server::Ringlog | Server::RinglogNative | Server::RinglogWritten => {
                let broker = Broker::start_in(&folder.path().join("data"), &["--shards", "1"]);
                let addresses = broker.addresses();
                let is_native = self == Server::RinglogNative;
                (Process::Ringlog(broker), if is_native { addresses.native } else { addresses.kafka })
            }
            Server::Floor if cold => start_floor(folder.path(), preload, &["--fetch", "file"])?,
            Server::Floor => start_floor(folder.path(), preload, &[])?,
            Server::FloorWritten => start_floor(folder.path(), preload, &["--no-sync"])?,
            Server::Kafka => start_kafka(folder.path(), &[])?,
            Server::KafkaFlush => start_kafka(folder.path(), &["log.flush.interval.messages=1"])?,
        };
        Ok(Running { server: self, process, address, folder })
    }
}

pub(crate) struct Running {
    server: Server,
    process: Process,
    address: SocketAddr,
    folder: TempDir,
}

enum Process {
    Ringlog(Broker),
    Floor(Child),
    Kafka { data: PathBuf },
}

impl Running {
    pub(crate) fn server(&self) -> Server {
        self.server
    }

    /// Where its data lies.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn stop(self) -> Result<()> {
        match self.process {
            Process::Ringlog(broker) => ensure!(broker.stop().success(), "the broker did not stop cleanly"),
            Process::Floor(mut child) => {
                drop(child.stdin.take());
                child.wait()?;
            }
            Process::Kafka { data } => stop_kafka(&data)?,
        }
        Ok(self.folder.close()?)
    }
}

/// What the floor can write within a measurement, in bytes.
const FLOOR_ROOM: u64 = 10 << 30;

fn start_floor(data: &Path, preload: u64, arguments: &[&str]) -> Result<(Process, SocketAddr)> {
    let floor = std::env::current_exe()?.with_file_name("floor");
    ensure!(floor.exists(), "{} is not built", floor.display());
    let mut command = Command::new(floor);
    let mut child = command
        .arg("--data")
        .arg(data)
        .args(["--file-bytes", &(FLOOR_ROOM + (preload << 20)).to_string()])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("its output is a pipe")?).read_line(&mut line)?;
    let address = line.trim().parse().context("the floor did not start")?;
    Ok((Process::Floor(child), address))
}

/// The release that `kafka.sh` fetches.
pub(crate) fn kafka_version() -> String {
    std::env::var("KAFKA_VERSION").unwrap_or_else(|_| {
        let text = std::fs::read_to_string(script()).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("version=${KAFKA_VERSION:-"));
        line.map_or("unknown".to_owned(), |version| version.trim_end_matches('}').to_owned())
    })
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/kafka.sh")
}

fn start_kafka(folder: &Path, configs: &[&str]) -> Result<(Process, SocketAddr)> {
    let data = folder.join("kafka");
    // Two ports side by side: the broker's and its controller's.
    let port = free_pair()?;
    let log = std::fs::File::create(folder.join("start.txt"))?;
    let status = Command::new(script())
        .arg("start")
        .arg(port.to_string())
        .arg(&data)
        .args(configs)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .status()?;
    if !status.success() {
        let said = std::fs::read_to_string(folder.join("start.txt")).unwrap_or_default();
        // It may have come half way.
        let _ = stop_kafka(&data);
        bail!("Kafka did not start: {}", said.trim());
    }
    Ok((Process::Kafka { data }, SocketAddr::from(([127, 0, 0, 1], port))))
}

fn stop_kafka(data: &Path) -> Result<()> {
    let pid: u32 = std::fs::read_to_string(data.join("server.pid"))?.trim().parse()?;
    let status = Command::new(script()).arg("stop").arg(data).status()?;
    ensure!(status.success(), "Kafka could not be stopped");
    // It writes its files until it has gone.
    let process = PathBuf::from(format!("/proc/{pid}"));
    for _ in 0..600 {
        if !process.exists() {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    bail!("Kafka is still there a minute after it was asked to stop")
}

fn free_pair() -> Result<u16> {
    for _ in 0..100 {
        let first = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        if first < u16::MAX && TcpListener::bind(("127.0.0.1", first + 1)).is_ok() {
            return Ok(first);
        }
    }
    bail!("no two free ports side by side")
}
