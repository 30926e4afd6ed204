//! The report of the tables that shards write.

use super::{Exposition, ShardMetrics, ShardParts};
use ringlog_reactor::metrics::{Description, Reading, Unit};
use std::{path::PathBuf, sync::Arc};

const REQUESTS: Description =
    Description { name: "ringlog_requests_total", help: "Requests received, by protocol and API." };
const REQUEST_SECONDS: Description = Description {
    name: "ringlog_request_seconds",
    help: "From the whole request to its answer handed to the socket, waiting for records included.",
};
const ERRORS: Description = Description {
    name: "ringlog_errors_total",
    help: "Errors told to clients, by Kafka's name of the code.",
};

/// Adds what all shards know of themselves; `parts` are there once the shards are open, `directories` are the data
/// directories.
pub(crate) fn report_shards(
    exposition: &mut Exposition,
    shards: &[Arc<ShardMetrics>],
    parts: &[ShardParts],
    directories: &[PathBuf],
) {
    for (number, metrics) in shards.iter().enumerate() {
        let number = number.to_string();
        let shard = ("shard", number.as_str());
        exposition.table(&metrics.counters, &[shard]);
        metrics.requests.visit(|protocol, api, of| {
            let labels = [("protocol", protocol), ("api", api.as_str()), shard];
            exposition.counter(REQUESTS, &labels, of.requests.get());
            let duration = Reading::Histogram(&of.duration, Unit::Seconds);
            exposition.reading(REQUEST_SECONDS, duration, &labels);
        });
        metrics.requests.visit_errors(|code, times| {
            exposition.counter(ERRORS, &[("code", &code), shard], times);
        });
    }
    for (number, parts) in parts.iter().enumerate() {
        let number = number.to_string();
        let shard = ("shard", number.as_str());
        exposition.table(&*parts.reactor, &[shard]);
        for (store, directory) in parts.stores.iter().zip(directories) {
            let directory = directory.display().to_string();
            exposition.table(&**store, &[("directory", &directory), shard]);
        }
    }
}
