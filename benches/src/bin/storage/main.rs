//! Durable appends of the store against a bare loop of the same direct writes and syncs, side by side in one run.
//!
//! Every partition has one batch on its way, within a bound of bytes for all of them: as soon as that is synced the next one
//! follows. The bare loop writes each batch straight into its partition's preallocated file and syncs that file: what a log
//! without recovery, index, checksums, memory for readers or a copy of the bytes would do. Both alternate; medians count, and
//! the median of the ratios of neighbours, since a shared machine changes from minute to minute. `storage --help` says what
//! can be chosen.

#![forbid(unsafe_code)]

mod bare;
mod store;

use anyhow::Result;
use clap::Parser;
use ringlog_reactor::{DriverChoice, Options, Reactor, run};
use std::path::{Path, PathBuf};

/// As in the executable.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Batches of each partition before anything counts.
const WARM_BATCHES: usize = 3;
/// Bytes of all partitions before anything counts: the store's memory for readers is filled once, and the system has cleared
/// its pages.
const WARM_BYTES: usize = 96 << 20;

#[derive(Clone, Debug, Parser)]
struct Arguments {
    /// Where to write; on the disk that is to be measured.
    #[arg(long, default_value = "ringlog-bench-data")]
    data: PathBuf,
    /// Batch sizes, bytes.
    #[arg(long, value_delimiter = ',', default_values_t = [65_536, 1_048_576])]
    batch: Vec<usize>,
    /// Numbers of partitions.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 1_000])]
    partitions: Vec<usize>,
    /// Seconds per measurement.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Measurements of each, alternating; the median counts.
    #[arg(long, default_value_t = 3)]
    repeat: usize,
    /// From how many bytes on a batch goes to its segment directly.
    #[arg(long, default_value_t = 32 << 10)]
    external_min: usize,
    /// Up to how many bytes a group carries large batches itself.
    #[arg(long, default_value_t = 768 << 10)]
    small_group: u64,
    /// How far ahead of its groups the journal is written with zeros.
    #[arg(long, default_value_t = 4 << 20)]
    journal_ahead: u64,
    /// Groups on their way to the journal at the same time.
    #[arg(long, default_value_t = 1)]
    groups: usize,
    /// Bytes of a journal half.
    #[arg(long, default_value_t = 64 << 20)]
    journal_half: u64,
    /// Bytes on their way to the disk at most.
    #[arg(long, default_value_t = 64 << 20)]
    in_flight: u64,
    /// Let the bare loop write with RWF_DSYNC instead of syncing.
    #[arg(long)]
    bare_dsync: bool,
    /// Leave out the bare loop.
    #[arg(long)]
    store_only: bool,
    /// Say when batches took much longer than most.
    #[arg(long)]
    outliers: bool,
    /// Use epoll and file threads instead of io_uring.
    #[arg(long)]
    epoll: bool,
}

/// One measurement.
#[derive(Clone, Debug, Default)]
struct Measured {
    bytes: u64,
    seconds: f64,
    /// Of each batch, nanoseconds.
    latencies: Vec<u64>,
    /// Processor time of all threads meanwhile, seconds.
    processor: f64,
    /// Largest resident memory, MiB.
    memory: f64,
}

impl Measured {
    fn megabytes_per_second(&self) -> f64 {
        self.bytes as f64 / self.seconds / 1e6
    }

    fn processor_per_gigabyte(&self) -> f64 {
        self.processor / (self.bytes as f64 / 1e9).max(1e-9)
    }

    /// Prints batches that took more than three times the median: their number, what was written before, how long.
    fn print_outliers(&self) {
        let bound = 3e3 * self.percentile(50);
        let each = self.bytes as f64 / self.latencies.len().max(1) as f64;
        let slow = self.latencies.iter().enumerate().filter(|(_, took)| **took as f64 > bound);
        for (number, took) in slow {
            println!("  after {:.0} MB: {:.1} ms", number as f64 * each / 1e6, *took as f64 / 1e6);
        }
        println!("  --");
    }

    fn percentile(&self, of_hundred: usize) -> f64 {
        let mut latencies = self.latencies.clone();
        latencies.sort_unstable();
        let index = (latencies.len() * of_hundred / 100).min(latencies.len().saturating_sub(1));
        latencies.get(index).copied().unwrap_or(0) as f64 / 1e3
    }
}

/// What one measurement is to do.
#[derive(Clone, Copy, Debug)]
struct Load {
    batch: usize,
    partitions: usize,
    seconds: f64,
    in_flight: u64,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let driver = if arguments.epoll { DriverChoice::Epoll } else { DriverChoice::Auto };
    let options = Options { driver, ..Options::default() };
    run(options, move |reactor| async move { measure_all(&reactor, &arguments).await })?
}

