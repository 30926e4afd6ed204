//! The clocks of one simulated host: each runs a little fast or slow, from its own start, and the wall clock is
//! nobody's true time.

use std::time::Duration;

use super::random::Random;

/// 2026-01-01 00:00 UTC, when every simulation begins.
const WALL_START_MILLIS: i64 = 1_767_225_600_000;
/// How far apart the wall clocks of two hosts may start.
const WALL_SKEW_MILLIS_MAX: u64 = 500;
/// Rate error of a bad quartz: 200 parts per million.
const DRIFT_PPM_MAX: u64 = 200;
const MILLION: i128 = 1_000_000;

/// Maps the simulation's true time (nanoseconds since its start) to what a host's clocks show.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    monotonic_start: u64,
    booted_at: u64,
    drift_ppm: i64,
    wall_offset_millis: i64,
}

impl Clock {
    pub(crate) fn new(random: &mut Random, now: u64) -> Clock {
        let drift_ppm = random.below(2 * DRIFT_PPM_MAX + 1) as i64 - DRIFT_PPM_MAX as i64;
        let wall_offset_millis = random.below(2 * WALL_SKEW_MILLIS_MAX) as i64 - WALL_SKEW_MILLIS_MAX as i64;
        let mut clock = Clock { monotonic_start: 0, booted_at: now, drift_ppm, wall_offset_millis };
        clock.boot(random, now);
        clock
    }

    /// The machine starts: its monotonic clock begins anew, the wall clock is kept by the board.
    pub(crate) fn boot(&mut self, random: &mut Random, now: u64) {
        self.booted_at = now;
        self.monotonic_start = random.between(1_000_000_000, 100_000_000_000);
    }

    /// Monotonic nanoseconds shown at true time `now`.
    pub(crate) fn monotonic(&self, now: u64) -> u64 {
        self.monotonic_start + self.scaled(now.saturating_sub(self.booted_at))
    }

    /// The earliest true time at which the monotonic clock shows at least `shown`.
    pub(crate) fn true_time_of(&self, shown: u64) -> u64 {
        let elapsed = i128::from(shown.saturating_sub(self.monotonic_start));
        let estimate = (elapsed * MILLION / (MILLION + i128::from(self.drift_ppm))) as u64;
        let mut now = self.booted_at.saturating_add(estimate.saturating_sub(2));
        while self.monotonic(now) < shown {
            now += 1;
        }
        now
    }

    /// Wall clock milliseconds shown at true time `now`.
    pub(crate) fn wall_millis(&self, now: u64) -> i64 {
        WALL_START_MILLIS + self.wall_offset_millis + (self.scaled(now) / 1_000_000) as i64
    }

    /// Somebody sets the wall clock.
    pub(crate) fn step_wall(&mut self, by: Duration, forward: bool) {
        let millis = by.as_millis() as i64;
        self.wall_offset_millis += if forward { millis } else { -millis };
    }

    fn scaled(&self, nanos: u64) -> u64 {
        (i128::from(nanos) * (MILLION + i128::from(self.drift_ppm)) / MILLION) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_reached_at_its_true_time_and_not_before() {
        for seed in 0..200 {
            let mut random = Random::new(seed);
            let now = random.below(1_000_000_000);
            let clock = Clock::new(&mut random, now);
            let shown = clock.monotonic(now) + random.between(1, 60_000_000_000);
            let due = clock.true_time_of(shown);
            assert!(clock.monotonic(due) >= shown);
            assert!(clock.monotonic(due - 1) < shown);
        }
    }

    #[test]
    fn the_wall_clock_may_go_back_and_the_monotonic_one_never() {
        let mut clock = Clock::new(&mut Random::new(1), 0);
        let (wall, monotonic) = (clock.wall_millis(5), clock.monotonic(5));
        clock.step_wall(Duration::from_secs(3), false);
        assert_eq!(clock.wall_millis(5), wall - 3000);
        assert_eq!(clock.monotonic(5), monotonic);
    }
}
