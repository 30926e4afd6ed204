//! Prometheus' text form.

use ringlog_reactor::metrics::{BUCKETS, Description, Histogram, Metrics, Reading, Unit};
use std::{collections::BTreeMap, fmt::Write};

/// Whether series are told apart by shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShardLabels {
    /// One series for each shard.
    Each,
    /// The shards' numbers are added up.
    Sum,
}

/// What is reported, by metric and series. Numbers of the same series are added up.
#[derive(Debug)]
pub(crate) struct Exposition {
    shard_labels: ShardLabels,
    families: BTreeMap<&'static str, Family>,
}

#[derive(Debug)]
struct Family {
    help: &'static str,
    kind: &'static str,
    series: BTreeMap<String, Value>,
}

#[derive(Debug)]
enum Value {
    Number(u64),
    /// Microseconds, reported in seconds.
    Seconds(u64),
    Spread(Box<Spread>),
}

/// Merged histograms.
#[derive(Debug)]
struct Spread {
    buckets: [u64; BUCKETS],
    sum: u64,
    unit: Unit,
}

impl Exposition {
    pub(crate) fn new(shard_labels: ShardLabels) -> Exposition {
        Exposition { shard_labels, families: BTreeMap::new() }
    }

    /// Adds all metrics of a table.
    pub(crate) fn table(&mut self, table: &dyn Metrics, labels: &[(&str, &str)]) {
        table.visit(&mut |description, reading| self.reading(description, reading, labels));
    }

    /// Adds one reading.
    pub(crate) fn reading(
        &mut self,
        description: Description,
        reading: Reading<'_>,
        labels: &[(&str, &str)],
    ) {
        match reading {
            Reading::Counter(counter) => self.counter(description, labels, counter.get()),
            Reading::Gauge(gauge) => self.gauge(description, labels, gauge.get()),
            Reading::Histogram(histogram, unit) => self.histogram(description, labels, histogram, unit),
        }
    }

    /// Adds a number that only grows.
    pub(crate) fn counter(&mut self, description: Description, labels: &[(&str, &str)], value: u64) {
        self.add(description, "counter", labels, Value::Number(value));
    }

    /// Adds a number that goes both ways.
    pub(crate) fn gauge(&mut self, description: Description, labels: &[(&str, &str)], value: u64) {
        self.add(description, "gauge", labels, Value::Number(value));
    }

    /// Adds a time in microseconds that only grows.
    pub(crate) fn counter_micros(&mut self, description: Description, labels: &[(&str, &str)], micros: u64) {
        self.add(description, "counter", labels, Value::Seconds(micros));
    }

    fn histogram(
        &mut self,
        description: Description,
        labels: &[(&str, &str)],
        histogram: &Histogram,
        unit: Unit,
    ) {
        let mut spread = Spread { buckets: [0; BUCKETS], sum: histogram.sum(), unit };
        histogram.add_to(&mut spread.buckets);
        self.add(description, "histogram", labels, Value::Spread(Box::new(spread)));
    }

    fn add(&mut self, description: Description, kind: &'static str, labels: &[(&str, &str)], value: Value) {
        let keep = |label: &&(&str, &str)| self.shard_labels == ShardLabels::Each || label.0 != "shard";
        let labels = labels.iter().filter(keep).fold(String::new(), |mut text, (name, value)| {
            let comma = if text.is_empty() { "" } else { "," };
            // Writing to a String cannot fail.
            let _ = write!(text, "{comma}{name}=\"{}\"", escaped(value));
            text
        });
        let family = self.families.entry(description.name).or_insert_with(|| Family {
            help: description.help,
            kind,
            series: BTreeMap::new(),
        });
        match family.series.entry(labels) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(value);
            }
            std::collections::btree_map::Entry::Occupied(mut there) => there.get_mut().merge(&value),
        }
    }

    /// The text.
    pub(crate) fn render(&self) -> String {
        let mut text = String::with_capacity(64 << 10);
        for (name, family) in &self.families {
            let _ = writeln!(text, "# HELP {name} {}", family.help);
            let _ = writeln!(text, "# TYPE {name} {}", family.kind);
            for (labels, value) in &family.series {
                value.render(&mut text, name, labels);
            }
        }
        text
    }

    /// The names of all metrics.
    #[cfg(test)]
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.families.keys().copied().collect()
    }
}

