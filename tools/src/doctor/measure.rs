//! Measures a disk shortly, by the operations that a node uses: direct writes, reads and syncs through the reactor.

use super::profile::DiskProfile;
use ringlog_reactor::{File, OpenOptions, Reactor, TailBuffer};
use std::cell::Cell;
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

/// Bytes of the file that is measured on, and the least it can do with.
const FILE_BYTES: u64 = 256 << 20;
const FILE_BYTES_MIN: u64 = 16 << 20;
/// What of the free space it may take.
const FREE_SHARE: u64 = 8;
/// The largest write, and the memory that all writes are cut from.
const WRITE_MAX: usize = 4 << 20;
const PAGE: u64 = 4096;
const LARGE: u64 = 1 << 20;
/// Sizes of commits that are tried.
const COMMITS: [u64; 6] = [4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20];
/// How much of the fastest commits' throughput the best size has to reach.
const ENOUGH: f64 = 0.8;
/// Operations in flight: what a few shards keep going.
const LARGE_DEPTH: usize = 8;
const RANDOM_DEPTH: usize = 32;
const SYNCED_DEPTH: usize = 16;

/// What an operation does.
#[derive(Clone, Copy, Debug)]
enum Access {
    Read,
    Write,
    /// Durable on completion.
    SyncedWrite,
}

/// Where the next operation goes.
#[derive(Clone, Copy, Debug)]
enum Order {
    Sequential,
    Random,
}

#[derive(Clone, Copy, Debug)]
struct Work {
    access: Access,
    order: Order,
    block: u64,
    depth: usize,
}

/// Measures for about `duration`. `progress` is told what comes next. The file has no name while it exists, so that
/// nothing of it is left whatever happens.
pub(super) async fn measure(
    reactor: &Reactor,
    directory: &Path,
    duration: Duration,
    progress: impl Fn(&str),
) -> io::Result<DiskProfile> {
    let begun = reactor.now_nanos();
    let measured_at = reactor.wall_millis();
    let free = reactor.space(directory).await?.free;
    let length = FILE_BYTES.min(free / FREE_SHARE) / LARGE * LARGE;
    if length < FILE_BYTES_MIN {
        return Err(io::Error::new(io::ErrorKind::StorageFull, "too little space is free to measure"));
    }
    let path = directory.join("doctor.measuring");
    let options = OpenOptions::new().read(true).write(true).create(true).truncate(true).direct(true);
    let file = reactor.open(&path, options).await?;
    reactor.remove_file(&path).await?;
    file.allocate(0, length).await?;
    let bench = Bench {
        reactor: reactor.clone(),
        file,
        length,
        bytes: Rc::new(noise(reactor)),
        next: Rc::new(Cell::new(0)),
    };
    let share = |percent: u32| duration * percent / 100;
    progress("sequential writes");
    let write = Work { access: Access::Write, order: Order::Sequential, block: LARGE, depth: LARGE_DEPTH };
    bench.fill().await?;
    let written = bench.rate(write, share(14)).await?;
    progress("sequential reads");
    let read = bench.rate(Work { access: Access::Read, ..write }, share(12)).await?;
    progress("commits");
    let (latencies, commits) = bench.commits(share(16), share(6)).await?;
    progress("random reads and writes");
    let random = Work { access: Access::Read, order: Order::Random, block: PAGE, depth: RANDOM_DEPTH };
    let random_reads = bench.rate(random, share(9)).await?;
    let random_writes = bench.rate(Work { access: Access::Write, ..random }, share(9)).await?;
    let synced = Work { access: Access::SyncedWrite, depth: SYNCED_DEPTH, ..random };
    let synced_writes = bench.rate(synced, share(10)).await?;
    let (direct, alignment) = (bench.file.is_direct(), bench.file.alignment());
    bench.file.close().await;
    Ok(DiskProfile {
        version: super::profile::VERSION,
        measured_at: crate::moment::show(measured_at),
        measured_ms: (reactor.now_nanos() - begun) / 1_000_000,
        direct,
        alignment: alignment as u64,
        commit_us_p50: quantile(&latencies, 0.5),
        commit_us_p99: quantile(&latencies, 0.99),
        commit_bytes: best_commit(&commits),
        write_bytes_per_second: (written * LARGE as f64) as u64,
        read_bytes_per_second: (read * LARGE as f64) as u64,
        random_reads_per_second: random_reads as u64,
        random_writes_per_second: random_writes as u64,
        synced_writes_per_second: synced_writes as u64,
    })
}

/// Bytes that no disk can compress or find twice in a block.
fn noise(reactor: &Reactor) -> TailBuffer {
    let mut buffer = TailBuffer::with_capacity(WRITE_MAX);
    // Any seed but zero does for xorshift.
    let mut state = reactor.random_u64() | 1;
    let mut page = [0; PAGE as usize];
    while buffer.remaining() > 0 {
        for bytes in page.chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes.copy_from_slice(&state.to_le_bytes());
        }
        buffer.append(&page);
    }
    buffer
}

/// A file to measure on.
#[derive(Clone)]
struct Bench {
    reactor: Reactor,
    file: File,
    length: u64,
    bytes: Rc<TailBuffer>,
    /// Where the next sequential operation goes.
    next: Rc<Cell<u64>>,
}

impl Bench {
    /// Writes all of the file once: a first write to preallocated blocks costs more than any later one.
    async fn fill(&self) -> io::Result<()> {
        for offset in (0..self.length).step_by(WRITE_MAX) {
            let length = (self.length - offset).min(WRITE_MAX as u64) as usize;
            self.file.write_at(self.bytes.slice(0..length), offset).await?;
        }
        self.file.sync_all().await
    }

