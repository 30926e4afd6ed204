//! What a run came to: the JSON that scripts read. Fields are added, never renamed or removed.

use super::settings::{Protocol, Settings};
use super::statistics::{Interval, Latencies, Tally, micros};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The form of the file.
pub(crate) const FORMAT: u32 = 1;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) format: u32,
    pub(crate) version: String,
    /// For people, in tables and reports.
    pub(crate) name: String,
    pub(crate) command: String,
    pub(crate) protocol: Protocol,
    pub(crate) brokers: String,
    /// UTC, as in RFC 3339.
    pub(crate) started: String,
    pub(crate) machine: Machine,
    /// Measured, warm-up excluded.
    pub(crate) seconds: f64,
    pub(crate) records: u64,
    /// Keys and values.
    pub(crate) bytes: u64,
    pub(crate) requests: u64,
    pub(crate) records_per_s: f64,
    pub(crate) mb_per_s: f64,
    #[serde(flatten)]
    pub(crate) latency: Percentiles,
    pub(crate) errors: u64,
    pub(crate) lost: u64,
    pub(crate) reordered: u64,
    pub(crate) duplicated: u64,
    pub(crate) damaged: u64,
    pub(crate) client_cpu_s: f64,
    pub(crate) client_cpu_s_per_gb: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) server_cpu_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) server_cpu_s_per_gb: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) server_rss_mib: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) produce: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) consume: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_to_end: Option<Percentiles>,
    /// The highest rate whose p99 stayed under the bound, where one was searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rate_found: Option<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) steps: Vec<Step>,
    /// Times that producers and consumers opened their connections anew, or one of many was.
    #[serde(default)]
    pub(crate) reconnects: u64,
    /// Records that idempotent producers sent again.
    #[serde(default)]
    pub(crate) resent: u64,
    pub(crate) refusals: BTreeMap<String, u64>,
    /// Why the run failed; empty if it did not.
    pub(crate) failures: Vec<String>,
    pub(crate) was_interrupted: bool,
    pub(crate) series: Vec<Second>,
    /// Percentile and microseconds.
    pub(crate) distribution: Vec<(f64, f64)>,
    pub(crate) settings: Settings,
}

/// Latencies in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Percentiles {
    pub(crate) mean_us: f64,
    pub(crate) p50_us: f64,
    pub(crate) p90_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) p999_us: f64,
    pub(crate) p9999_us: f64,
    pub(crate) max_us: f64,
}

/// Producers or consumers by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Side {
    pub(crate) records: u64,
    pub(crate) bytes: u64,
    pub(crate) requests: u64,
    pub(crate) records_per_s: f64,
    pub(crate) mb_per_s: f64,
    pub(crate) errors: u64,
    #[serde(flatten)]
    pub(crate) latency: Percentiles,
}

/// One second of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Second {
    /// From the start of the measurement.
    pub(crate) second: u64,
    pub(crate) produced_records: u64,
    pub(crate) produced_mb: f64,
    pub(crate) consumed_records: u64,
    pub(crate) consumed_mb: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) p999_us: f64,
    pub(crate) errors: u64,
    /// Processors' worth of time.
    pub(crate) client_cpu: f64,
    pub(crate) server_cpu: Option<f64>,
}

/// One step of the search for a rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) rate: f64,
    pub(crate) achieved: f64,
    pub(crate) p99_us: f64,
    pub(crate) held: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) kernel: String,
    pub(crate) processor: String,
    pub(crate) processors: usize,
    pub(crate) memory_mib: u64,
}

impl Percentiles {
    pub(crate) fn of(latencies: &Latencies) -> Percentiles {
        if latencies.is_empty() {
            return Percentiles::default();
        }
        Percentiles {
            mean_us: tenth(latencies.mean() / 1e3),
            p50_us: micros(latencies, 50.0),
            p90_us: micros(latencies, 90.0),
            p99_us: micros(latencies, 99.0),
            p999_us: micros(latencies, 99.9),
            p9999_us: micros(latencies, 99.99),
            max_us: tenth(latencies.max() as f64 / 1e3),
        }
    }
}

