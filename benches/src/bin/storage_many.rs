//! Many partitions in one data directory: what an idle one costs in memory and files, and how long a start takes after an
//! orderly stop and after SIGKILL.
//!
//! Every step is a process of its own: `storage_many --data DIR` runs them all and prints a line for each.

#![forbid(unsafe_code)]

use anyhow::{Context, Result, ensure};
use clap::{Parser, ValueEnum};
use ringlog_batch::{BatchBuilder, Compression};
use ringlog_model::{LogId, PartitionId, PartitionIndex, ShardId, Timestamp, TopicId};
use ringlog_reactor::{Options, Reactor, run};
use ringlog_storage::{Directory, DirectoryConfig, Log, LogConfig, LogSpec, Store, StoreConfig};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// As in the executable.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Logs created at the same time.
const AT_ONCE: usize = 512;

#[derive(Clone, Debug, Parser)]
struct Arguments {
    /// Where to write; on the disk that is to be measured.
    #[arg(long, default_value = "ringlog-bench-data")]
    data: PathBuf,
    /// How many partitions.
    #[arg(long, default_value_t = 10_000)]
    partitions: usize,
    /// One step alone.
    #[arg(long, value_enum)]
    step: Option<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Create the partitions, empty, and stop in order.
    Create,
    /// Start, and stop in order.
    Start,
    /// Append a record to each, and wait to be killed.
    Append,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let data = std::path::absolute(&arguments.data)?;
    match arguments.step {
        Some(step) => run(Options::default(), move |reactor| async move {
            take_step(&reactor, &data, step, arguments.partitions).await
        })?,
        None => all_steps(&data, arguments.partitions),
    }
}

fn all_steps(data: &Path, partitions: usize) -> Result<()> {
    std::fs::remove_dir_all(data).ok();
    println!("{partitions} partitions");
    for (step, is_killed, words) in [
        (Step::Create, false, "create, all empty"),
        (Step::Start, false, "start after an orderly stop, all empty"),
        (Step::Append, true, "start, then a record in each"),
        (Step::Start, false, "start after SIGKILL"),
        (Step::Start, false, "start after an orderly stop"),
    ] {
        println!("{words}:");
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--step", step.to_possible_value().context("a step has a name")?.get_name()])
            .args(["--partitions", &partitions.to_string()])
            .arg("--data")
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()?;
        for line in BufReader::new(child.stdout.take().context("it is piped")?).lines() {
            let line = line?;
            println!("  {line}");
            if is_killed && line.starts_with("flushed") {
                child.kill()?;
            }
        }
        ensure!(child.wait()?.success() || is_killed, "the step failed");
    }
    let (files, bytes) = files(data)?;
    println!("segment files {files}, {} KiB allocated each on average", bytes / files.max(1) / 1024);
    std::fs::remove_dir_all(data)?;
    Ok(())
}

async fn take_step(reactor: &Reactor, data: &Path, step: Step, partitions: usize) -> Result<()> {
    let begun = Instant::now();
    let before = memory()?;
    let opened = Directory::open(reactor, DirectoryConfig::new(data)).await?;
    let report = opened.report;
    let handle = opened.directory.handle();
    let store = Store::start(reactor, handle, ShardId(0), opened.logs, StoreConfig::default()).await?;
    let groups = report.groups;
    println!("ready after {:?}, {groups} journal groups replayed", begun.elapsed());
    if step == Step::Create {
        create(reactor, &store, partitions).await?;
    }
    let logs = store.logs();
    ensure!(logs.len() == partitions, "{} of {partitions} partitions", logs.len());
    let grown = memory()?.saturating_sub(before);
    println!("{} bytes of memory each, {} open files", grown / partitions, open_files()?);
    if step == Step::Append {
        return append_to_all(reactor, &store, &logs).await;
    }
    let begun = Instant::now();
    store.shutdown().await?;
    println!("stopped after {:?}", begun.elapsed());
    Ok(())
}

async fn create(reactor: &Reactor, store: &Store, partitions: usize) -> Result<()> {
    let begun = Instant::now();
    let numbers: Vec<usize> = (0..partitions).collect();
    for some in numbers.chunks(AT_ONCE) {
        let tasks: Vec<_> = some
            .iter()
            .map(|&number| {
                let store = store.clone();
                let partition =
                    PartitionId { topic: TopicId::default(), index: PartitionIndex(number as i32) };
                let log = LogId(number as u64 + 1);
                let spec = LogSpec { log, partition, topic: "many".to_owned(), config: LogConfig::default() };
                reactor.spawn(async move { store.create_log(spec).await })
            })
            .collect();
        for task in tasks {
            task.await?;
        }
    }
    println!("created after {:?}", begun.elapsed());
    Ok(())
}

async fn append_to_all(reactor: &Reactor, store: &Store, logs: &[Log]) -> Result<()> {
    let mut builder = BatchBuilder::new();
    builder.append(Timestamp(1), None, Some(&[7; 200]), &[])?;
    let mut batch = builder.build(Compression::None)?;
    let begun = Instant::now();
    for log in logs {
        ringlog_benches::append(store, log, &mut batch, Timestamp(1), |input| log.append(input)).await?;
    }
    while logs.iter().any(|log| log.marks().flushed < log.end()) {
        store.progress().await;
    }
    println!("flushed after {:?}", begun.elapsed());
    reactor.sleep(std::time::Duration::from_secs(60)).await;
    Ok(())
}

/// Resident memory, bytes.
fn memory() -> Result<usize> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: usize = line.split_whitespace().next().context("no value")?.parse()?;
    Ok(kilobytes * 1024)
}

fn open_files() -> Result<usize> {
    Ok(std::fs::read_dir("/proc/self/fd")?.count())
}

/// Segment files, and the bytes they have on the disk.
fn files(data: &Path) -> Result<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let (mut files, mut bytes) = (0, 0);
    for entry in std::fs::read_dir(data.join("segments"))? {
        let metadata = entry?.metadata()?;
        files += 1;
        bytes += metadata.blocks() * 512;
    }
    Ok((files, bytes))
}