async fn measure_all(reactor: &Reactor, arguments: &Arguments) -> Result<()> {
    let data = std::path::absolute(&arguments.data)?;
    println!("driver {}", reactor.driver().name());
    println!("batch      partitions  what    MB/s      p50 us        p99 us     CPU-s/GB  MiB    ratio");
    for &batch in &arguments.batch {
        for &partitions in &arguments.partitions {
            let load = Load { batch, partitions, seconds: arguments.seconds, in_flight: arguments.in_flight };
            let (mut bare, mut store) = (Vec::new(), Vec::new());
            for _ in 0..arguments.repeat {
                if !arguments.store_only {
                    bare.push(fresh(&data, bare::measure(reactor, &data, load, arguments.bare_dsync)).await?);
                }
                store.push(fresh(&data, store::measure(reactor, &data, load, arguments)).await?);
                if arguments.outliers {
                    [bare.last(), store.last()].into_iter().flatten().for_each(Measured::print_outliers);
                }
            }
            let ratio = median_ratio(&bare, &store);
            let (bare, store) = (median(bare), median(store));
            for (what, measured, ratio) in
                [("bare", bare, String::new()), ("store", store, format!("{ratio:.2}"))]
            {
                if measured.latencies.is_empty() {
                    continue;
                }
                println!(
                    "{batch:<10} {partitions:<11} {what:<7} {:<9.1} {:<13.0} {:<10.0} {:<9.3} {:<6.0} {ratio}",
                    measured.megabytes_per_second(),
                    measured.percentile(50),
                    measured.percentile(99),
                    measured.processor_per_gigabyte(),
                    measured.memory,
                );
            }
        }
    }
    Ok(())
}

async fn fresh(data: &Path, measure: impl Future<Output = Result<Measured>>) -> Result<Measured> {
    std::fs::remove_dir_all(data).ok();
    std::fs::create_dir_all(data)?;
    // Resets the largest resident memory; where that is not allowed it counts from the start of the program.
    std::fs::write("/proc/self/clear_refs", "5").ok();
    let measured = measure.await;
    std::fs::remove_dir_all(data)?;
    Ok(Measured { memory: memory_peak(), ..measured? })
}

/// Largest resident memory, MiB.
fn memory_peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()).and_then(|word| word.parse().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}

/// Processor time of this process, seconds.
fn processor_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// The median of the ratios of measurements that followed each other.
fn median_ratio(bare: &[Measured], store: &[Measured]) -> f64 {
    let of = |(bare, store): (&Measured, &Measured)| {
        store.megabytes_per_second() / bare.megabytes_per_second().max(1e-9)
    };
    let mut ratios: Vec<f64> = bare.iter().zip(store).map(of).collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or(0.0)
}

fn median(mut measured: Vec<Measured>) -> Measured {
    measured.sort_by(|a, b| a.megabytes_per_second().total_cmp(&b.megabytes_per_second()));
    if measured.is_empty() { Measured::default() } else { measured.swap_remove(measured.len() / 2) }
}

/// Counts batches, once every partition has had a few: files are made and allocated by then.
#[derive(Debug)]
struct Meter {
    reactor: Reactor,
    seconds: f64,
    /// Batches until it begins.
    left_to_warm: usize,
    /// When it began, nanoseconds, and the processor time then, seconds.
    begun: Option<(u64, f64)>,
    measured: Measured,
}

impl Meter {
    fn new(reactor: &Reactor, load: Load) -> Meter {
        let left_to_warm = (WARM_BATCHES * load.partitions).max(WARM_BYTES / load.batch);
        let (seconds, measured) = (load.seconds, Measured::default());
        Meter { reactor: reactor.clone(), seconds, left_to_warm, begun: None, measured }
    }

    /// Counts a batch that began at `begun`; whether there is time for more.
    fn count(&mut self, bytes: usize, begun: u64) -> bool {
        if self.left_to_warm > 0 {
            self.left_to_warm -= 1;
            return true;
        }
        let now = self.reactor.now_nanos();
        let (from, processor) = *self.begun.get_or_insert_with(|| (now, processor_seconds()));
        if self.measured.seconds > 0.0 {
            return false;
        }
        self.measured.bytes += bytes as u64;
        self.measured.latencies.push(now - begun);
        let took = (now - from) as f64 / 1e9;
        if took >= self.seconds {
            self.measured.seconds = took;
            self.measured.processor = processor_seconds() - processor;
        }
        took < self.seconds
    }

    fn finish(self) -> Measured {
        self.measured
    }
}
