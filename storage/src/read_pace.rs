//! How fast readers that catch up may read while others wait for small commits. Pure.
//!
//! ```text
//!   reads     [====]          [====]          [====]         each is followed by as long a rest as it takes alone
//!   commits  x    x   x   x  x    x  x   x  x
//! ```
//! A disk that readers saturate lets a small commit wait for tens of milliseconds, whatever the queue is: so beside such
//! commits readers leave it half of its time. How long a read takes is measured on the reads that go at this pace: a disk that
//! slows down is read less. Beside large commits nobody gives way: they are after throughput as well, and readers at
//! a fixed share might never reach the end.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Small commits go on as long as the last one was not longer ago than this, nanoseconds.
pub(crate) const COMMITS_GO_ON: u64 = 100_000_000;
/// Time that a read takes up, in times of what it takes alone.
const SHARE: u64 = 2;
/// Nanoseconds that a block of 4,096 bytes takes until one was measured, and the bounds of what is believed: 1 GB/s; 8 GB/s
/// and 20 MB/s.
const PER_BLOCK: u64 = 4_096;
const PER_BLOCK_MIN: u64 = 512;
const PER_BLOCK_MAX: u64 = 204_800;
/// Part of a new measurement in the next estimate.
const WEIGHT: u64 = 8;

/// What all shards know of the reads and small commits of a directory.
#[derive(Debug)]
pub(crate) struct ReadPace {
    last_commit: AtomicU64,
    /// When the next read may begin.
    free_from: AtomicU64,
    /// Nanoseconds for a block.
    per_block: AtomicU64,
}

impl Default for ReadPace {
    fn default() -> ReadPace {
        ReadPace {
            last_commit: AtomicU64::new(0),
            free_from: AtomicU64::new(0),
            per_block: AtomicU64::new(PER_BLOCK),
        }
    }
}

impl ReadPace {
    /// Somebody began to wait for a small commit.
    pub(crate) fn commit(&self, now: u64) {
        self.last_commit.store(now, Relaxed);
    }

    /// When a read of so many blocks may begin; `None` if nobody is in its way.
    pub(crate) fn turn(&self, now: u64, blocks: u64) -> Option<u64> {
        let last = self.last_commit.load(Relaxed);
        if last == 0 || now.saturating_sub(last) > COMMITS_GO_ON {
            return None;
        }
        let takes = blocks.saturating_mul(SHARE * self.per_block.load(Relaxed));
        let next = |free_from: u64| Some(free_from.max(now).saturating_add(takes));
        let before = self.free_from.fetch_update(Relaxed, Relaxed, next).unwrap_or(now);
        Some(before.max(now))
    }

    /// A read that had its turn took so long.
    pub(crate) fn took(&self, blocks: u64, nanos: u64) {
        let found = (nanos / blocks.max(1)).clamp(PER_BLOCK_MIN, PER_BLOCK_MAX);
        let known = self.per_block.load(Relaxed);
        self.per_block.store((known * (WEIGHT - 1) + found) / WEIGHT, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;
    const BLOCKS: u64 = 128;

    /// Starts of reads one after another, each of which takes `nanos`.
    fn starts(pace: &ReadPace, from: u64, nanos: u64, count: usize) -> Vec<u64> {
        let mut now = from;
        let mut starts = Vec::new();
        for _ in 0..count {
            pace.commit(now);
            let start = pace.turn(now, BLOCKS).unwrap();
            pace.took(BLOCKS, nanos);
            starts.push(start);
            now = start + nanos;
        }
        starts
    }

    #[test]
    fn without_commits_nobody_waits() {
        let pace = ReadPace::default();
        assert_eq!(pace.turn(SECOND, BLOCKS), None);
        pace.commit(SECOND);
        assert_eq!(pace.turn(SECOND, BLOCKS), Some(SECOND));
        assert_eq!(pace.turn(SECOND + COMMITS_GO_ON + 1, BLOCKS), None);
    }

    #[test]
    fn beside_commits_reads_take_half_of_the_time_however_fast_the_disk_is() {
        for nanos in [200_000, 400_000, 3_000_000] {
            let starts = starts(&ReadPace::default(), SECOND, nanos, 200);
            let steady = &starts[100..];
            for pair in steady.windows(2) {
                let distance = pair[1] - pair[0];
                assert!(distance.abs_diff(2 * nanos) <= nanos / 50, "{distance} for reads of {nanos}");
            }
        }
    }

    #[test]
    fn reads_that_come_together_are_spread() {
        let pace = ReadPace::default();
        pace.commit(SECOND);
        let turns: Vec<_> = (0..4).map(|_| pace.turn(SECOND, BLOCKS).unwrap() - SECOND).collect();
        let apart = SHARE * PER_BLOCK * BLOCKS;
        assert_eq!(turns, [0, apart, 2 * apart, 3 * apart]);
    }

    #[test]
    fn one_stall_does_not_stop_the_readers() {
        let pace = ReadPace::default();
        pace.took(BLOCKS, 60 * SECOND);
        pace.commit(SECOND);
        pace.turn(SECOND, BLOCKS);
        let next = pace.turn(SECOND, BLOCKS).unwrap() - SECOND;
        assert!(next < SECOND / 100, "{next} ns");
    }
}
