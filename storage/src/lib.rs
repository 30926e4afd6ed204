//! Logs on disk: append, group commit, index, read plan, recovery.
//!
//! # Purpose and place
//!
//! A node keeps its partitions' records in *data directories*. [`Directory::open`] locks one, recovers it and hands
//! out its logs; each shard then runs a [`Store`] over the directory with the logs it owns. A [`Log`] takes record
//! batches exactly as they travel on the wire ([`Log::append`], synchronous: the order of calls is the order on
//! disk), and [`Store::progress`] tells how far each log has been written and synced. Reads are plans
//! ([`Log::plan_read`]): lists of slices of memory or files that may leave the shard.
//!
//! The bytes on disk are drawn in `docs/format.md`.
//!
//! # How an append becomes durable
//!
//! ```text
//! append ──> tail chunk of the active segment (memory, also the cache for readers at the tail)
//!    │
//!    └─> commit group ─┬─ small: the batches travel inside the journal group (inline)
//!                      └─ large: written to the segment in parallel; the group carries position and checksum
//!              write journal ‖ write segments  ──> `written` mark
//!              sync journal  ‖ sync segments   ──> `flushed` mark
//! checkpoint: dirty tails go to their segments, the states of changed logs to the checkpoint file,
//!             and that half of the journal is free again
//! ```
//!
//! # Architecture invariants
//!
//! * Architecture invariant: the log knows no requests, no clients, no replication; it is told offsets.
//! * Architecture invariant: the metadata of a log changes only by applying a [`state::Change`], the same function in
//!   live operation and in recovery.
//! * Architecture invariant: bytes that an operation in flight reads are never modified.
//! * Architecture invariant: a file changes hands only when the change that let go of it is durable and nobody
//!   refers to it.
//! * Architecture invariant: nothing is acknowledged, counted or served that recovery would not accept again.
//! * Architecture invariant: no clock, thread, file system or randomness but the reactor's.
#![forbid(unsafe_code)]

pub mod compact;
mod concurrent;
pub mod config;
pub mod directory;
pub(crate) mod domain;
pub mod error;
pub mod format;
pub mod inspect;
pub mod log;
pub mod metrics;
mod read_cache;
mod read_pace;
pub mod recovery;
pub(crate) mod reserve;
pub mod segment;
pub(crate) mod space;
pub mod state;
pub mod store;

pub use compact::{Compaction, CompactionError, CompactionReport};
pub use config::{DirectoryConfig, Identity, LogConfig, LogSpec, StoreConfig};
pub use directory::{Directory, DirectoryHandle, Opened, RecoveredLog, RecoveryReport};
pub use error::{AppendError, Damage, LogError, OpenError, ReadError, StoreFault};
pub use log::{AppendInput, FileSlice, Log, ReadPlan, Rolling, SegmentDescription, Slice, TimestampHit, Way};
pub use metrics::StoreMetrics;
pub use read_cache::ReadCache;
pub use space::low_water_mark;
pub use store::{Marks, Progress, Store};
