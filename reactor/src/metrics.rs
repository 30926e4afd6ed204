//! Numbers that one thread writes and any thread may read: what a shard knows of itself.
//!
//! A table of metrics is declared with [`metrics!`](crate::metrics!), one line per metric; the table belongs to one
//! shard, and whoever reports reads the tables of all shards through [`Metrics::visit`].
//!
//! Architecture invariant: writing costs a load, an addition and a store; no lock, no locked instruction, no
//! allocation. Reading never disturbs the writer, and works while the writer hangs.

mod histogram;

pub use histogram::{BUCKETS, Histogram};

use std::sync::atomic::{AtomicU64, Ordering};

/// A number with one writer, which may also go down (a gauge). No locked instruction: the single writer loads, adds
/// and stores.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Counts `amount` more. Only the owning thread calls this.
    #[inline]
    pub fn add(&self, amount: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(amount), Ordering::Relaxed);
    }

    /// Counts `amount` fewer, of a number that goes both ways. Only the owning thread calls this.
    #[inline]
    pub fn subtract(&self, amount: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_sub(amount), Ordering::Relaxed);
    }

    /// Replaces the number. Only the owning thread calls this.
    #[inline]
    pub fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// The number now. Any thread.
    #[inline]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What the values of a [`Histogram`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Durations, kept in microseconds and reported in seconds.
    Seconds,
    /// Amounts of memory.
    Bytes,
    /// Numbers of things.
    Things,
}

/// The kind of a metric and its place.
#[derive(Clone, Copy, Debug)]
pub enum Reading<'a> {
    /// Only grows.
    Counter(&'a Counter),
    /// Goes both ways.
    Gauge(&'a Counter),
    /// How values are spread.
    Histogram(&'a Histogram, Unit),
}

/// What a metric is called and means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Description {
    /// Its name in reports.
    pub name: &'static str,
    /// A sentence.
    pub help: &'static str,
}

/// A table of metrics.
pub trait Metrics {
    /// Shows all metrics in the order of the table.
    fn visit(&self, show: &mut dyn FnMut(Description, Reading<'_>));
}

/// Declares a table of metrics: a struct with a field per line, which implements [`Metrics`].
/// A line is a sentence of documentation, the kind (`counter`, `gauge`, `seconds`, `bytes` or `things`, the last
/// three being histograms), the field and the name in reports.
///
/// ```
/// ringlog_reactor::metrics! {
///     /// What the kitchen knows of itself.
///     pub struct Kitchen {
///         /// Meals cooked.
///         counter meals = "kitchen_meals_total";
///         /// How long a meal takes.
///         seconds cooking = "kitchen_cooking_seconds";
///     }
/// }
/// let kitchen = Kitchen::default();
/// kitchen.meals.add(1);
/// kitchen.cooking.record(1_500_000);
/// ```
#[macro_export]
macro_rules! metrics {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $table:ident {
            $($(#[doc = $help:literal])+ $kind:ident $field:ident = $name:literal;)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Default)]
        $visibility struct $table {
            $($(#[doc = $help])+ $visibility $field: $crate::metric_type!($kind),)*
        }

        impl $crate::metrics::Metrics for $table {
            fn visit(
                &self,
                show: &mut dyn FnMut($crate::metrics::Description, $crate::metrics::Reading<'_>),
            ) {
                $(
                    show(
                        $crate::metrics::Description { name: $name, help: concat!($($help),+).trim_ascii() },
                        $crate::metric_reading!($kind, &self.$field),
                    );
                )*
            }
        }
    };
}

/// The type of a field of [`metrics!`](crate::metrics!).
#[doc(hidden)]
#[macro_export]
macro_rules! metric_type {
    (counter) => {
        $crate::metrics::Counter
    };
    (gauge) => {
        $crate::metrics::Counter
    };
    ($histogram:ident) => {
        $crate::metrics::Histogram
    };
}

/// The reading of a field of [`metrics!`](crate::metrics!).
#[doc(hidden)]
#[macro_export]
macro_rules! metric_reading {
    (counter, $field:expr) => {
        $crate::metrics::Reading::Counter($field)
    };
    (gauge, $field:expr) => {
        $crate::metrics::Reading::Gauge($field)
    };
    (seconds, $field:expr) => {
        $crate::metrics::Reading::Histogram($field, $crate::metrics::Unit::Seconds)
    };
    (bytes, $field:expr) => {
        $crate::metrics::Reading::Histogram($field, $crate::metrics::Unit::Bytes)
    };
    (things, $field:expr) => {
        $crate::metrics::Reading::Histogram($field, $crate::metrics::Unit::Things)
    };
}

crate::metrics! {
    /// What an executor knows of itself.
    pub struct ReactorMetrics {
        /// Turns of the event loop: submissions and completions are exchanged with the kernel once in each.
        counter turns = "ringlog_reactor_turns_total";
        /// Turns that waited for something to happen.
        counter waits = "ringlog_reactor_waits_total";
        /// Runs of tasks.
        counter task_runs = "ringlog_reactor_task_runs_total";
        /// Operations on files, sockets and timers of the kernel that have completed.
        counter completions = "ringlog_reactor_completions_total";
        /// Tasks that have not finished.
        gauge tasks = "ringlog_reactor_tasks";
        /// Operations that the kernel has not completed.
        gauge operations = "ringlog_reactor_operations";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::metrics! {
        /// A table.
        struct Table {
            /// First,
            /// on two lines.
            counter first = "first_total";
            /// Second.
            gauge second = "second";
            /// Third.
            bytes third = "third_bytes";
        }
    }

    #[test]
    fn a_table_shows_its_metrics_in_order() {
        let table = Table::default();
        table.first.add(2);
        table.second.add(3);
        table.second.subtract(1);
        table.third.record(100);
        let mut seen = Vec::new();
        table.visit(&mut |description, reading| {
            let value = match reading {
                Reading::Counter(counter) => ("counter", counter.get()),
                Reading::Gauge(gauge) => ("gauge", gauge.get()),
                Reading::Histogram(histogram, Unit::Bytes) => ("bytes", histogram.sum()),
                Reading::Histogram(..) => ("histogram", 0),
            };
            seen.push((description.name, value));
        });
        let expected =
            [("first_total", ("counter", 2)), ("second", ("gauge", 2)), ("third_bytes", ("bytes", 100))];
        assert_eq!(seen, expected);
    }
}
