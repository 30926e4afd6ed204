//! One partition's replication state machine, pure: events in, effects out, time as an argument.
//!
//! Place in the flow: a shard turns requests and completions into [`Event`]s, calls [`Partition::handle`], and carries out the
//! [`Effect`]s. What the disk has done comes back as events ([`Event::Written`], [`Event::Flushed`]); so do followers' marks. For reads the
//! shard asks [`Partition::fetch`] how far it may read, and parks fetches that find too little in [`FetchWaiters`].
//!
//! Main types: [`Partition`], [`Event`], [`Effects`], [`Marks`] (how far the log has come), [`ProducerTable`] (idempotent producers),
//! [`EpochHistory`], [`FetchWaiters`].
//!
//! Architecture invariant: no I/O, clock, threads or randomness (`no_std`, so that the compiler says so); no bytes of records either.
//!
//! Architecture invariant: the order in which batches are accepted is the order of their offsets and of their `WriteLog` effects; when
//! they are acknowledged is another matter, decided by the marks alone.
//!
//! Architecture invariant: `flushed <= written <= end` and `log_start <= high_watermark <= commit_mark <= end`, asserted around every event.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod append;
mod config;
mod effect;
mod epochs;
mod event;
mod facts;
mod fetch;
mod fetch_waiters;
mod marks;
mod partition;
mod producers;
mod refusal;
mod role;
mod waiters;

pub use config::{PartitionConfig, TimestampType};
pub use effect::{Acknowledged, Effect, Effects, Origin};
pub use epochs::{EpochEnd, EpochHistory, EpochStart};
pub use event::{Acks, Append, Event, OfflineReason, RequestId, Space};
pub use facts::{BatchFacts, LoggedBatch, ProducerStamp};
pub use fetch::{FetchAnswer, FetchPosition, Isolation, ReadLimits, Reader};
pub use fetch_waiters::{FetchId, FetchWaiters, Interest, WaitingFetch};
pub use marks::Marks;
pub use partition::{Partition, RecoveredPartition};
pub use producers::{
    ActiveProducer, BATCHES_REMEMBERED, ProducerTable, RememberedBatch, SNAPSHOT_VERSION, SnapshotError,
};
pub use refusal::{AppendRefusal, FetchRefusal, LeadershipRefusal, SequenceRefusal};
pub use role::{Follower, Leader, Role};

#[cfg(test)]
mod tests;
