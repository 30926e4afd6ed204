//! Counters and latencies. Each generator thread has its own and hands them over once a second; they are added up where
//! nothing is being measured.

use hdrhistogram::Histogram;
use std::collections::BTreeMap;

/// Latencies in nanoseconds.
pub(crate) type Latencies = Histogram<u64>;

/// Shorter times are counted as this: nothing over a socket is as fast.
const SHORTEST_NANOS: u64 = 100;
/// Longer times are counted as this: ten minutes.
const LONGEST_NANOS: u64 = 600_000_000_000;

pub(crate) fn latencies() -> Latencies {
    Histogram::new_with_bounds(SHORTEST_NANOS, LONGEST_NANOS, 3)
        .expect("constant bounds that the crate accepts")
}

/// One direction's work.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    pub(crate) records: u64,
    /// Keys and values.
    pub(crate) bytes: u64,
    pub(crate) requests: u64,
    pub(crate) errors: u64,
    pub(crate) latencies: Latencies,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally { records: 0, bytes: 0, requests: 0, errors: 0, latencies: latencies() }
    }
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Tally) {
        self.records += other.records;
        self.bytes += other.bytes;
        self.requests += other.requests;
        self.errors += other.errors;
        self.latencies += &other.latencies;
    }
}

/// What one thread did in a second, or all threads in a run.
#[derive(Clone, Debug)]
pub(crate) struct Interval {
    pub(crate) produced: Tally,
    pub(crate) consumed: Tally,
    /// From the intended send time to the reader's hands.
    pub(crate) end_to_end: Latencies,
    /// Times that producers and consumers opened their connections anew, or one of many was.
    pub(crate) reconnects: u64,
    /// Records that idempotent producers sent again.
    pub(crate) resent: u64,
    /// Refusals by their text, a few kinds at most.
    pub(crate) refusals: BTreeMap<String, u64>,
}

/// Kinds of refusals that are told apart.
const REFUSALS_MAX: usize = 16;

impl Default for Interval {
    fn default() -> Interval {
        Interval {
            produced: Tally::default(),
            consumed: Tally::default(),
            end_to_end: latencies(),
            reconnects: 0,
            resent: 0,
            refusals: BTreeMap::new(),
        }
    }
}

impl Interval {
    pub(crate) fn add(&mut self, other: &Interval) {
        self.produced.add(&other.produced);
        self.consumed.add(&other.consumed);
        self.end_to_end += &other.end_to_end;
        self.reconnects += other.reconnects;
        self.resent += other.resent;
        for (text, count) in &other.refusals {
            self.refused(text, *count);
        }
    }

    pub(crate) fn refused(&mut self, text: &str, count: u64) {
        if let Some(known) = self.refusals.get_mut(text) {
            *known += count;
        } else if self.refusals.len() < REFUSALS_MAX {
            self.refusals.insert(text.to_owned(), count);
        }
    }

    pub(crate) fn errors(&self) -> u64 {
        self.produced.errors + self.consumed.errors
    }
}

/// Counts `records` that took from `intended` until `now`.
pub(crate) fn record(latencies: &mut Latencies, intended: u64, now: u64, records: u64) {
    let nanos = now.saturating_sub(intended).clamp(SHORTEST_NANOS, LONGEST_NANOS);
    latencies.saturating_record_n(nanos, records);
}

/// A percentile in microseconds; 0 without any latencies.
pub(crate) fn micros(latencies: &Latencies, percentile: f64) -> f64 {
    if latencies.is_empty() {
        return 0.0;
    }
    (latencies.value_at_percentile(percentile) as f64 / 100.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_add_up() {
        let mut total = Interval::default();
        for thread in 0..3u64 {
            let mut interval = Interval::default();
            interval.produced.records = 10;
            record(&mut interval.produced.latencies, 1_000, 1_000 + 1_000_000 * (thread + 1), 10);
            interval.refused("no", 2);
            total.add(&interval);
        }
        assert_eq!(total.produced.records, 30);
        assert_eq!(total.produced.latencies.len(), 30);
        assert_eq!(total.refusals["no"], 6);
        let p50 = micros(&total.produced.latencies, 50.0);
        assert!((p50 - 2_000.0).abs() < 5.0, "{p50}");
        assert_eq!(micros(&latencies(), 99.0), 0.0);
    }

    #[test]
    fn impossible_times_are_counted_at_the_bounds() {
        let mut counted = latencies();
        record(&mut counted, 10, 5, 1);
        record(&mut counted, 0, u64::MAX, 1);
        assert_eq!(counted.len(), 2);
    }
}
