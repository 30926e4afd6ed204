//! The broker that is measured: `ringlog dev` on a folder, what it uses, and its metrics.

use anyhow::{Context, Result, ensure};
use ringlog_harness::{Addresses, Broker, children, open_files, resident_bytes};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long the broker is left alone before its memory is read: what was freed a moment ago goes back to the system.
const SETTLE: Duration = Duration::from_millis(500);

/// A running broker whose data outlive it.
pub(crate) struct Subject {
    broker: Broker,
    node: u32,
    data: PathBuf,
    /// From the start of the process to the line that says it is ready.
    pub(crate) ready_after: Duration,
    /// When its process was started.
    pub(crate) started: Instant,
}

impl Subject {
    /// On an empty folder.
    pub(crate) fn fresh(folder: &Path, name: &str) -> Result<Subject> {
        let data = folder.join(name);
        remove(&data)?;
        Subject::start(&data)
    }

    /// The same with a configuration file of this text.
    pub(crate) fn fresh_with(folder: &Path, name: &str, settings: &str) -> Result<Subject> {
        let data = folder.join(name);
        remove(&data)?;
        let file = data.with_extension("toml");
        std::fs::write(&file, settings)?;
        Subject::start_with(&data, &["--config", &file.display().to_string()])
    }

    /// On a folder that a broker was on before.
    pub(crate) fn start(data: &Path) -> Result<Subject> {
        Subject::start_with(data, &[])
    }

    fn start_with(data: &Path, options: &[&str]) -> Result<Subject> {
        let started = Instant::now();
        let broker = Broker::start_in(data, options);
        let ready_after = started.elapsed();
        let node = *children(broker.pid(), "node").first().context("the broker has no node")?;
        Ok(Subject { broker, node, data: data.to_owned(), ready_after, started })
    }

    pub(crate) fn addresses(&self) -> Addresses {
        self.broker.addresses()
    }

    pub(crate) fn kafka(&self) -> SocketAddr {
        self.addresses().kafka
    }

    /// Stops it in order and starts it again.
    pub(crate) fn restart(self) -> Result<Subject> {
        let data = self.data.clone();
        ensure!(self.broker.stop().success(), "the broker did not stop in order");
        Subject::start(&data)
    }

    /// Kills it (SIGKILL) and starts it again.
    pub(crate) fn kill_and_start(self) -> Result<Subject> {
        let data = self.data.clone();
        self.broker.kill();
        Subject::start(&data)
    }

    /// Stops it and removes its data.
    pub(crate) fn end(self) -> Result<()> {
        let data = self.data.clone();
        drop(self);
        for beside in ["txt", "toml"] {
            std::fs::remove_file(data.with_extension(beside)).ok();
        }
        Ok(std::fs::remove_dir_all(data)?)
    }

    /// Resident memory of the node in bytes.
    pub(crate) fn memory(&self) -> u64 {
        std::thread::sleep(SETTLE);
        resident_bytes(self.node)
    }

    /// Files and sockets that the node has open.
    pub(crate) fn open_files(&self) -> usize {
        open_files(self.node)
    }

    /// Segment files, and the bytes that they take on the disk.
    pub(crate) fn segments(&self) -> Result<(usize, u64)> {
        let mut found = (0, 0);
        count_segments(&self.data, &mut found)?;
        Ok(found)
    }

    /// The sum of a metric over all its series.
    pub(crate) fn metric(&self, name: &str) -> Result<f64> {
        let mut stream = TcpStream::connect(self.addresses().admin)?;
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: broker\r\nConnection: close\r\n\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        let of_metric = |line: &&str| {
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ') || rest.starts_with('{'))
        };
        let values =
            text.lines().filter(of_metric).filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
        let values: Vec<f64> = values.collect();
        ensure!(!values.is_empty(), "the broker has no metric {name}");
        Ok(values.iter().sum())
    }
}

fn remove(data: &Path) -> Result<()> {
    match std::fs::remove_dir_all(data) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn count_segments(folder: &Path, found: &mut (usize, u64)) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            count_segments(&entry.path(), found)?;
        } else if folder.ends_with("segments") {
            found.0 += 1;
            found.1 += metadata.blocks() * 512;
        }
    }
    Ok(())
}