impl Value {
    fn merge(&mut self, other: &Value) {
        match (self, other) {
            (Value::Number(all), Value::Number(more)) | (Value::Seconds(all), Value::Seconds(more)) => {
                *all = all.wrapping_add(*more);
            }
            (Value::Spread(all), Value::Spread(more)) => {
                all.sum = all.sum.wrapping_add(more.sum);
                all.buckets.iter_mut().zip(&more.buckets).for_each(|(all, more)| *all += more);
            }
            _ => debug_assert!(false, "a metric has one kind"),
        }
    }

    fn render(&self, text: &mut String, name: &str, labels: &str) {
        let set = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
        let _ = match self {
            Value::Number(number) => writeln!(text, "{name}{set} {number}"),
            Value::Seconds(micros) => writeln!(text, "{name}{set} {}", seconds(*micros)),
            Value::Spread(spread) => {
                spread.render(text, name, labels, &set);
                Ok(())
            }
        };
    }
}

impl Spread {
    fn render(&self, text: &mut String, name: &str, labels: &str, set: &str) {
        let comma = if labels.is_empty() { "" } else { "," };
        // Every power of two for time; every other one of the wider ranges.
        let (first, last, step) = match self.unit {
            Unit::Seconds => (4, 26, 1),
            Unit::Bytes => (8, 28, 2),
            Unit::Things => (0, 14, 1),
        };
        let mut upto = 0;
        let mut count = 0;
        for power in (first..=last).step_by(step) {
            let bound = 1 << power;
            while upto < BUCKETS && Histogram::upper_bound(upto) <= bound {
                count += self.buckets[upto];
                upto += 1;
            }
            let shown = self.shown(bound);
            let _ = writeln!(text, "{name}_bucket{{{labels}{comma}le=\"{shown}\"}} {count}");
        }
        let all: u64 = self.buckets.iter().sum();
        let _ = writeln!(text, "{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {all}");
        let _ = writeln!(text, "{name}_sum{set} {}", self.shown(self.sum));
        let _ = writeln!(text, "{name}_count{set} {all}");
    }

    fn shown(&self, value: u64) -> String {
        if self.unit == Unit::Seconds { seconds(value) } else { value.to_string() }
    }
}

/// Microseconds as seconds, exactly.
fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEALS: Description = Description { name: "meals_total", help: "Meals cooked." };
    const COOKING: Description = Description { name: "cooking_seconds", help: "How long a meal takes." };

    #[test]
    fn shards_are_series_of_their_own_or_one_sum() {
        for (labels, expected) in [
            (ShardLabels::Each, "meals_total{shard=\"0\"} 2\nmeals_total{shard=\"1\"} 3\n"),
            (ShardLabels::Sum, "meals_total 5\n"),
        ] {
            let mut exposition = Exposition::new(labels);
            exposition.counter(MEALS, &[("shard", "0")], 2);
            exposition.counter(MEALS, &[("shard", "1")], 3);
            let head = "# HELP meals_total Meals cooked.\n# TYPE meals_total counter\n";
            assert_eq!(exposition.render(), format!("{head}{expected}"));
        }
    }

    #[test]
    fn a_histogram_has_cumulative_buckets_in_seconds() {
        let histogram = Histogram::default();
        [10, 17, 1_000, 1 << 40].into_iter().for_each(|micros| histogram.record(micros));
        let mut exposition = Exposition::new(ShardLabels::Each);
        exposition.histogram(COOKING, &[("api", "a\"b")], &histogram, Unit::Seconds);
        let text = exposition.render();
        assert!(text.contains("# TYPE cooking_seconds histogram\n"));
        assert!(text.contains("cooking_seconds_bucket{api=\"a\\\"b\",le=\"0.000016\"} 1\n"), "{text}");
        assert!(text.contains("le=\"0.000032\"} 2\n"));
        assert!(text.contains("le=\"0.001024\"} 3\n"));
        assert!(text.contains("le=\"67.108864\"} 3\n"));
        assert!(text.contains("le=\"+Inf\"} 4\n"));
        assert!(text.contains("cooking_seconds_count{api=\"a\\\"b\"} 4\n"));
    }

    #[test]
    fn seconds_are_written_exactly() {
        let shown: Vec<_> = [0, 1, 1_000_000, 1_500_000].into_iter().map(seconds).collect();
        assert_eq!(shown, ["0", "0.000001", "1", "1.5"]);
    }
}
