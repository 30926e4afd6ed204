//! What a shard knows of itself: written by that shard alone, read by the control thread at any time, even while the
//! shard hangs.
//!
//! A new number is a line in [`Counters`] and a call where it happens: `shard.counters.name.add(1)`. What belongs to
//! a store is a line in [`StoreMetrics`]. Reports, documentation and dashboard are checked against these tables.

mod exposition;
mod report;
mod requests;

pub(crate) use exposition::{Exposition, ShardLabels};
pub(crate) use report::report_shards;
pub(crate) use requests::{RequestKind, Requests};

use ringlog_reactor::metrics::ReactorMetrics;
use ringlog_storage::StoreMetrics;
use std::sync::Arc;

ringlog_reactor::metrics! {
    /// The counters of one shard.
    pub(crate) struct Counters {
        /// Connections that are open.
        gauge connections = "ringlog_connections";
        /// Connections taken since the start.
        counter connections_accepted = "ringlog_connections_accepted_total";
        /// Connections ended since the start.
        counter connections_closed = "ringlog_connections_closed_total";
        /// Connections closed because of what their client sent, or did not read.
        counter connections_refused = "ringlog_connections_refused_total";
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
        /// Pushes of clients' own metrics that were accepted.
        counter telemetry_pushes = "ringlog_telemetry_pushes_total";
        /// Bytes of clients' own metrics that were accepted.
        counter telemetry_bytes = "ringlog_telemetry_bytes_total";
        /// Appends that wait for their turn.
        gauge appends_queued = "ringlog_appends_queued";
        /// Appends that are accepted and not acknowledged.
        gauge appends_unacknowledged = "ringlog_appends_unacknowledged";
        /// Fetches that wait for records.
        gauge fetches_waiting = "ringlog_fetches_waiting";
        /// Bytes of batches that retention let go.
        counter retention_bytes = "ringlog_retention_deleted_bytes_total";
        /// The largest share of a compacted log that is not compacted yet, in percent, of what compaction may look at.
        gauge compaction_dirty_percent = "ringlog_compaction_dirty_percent_max";
        /// Compacted logs with a damaged segment, which keeps compaction from going on.
        gauge compaction_damaged = "ringlog_compaction_damaged_logs";
        /// How late the shard wakes from a sleep: what a busy shard adds to every latency.
        seconds delay = "ringlog_shard_delay_seconds";
    }
}

/// All that one shard counts.
#[derive(Debug, Default)]
pub(crate) struct ShardMetrics {
    counters: Counters,
    /// Requests by their kind, and errors by their code.
    pub(crate) requests: Requests,
}

impl std::ops::Deref for ShardMetrics {
    type Target = Counters;

    fn deref(&self) -> &Counters {
        &self.counters
    }
}

/// What the rooms below a shard know of themselves, from when the shard is open.
#[derive(Clone, Debug, Default)]
pub(crate) struct ShardParts {
    pub(crate) reactor: Arc<ReactorMetrics>,
    /// One per data directory, in the order of the options.
    pub(crate) stores: Vec<Arc<StoreMetrics>>,
}
