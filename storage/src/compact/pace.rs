//! How fast a compaction goes. Pure.
//!
//! ```text
//!                     works               rests, by what the work took
//! nobody waits        at once             as long: half of the time is its own
//! commits go on       on idle processors  seven times as long: an eighth, and never less than 4 MiB/s of work
//! out of patience     at once             as long
//! ```
//! Work on idle processors that had to wait for long for one is followed by a piece that does not wait.

use crate::read_pace::COMMITS_GO_ON;
use std::time::Duration;

const REST: u64 = 1;
const REST_BESIDE_COMMITS: u64 = 7;
/// The longest rest where nobody waits, so that a slow disk makes a compaction slow and not endless.
const REST_MAX: u64 = 20_000_000;
/// The same beside commits, for each byte moved: 4 MiB/s.
const REST_BESIDE_COMMITS_MAX_PER_BYTE: u64 = 238;
/// When a piece had to wait so long for a processor, the next one does not give way.
const STARVED: u64 = 50_000_000;

/// See the module.
#[derive(Debug)]
pub(super) struct Pace {
    /// Bytes read and written per second; 0 is without bound.
    bytes_per_second: u64,
    /// From when on it goes on as if nobody waited for commits, monotonic (ns).
    patient_upto: u64,
    starved: bool,
}

impl Pace {
    pub(super) fn new(bytes_per_second: u64, patient_upto: u64) -> Pace {
        Pace { bytes_per_second, patient_upto, starved: false }
    }

    /// Whether work may wait until the processors are idle, when the last commit that somebody waited for was `since_commit`
    /// nanoseconds ago.
    pub(super) fn gives_way(&self, now: u64, since_commit: u64) -> bool {
        !self.starved && self.is_beside_commits(now, since_commit)
    }

    /// Work off the shard took so many nanoseconds, its wait for a processor included.
    pub(super) fn worked(&mut self, gave_way: bool, nanos: u64) {
        self.starved = gave_way && nanos > STARVED;
    }

    /// What to rest after a piece of work that moved `bytes` and took so many nanoseconds.
    pub(super) fn rest(&self, bytes: u64, took: u64, now: u64, since_commit: u64) -> Duration {
        let (times, most) = if self.is_beside_commits(now, since_commit) {
            (REST_BESIDE_COMMITS, bytes.saturating_mul(REST_BESIDE_COMMITS_MAX_PER_BYTE))
        } else {
            (REST, REST_MAX)
        };
        let due = match self.bytes_per_second {
            0 => 0,
            rate => (u128::from(bytes) * 1_000_000_000 / u128::from(rate)) as u64,
        };
        Duration::from_nanos(due.saturating_sub(took).max(took.saturating_mul(times).min(most)))
    }

    fn is_beside_commits(&self, now: u64, since_commit: u64) -> bool {
        since_commit < COMMITS_GO_ON && now < self.patient_upto
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG_AGO: u64 = u64::MAX;
    const STEP: u64 = 256 << 10;

    fn millis(millis: u64) -> u64 {
        millis * 1_000_000
    }

    #[test]
    fn beside_commits_it_uses_an_eighth_of_the_time_else_half() {
        let pace = Pace::new(0, millis(1_000));
        assert_eq!(pace.rest(STEP, millis(3), 0, LONG_AGO), Duration::from_millis(3));
        assert_eq!(pace.rest(STEP, millis(3), 0, millis(1)), Duration::from_millis(21));
        assert!(pace.gives_way(0, millis(1)) && !pace.gives_way(0, LONG_AGO));
    }

    #[test]
    fn it_comes_to_an_end_of_its_patience() {
        let pace = Pace::new(0, millis(1_000));
        assert_eq!(pace.rest(STEP, millis(3), millis(1_000), millis(1)), Duration::from_millis(3));
        assert!(!pace.gives_way(millis(1_000), millis(1)));
    }

    #[test]
    fn a_slow_disk_does_not_stop_it() {
        let pace = Pace::new(0, millis(1_000));
        assert_eq!(pace.rest(STEP, millis(5_000), 0, LONG_AGO), Duration::from_millis(20));
        let rest = pace.rest(STEP, millis(5_000), 0, millis(1));
        assert_eq!(rest.as_millis(), 62, "a quarter of a MiB at 4 MiB/s");
    }

    #[test]
    fn the_bound_on_bytes_holds_whoever_waits() {
        for patient_upto in [0, u64::MAX] {
            let pace = Pace::new(1_000, patient_upto);
            assert_eq!(pace.rest(100, millis(1), 0, millis(1)), Duration::from_millis(99));
        }
    }

    #[test]
    fn who_was_starved_does_not_give_way_once() {
        let mut pace = Pace::new(0, u64::MAX);
        pace.worked(true, millis(60));
        assert!(!pace.gives_way(0, 0));
        pace.worked(false, millis(60));
        assert!(pace.gives_way(0, 0), "it is tried again");
        pace.worked(true, millis(1));
        assert!(pace.gives_way(0, 0));
    }
}
