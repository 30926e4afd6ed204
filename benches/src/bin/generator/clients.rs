//! The clients, each a process of its own that produces a number of records and ends.

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) const RECORD_BYTES: usize = 1024;
pub(crate) const BATCH_BYTES: usize = 64 << 10;
pub(crate) const PARTITIONS: i32 = 4;
pub(crate) const IN_FLIGHT: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Client {
    Bench,
    BenchNative,
    Librdkafka,
    Java,
}

/// What a client is to do.
pub(crate) struct Load<'a> {
    pub(crate) kafka: SocketAddr,
    pub(crate) native: SocketAddr,
    pub(crate) topic: &'a str,
    pub(crate) records: u64,
    pub(crate) payloads: &'a Path,
}

impl Client {
    pub(crate) const ALL: [Client; 4] =
        [Client::Bench, Client::BenchNative, Client::Librdkafka, Client::Java];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Client::Bench => "ringlog-bench",
            Client::BenchNative => "ringlog-bench-native",
            Client::Librdkafka => "librdkafka",
            Client::Java => "kafka-producer-perf-test",
        }
    }

    /// What it needs and is not there.
    pub(crate) fn missing(self) -> Option<&'static str> {
        let has_java = || Command::new("java").arg("-version").output().is_ok();
        match self {
            Client::Java if libraries().is_none() => Some("PEER_LIBS names no folder with Kafka's jars"),
            Client::Java if !has_java() => Some("there is no Java"),
            _ => None,
        }
    }

    /// Produces everything; the process has ended then.
    pub(crate) fn produce(self, load: &Load<'_>) -> Result<()> {
        let mut command = match self {
            Client::Bench => bench(load, "kafka", load.kafka),
            Client::BenchNative => bench(load, "native", load.native),
            Client::Librdkafka => librdkafka(load)?,
            Client::Java => java(load)?,
        };
        let output = command.stdin(Stdio::null()).output();
        let output = output.with_context(|| format!("{} could not be started", self.name()))?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{} ended with {}: {said}", self.name(), output.status);
        Ok(())
    }
}

fn bench(load: &Load<'_>, protocol: &str, address: SocketAddr) -> Command {
    let mut command = Command::new(ringlog_harness::executable());
    command
        .args(["bench", "produce", "--quiet", "--acks", "all", "--protocol", protocol])
        .args(["--brokers", &address.to_string(), "--topic", load.topic])
        .args(["--producers", "1", "--connections", "1", "--duration", "600s"])
        .args(["--in-flight", &IN_FLIGHT.to_string(), "--batch-bytes", &BATCH_BYTES.to_string()])
        .args(["--record-size", &RECORD_BYTES.to_string(), "--records", &load.records.to_string()]);
    command
}

/// This program in another role.
fn librdkafka(load: &Load<'_>) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--librdkafka", &load.kafka.to_string(), load.topic]);
    command.args(["--records", &load.records.to_string()]);
    Ok(command)
}

/// Kafka's own load generator with prepared payloads: by default it would make up each byte of each record.
fn java(load: &Load<'_>) -> Result<Command> {
    let libraries = libraries().context("PEER_LIBS")?;
    let mut command = Command::new("java");
    command
        .args(["-Xmx512m", "-cp", &format!("{}/*", libraries.display())])
        .arg("org.apache.kafka.tools.ProducerPerformance")
        .args(["--topic", load.topic, "--num-records", &load.records.to_string(), "--throughput", "-1"])
        .arg("--payload-file")
        .arg(load.payloads)
        .args(["--producer-props", &format!("bootstrap.servers={}", load.kafka), "acks=all"])
        .args([
            format!("batch.size={BATCH_BYTES}"),
            format!("max.in.flight.requests.per.connection={IN_FLIGHT}"),
        ])
        .arg("enable.idempotence=false");
    Ok(command)
}

fn libraries() -> Option<PathBuf> {
    std::env::var_os("PEER_LIBS").map(PathBuf::from).filter(|folder| folder.is_dir())
}

/// A file with some payloads, a line each.
pub(crate) fn payloads(folder: &Path) -> Result<PathBuf> {
    let path = folder.join("payloads");
    let line: String = (0..RECORD_BYTES).map(|at| char::from(b'a' + (at % 26) as u8)).collect();
    std::fs::write(&path, format!("{line}\n").repeat(100))?;
    Ok(path)
}
