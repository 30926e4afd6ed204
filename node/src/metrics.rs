//! Counters of one shard: written by that shard alone, read by the control thread at any time, even while the shard
//! hangs.

use std::{
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// A number with one writer. No locked instruction: the single writer loads, adds and stores.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Counts `amount` more. Only the owning shard calls this.
    pub(crate) fn add(&self, amount: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(amount), Ordering::Relaxed);
    }

    /// Counts `amount` fewer, of a number that goes both ways.
    pub(crate) fn subtract(&self, amount: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_sub(amount), Ordering::Relaxed);
    }

    /// Replaces the number.
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// The number now. Any thread.
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

macro_rules! counters {
    ($($(#[doc = $help:literal])* $kind:ident $name:ident = $metric:literal;)*) => {
        /// The counters of one shard.
        #[derive(Debug, Default)]
        pub(crate) struct Counters {
            $($(#[doc = $help])* pub(crate) $name: Counter,)*
        }

        impl Counters {
            /// Prometheus' text form, one line per shard under each metric.
            pub(crate) fn render(shards: &[Arc<Counters>]) -> String {
                let mut text = String::new();
                $(
                    render_metric(
                        &mut text,
                        $metric,
                        concat!($($help),*).trim(),
                        stringify!($kind),
                        shards.iter().map(|counters| counters.$name.get()),
                    );
                )*
                text
            }
        }
    };
}

counters! {
    /// Connections that are open.
    gauge connections = "ringlog_connections";
    /// Connections taken since the start.
    counter connections_accepted = "ringlog_connections_accepted_total";
    /// Connections ended since the start.
    counter connections_closed = "ringlog_connections_closed_total";
    /// Connections closed because of what their client sent, or did not read.
    counter connections_refused = "ringlog_connections_refused_total";
    /// Requests of all kinds.
    counter requests = "ringlog_requests_total";
    /// Bytes of requests.
    counter request_bytes = "ringlog_request_bytes_total";
    /// Bytes of responses.
    counter response_bytes = "ringlog_response_bytes_total";
    /// Bytes of requests in flight.
    gauge request_bytes_in_flight = "ringlog_request_bytes_in_flight";
    /// Bytes of records that responses being sent hold.
    gauge response_bytes_in_flight = "ringlog_response_bytes_in_flight";
    /// Record batches appended.
    counter batches_appended = "ringlog_batches_appended_total";
    /// Bytes of record batches appended.
    counter bytes_appended = "ringlog_bytes_appended_total";
    /// Appends refused.
    counter appends_refused = "ringlog_appends_refused_total";
    /// Bytes of record batches read for consumers.
    counter bytes_fetched = "ringlog_bytes_fetched_total";
    /// Partitions that this shard owns.
    gauge partitions = "ringlog_partitions";
    /// Partitions that this shard owns and leads.
    gauge partitions_led = "ringlog_partitions_led";
    /// Partitions whose log a fault has stopped.
    gauge partitions_failed = "ringlog_partitions_failed";
}

fn render_metric(text: &mut String, metric: &str, help: &str, kind: &str, values: impl Iterator<Item = u64>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "# HELP {metric} {help}");
    let _ = writeln!(text, "# TYPE {metric} {kind}");
    for (shard, value) in values.enumerate() {
        let _ = writeln!(text, "{metric}{{shard=\"{shard}\"}} {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_render_one_line_per_shard() {
        let shards = [Arc::new(Counters::default()), Arc::new(Counters::default())];
        shards[1].requests.add(3);
        shards[1].connections.add(2);
        shards[1].connections.subtract(1);
        let text = Counters::render(&shards);
        assert!(text.contains("# TYPE ringlog_requests_total counter\n"));
        assert!(text.contains("# HELP ringlog_connections Connections that are open.\n"));
        assert!(text.contains("ringlog_requests_total{shard=\"0\"} 0\n"));
        assert!(text.contains("ringlog_requests_total{shard=\"1\"} 3\n"));
        assert!(text.contains("ringlog_connections{shard=\"1\"} 1\n"));
    }
}