impl Side {
    pub(crate) fn of(tally: &Tally, seconds: f64) -> Side {
        Side {
            records: tally.records,
            bytes: tally.bytes,
            requests: tally.requests,
            records_per_s: tenth(tally.records as f64 / seconds),
            mb_per_s: thousandth(tally.bytes as f64 / 1e6 / seconds),
            errors: tally.errors,
            latency: Percentiles::of(&tally.latencies),
        }
    }
}

impl Second {
    pub(crate) fn of(second: u64, interval: &Interval) -> Second {
        let latencies = leading(interval);
        Second {
            second,
            produced_records: interval.produced.records,
            produced_mb: thousandth(interval.produced.bytes as f64 / 1e6),
            consumed_records: interval.consumed.records,
            consumed_mb: thousandth(interval.consumed.bytes as f64 / 1e6),
            p50_us: micros(latencies, 50.0),
            p99_us: micros(latencies, 99.0),
            p999_us: micros(latencies, 99.9),
            errors: interval.errors(),
            client_cpu: 0.0,
            server_cpu: None,
        }
    }
}

/// The latencies that a run is about: end to end if there are any, else those of producing, else those of reading.
pub(crate) fn leading(interval: &Interval) -> &Latencies {
    if !interval.end_to_end.is_empty() {
        &interval.end_to_end
    } else if !interval.produced.latencies.is_empty() {
        &interval.produced.latencies
    } else {
        &interval.consumed.latencies
    }
}

/// Enough points to draw the distribution up to its last nines.
pub(crate) fn distribution(latencies: &Latencies) -> Vec<(f64, f64)> {
    if latencies.is_empty() {
        return Vec::new();
    }
    let mut percentiles: Vec<f64> = (0..100).map(f64::from).collect();
    for nines in 2..=6 {
        let step = 10f64.powi(-nines + 1);
        percentiles.extend((0..9).map(|tenth| 100.0 - step * f64::from(10 - tenth)));
    }
    percentiles.push(100.0);
    percentiles.sort_by(f64::total_cmp);
    percentiles.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
    percentiles
        .into_iter()
        .map(|percentile| (round(percentile, 1e7), micros(latencies, percentile)))
        .collect()
}

pub(crate) fn tenth(value: f64) -> f64 {
    round(value, 1e1)
}

pub(crate) fn thousandth(value: f64) -> f64 {
    round(value, 1e3)
}

fn round(value: f64, parts: f64) -> f64 {
    if value.is_finite() { (value * parts).round() / parts } else { 0.0 }
}

impl Machine {
    pub(crate) fn this() -> Machine {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let line = |text: &str, name: &str| {
            let found = text.lines().find(|line| line.starts_with(name));
            found
                .and_then(|line| line.split_once(':'))
                .map(|(_, value)| value.trim().to_owned())
                .unwrap_or_default()
        };
        let memory = line(&read("/proc/meminfo"), "MemTotal");
        let kibibytes: u64 =
            memory.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0);
        Machine {
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            processor: line(&read("/proc/cpuinfo"), "model name"),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mib: kibibytes / 1024,
        }
    }
}

/// The wall clock as in RFC 3339, by the civil calendar (Hinnant's algorithm).
pub(crate) fn timestamp(unix_seconds: u64) -> String {
    let (days, rest) = ((unix_seconds / 86_400) as i64, unix_seconds % 86_400);
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::statistics::{latencies, record};

    #[test]
    fn times_are_written_by_the_calendar() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(timestamp(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(timestamp(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(timestamp(1_767_225_599), "2025-12-31T23:59:59Z");
    }

    #[test]
    fn a_distribution_rises_to_its_maximum() {
        let mut counted = latencies();
        (1..=10_000u64).for_each(|micros| record(&mut counted, 0, micros * 1000, 1));
        let points = distribution(&counted);
        assert!(points.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1));
        assert_eq!(points.last().unwrap().0, 100.0);
        let middle = points.iter().find(|point| point.0 == 50.0).unwrap().1;
        assert!((middle - 5000.0).abs() < 10.0, "{middle}");
        assert!(distribution(&latencies()).is_empty());
    }
}
