//! Compaction: of every key only the newest record stays; offsets never change (Kafka's `cleanup.policy=compact`).
//!
//! ```text
//! sealed segments          [ clean | clean | dirty | dirty ][ active ]
//! pass 1: collect keys                      └── map: hash of key ──> newest offset      (bounded memory)
//! pass 2: rewrite, group by group  [   one   ][   one      ]
//!         new file written, synced ──> Change::Compacted ──> old files are given up
//! at last Change::Cleaned: everything before is compacted
//! ```
//! Each group's swap is one entry of the journal: a crash finds the old segments or the new one, and a file that is
//! neither belongs to nobody. A compaction that was cut off is simply begun anew. Readers keep the files that their plans
//! refer to.
//!
//! What happens to bytes is pure ([`filter`]) and runs on a thread that gives way to all others, in steps of some hundred
//! KiB with rests between them ([`pace`]); the shard only starts reads and writes.

mod execute;
mod filter;
mod groups;
mod keys;
mod pace;

pub(crate) use execute::compact;

use crate::error::ReadError;
use ringlog_model::{Offset, ProducerId, Timestamp};
use std::collections::BTreeMap;
use std::io;
use std::time::Duration;
use thiserror::Error;

/// What a compaction is to do, decided by the log's owner.
#[derive(Clone, Debug)]
pub struct Compaction {
    /// Only segments that end here or before are looked at. At most the high watermark: nothing that may still be
    /// truncated is compacted.
    pub upto: Offset,
    /// Wall clock.
    pub now: Timestamp,
    /// How long a tombstone stays after compaction first met it (Kafka's `delete.retention.ms`).
    pub delete_retention_ms: i64,
    /// The last offset of every producer that is remembered: the batch that has it stays, empty if need be, so that
    /// the producer's sequence can be found in the log.
    pub producers: BTreeMap<ProducerId, Offset>,
    /// Bytes for the map of keys, 24 each. When they are used up, the rest waits for the next compaction.
    pub keys_bytes_max: usize,
    /// Bytes read and written per second; 0 is without bound.
    pub bytes_per_second: u64,
    /// How long it gives way to commits that somebody waits for; after that it goes on as if nobody did, so that it ends
    /// however busy the machine is.
    pub patience: Duration,
}

/// What a compaction did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompactionReport {
    /// The log is compacted up to here.
    pub clean: Offset,
    /// Keys in the map.
    pub keys: usize,
    /// Bytes of batches in the segments that were rewritten.
    pub bytes_before: u64,
    /// Bytes of batches that remain of them.
    pub bytes_after: u64,
    /// Records that were removed.
    pub records_removed: u64,
    /// Segments before.
    pub segments_before: usize,
    /// Segments after.
    pub segments_after: usize,
    /// When the first of the tombstones that remain may go.
    pub next_horizon: Option<Timestamp>,
}

/// Why a compaction ended early. The log is as it was, or partly compacted; either way whole.
#[derive(Debug, Error)]
pub enum CompactionError {
    /// A segment could not be read, or fails its checks.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The new segment could not be written.
    #[error("writing compacted segment {file}: {source}")]
    Write {
        /// Name of the file.
        file: String,
        /// The refusal.
        source: io::Error,
    },
    /// There is no room for a second copy of the segments.
    #[error("the disk is full")]
    DiskFull,
    /// The segments were truncated or given up meanwhile, or the store stops.
    #[error("the log changed meanwhile")]
    Interrupted,
}