    /// Operations per second.
    async fn rate(&self, work: Work, duration: Duration) -> io::Result<f64> {
        if !self.file.is_direct() {
            // Reads would come from memory; what was just written is clean.
            self.file.advise_dont_need(0..self.length).await?;
        }
        self.next.set(0);
        let begun = self.reactor.now_nanos();
        let end = begun + duration.as_nanos() as u64;
        let workers: Vec<_> = (0..work.depth)
            .map(|_| {
                let bench = self.clone();
                self.reactor.spawn(async move { bench.work(work, end).await })
            })
            .collect();
        let mut operations = 0;
        for worker in workers {
            operations += worker.await?;
        }
        if matches!(work.access, Access::Write) {
            self.file.sync_data().await?;
        }
        Ok(operations as f64 * 1e9 / (self.reactor.now_nanos() - begun).max(1) as f64)
    }

    async fn work(&self, work: Work, end: u64) -> io::Result<u64> {
        let mut operations = 0;
        let mut buffer = self.reactor.disk_buffer(work.block as usize);
        while self.reactor.now_nanos() < end {
            let offset = self.offset(work);
            match work.access {
                Access::Read => {
                    buffer.clear();
                    let (result, returned) = self.file.read_at(buffer, offset, work.block as usize).await;
                    result?;
                    buffer = returned;
                }
                Access::Write => self.file.write_at(self.some_bytes(work.block), offset).await?,
                Access::SyncedWrite => {
                    self.file.write_at_dsync(self.some_bytes(work.block), offset).await?;
                }
            }
            operations += 1;
        }
        Ok(operations)
    }

    fn offset(&self, work: Work) -> u64 {
        let blocks = self.length / work.block;
        let block = match work.order {
            Order::Sequential => self.next.replace(self.next.get() + 1),
            Order::Random => self.reactor.random_u64(),
        };
        block % blocks * work.block
    }

    fn some_bytes(&self, length: u64) -> bytes::Bytes {
        let places = (WRITE_MAX as u64 - length) / PAGE + 1;
        let start = (self.reactor.random_u64() % places * PAGE) as usize;
        self.bytes.slice(start..start + length as usize)
    }

    /// One commit after another: a write and its sync. The latencies of the smallest, in microseconds and sorted, and
    /// bytes per second by size.
    async fn commits(&self, first: Duration, each: Duration) -> io::Result<(Vec<u64>, Vec<(u64, f64)>)> {
        let mut latencies = Vec::new();
        let mut commits = Vec::new();
        for size in COMMITS.into_iter().filter(|size| *size <= self.length / 2) {
            let begun = self.reactor.now_nanos();
            let end = begun + if size == COMMITS[0] { first } else { each }.as_nanos() as u64;
            let work = Work { access: Access::Write, order: Order::Sequential, block: size, depth: 1 };
            let (mut now, mut count) = (begun, 0_u64);
            // A disk that is slower than its time still shows one.
            while now < end || count == 0 {
                self.file.write_at(self.some_bytes(size), self.offset(work)).await?;
                self.file.sync_data().await?;
                let done = self.reactor.now_nanos();
                if size == COMMITS[0] {
                    latencies.push((done - now) / 1_000);
                }
                (now, count) = (done, count + 1);
            }
            commits.push((size, (count * size) as f64 * 1e9 / (now - begun).max(1) as f64));
        }
        latencies.sort_unstable();
        Ok((latencies, commits))
    }
}

/// The value that a part of all are not above; `sorted` ascends.
fn quantile(sorted: &[u64], part: f64) -> u64 {
    let index = ((sorted.len() as f64 * part).ceil() as usize).max(1) - 1;
    sorted.get(index).or(sorted.last()).copied().unwrap_or(0)
}

/// The smallest commit that is nearly as fast as the fastest; `commits` ascend by size.
fn best_commit(commits: &[(u64, f64)]) -> u64 {
    let most = commits.iter().map(|(_, rate)| *rate).fold(0.0, f64::max);
    commits.iter().find(|(_, rate)| *rate >= most * ENOUGH).map_or(COMMITS[0], |(size, _)| *size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringlog_reactor::Options;

    #[test]
    fn the_best_commit_is_the_smallest_that_is_fast_enough() {
        let kib = |size: u64| size << 10;
        let commits = [(kib(4), 60.0), (kib(64), 500.0), (kib(256), 820.0), (kib(1024), 1000.0)];
        assert_eq!(best_commit(&commits), kib(256));
        assert_eq!(best_commit(&commits[..1]), kib(4));
        assert_eq!(best_commit(&[]), kib(4));
    }

    #[test]
    fn quantiles_are_values_that_occurred() {
        let sorted: Vec<u64> = (1..=100).collect();
        assert_eq!((quantile(&sorted, 0.5), quantile(&sorted, 0.99), quantile(&sorted, 1.0)), (50, 99, 100));
        assert_eq!((quantile(&[7], 0.5), quantile(&[7], 0.99), quantile(&[], 0.5)), (7, 7, 0));
    }

    #[test]
    fn a_disk_is_measured_and_nothing_is_left_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let profile = ringlog_reactor::run(Options::default(), |reactor| async move {
            measure(&reactor, &path, Duration::from_millis(200), |_| ()).await
        });
        let profile = profile.unwrap().unwrap();
        assert!(profile.write_bytes_per_second > 0 && profile.read_bytes_per_second > 0, "{profile:?}");
        assert!(profile.random_reads_per_second > 0 && profile.synced_writes_per_second > 0, "{profile:?}");
        assert!(
            profile.commit_us_p50 <= profile.commit_us_p99 && profile.commit_bytes >= 4096,
            "{profile:?}"
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
