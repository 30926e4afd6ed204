//! What was measured, against what was promised, as a Markdown table.

use std::fmt::{Display, Write};

/// The lines of all steps.
#[derive(Default)]
pub(crate) struct Report {
    lines: Vec<Line>,
}

struct Line {
    what: String,
    measured: String,
    target: String,
    verdict: &'static str,
}

impl Report {
    /// A figure without a promise.
    pub(crate) fn tell(&mut self, what: impl Into<String>, measured: impl Display) {
        self.push(what.into(), measured.to_string(), String::new(), "");
    }

    /// A figure that is to be below `bound`.
    pub(crate) fn below(&mut self, what: impl Into<String>, measured: f64, bound: f64, unit: &str) {
        let verdict = if measured < bound { "met" } else { "**missed**" };
        self.push(what.into(), shown(measured, unit), format!("< {}", shown(bound, unit)), verdict);
    }

    /// A number that is to be exactly `wanted`.
    pub(crate) fn exactly(&mut self, what: impl Into<String>, measured: usize, wanted: usize) {
        let verdict = if measured == wanted { "met" } else { "**missed**" };
        self.push(what.into(), measured.to_string(), wanted.to_string(), verdict);
    }

    fn push(&mut self, what: String, measured: String, target: String, verdict: &'static str) {
        println!("  {what}: {measured} {}", if verdict.is_empty() { "" } else { verdict });
        self.lines.push(Line { what, measured, target, verdict });
    }

    /// The table.
    pub(crate) fn table(&self) -> String {
        let mut text = "| what | measured | target | |\n|---|---|---|---|\n".to_owned();
        for Line { what, measured, target, verdict } in &self.lines {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "| {what} | {measured} | {target} | {verdict} |");
        }
        text
    }

    /// Whether every promise was kept.
    pub(crate) fn is_good(&self) -> bool {
        self.lines.iter().all(|line| !line.verdict.contains("missed"))
    }
}

fn shown(value: f64, unit: &str) -> String {
    let digits = match value.abs() {
        value if value >= 100.0 || value == value.trunc() => 0,
        value if value >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.digits$} {unit}")
}

/// Latencies, to be asked for their quantiles.
#[derive(Default)]
pub(crate) struct Latencies(Vec<u64>);

impl Latencies {
    pub(crate) fn record(&mut self, nanos: u64) {
        self.0.push(nanos);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// In milliseconds.
    pub(crate) fn quantile(&mut self, share: f64) -> f64 {
        self.0.sort_unstable();
        let place = (self.0.len() as f64 * share) as usize;
        self.0.get(place.min(self.0.len().saturating_sub(1))).map_or(0.0, |nanos| *nanos as f64 / 1e6)
    }
}

/// The middle one of some values.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        length if length % 2 == 1 => sorted[length / 2],
        length => (sorted[length / 2 - 1] + sorted[length / 2]) / 2.0,
    }
}
