//! The shared words of Ringlog: offsets, epochs, identifiers and time, each a type of its own.
//!
//! Place in the flow: below everything. Every other room speaks in these words, so that two bare integers
//! are never mixed up.
//!
//! Architecture invariant: no I/O, no clock, no allocation beyond names, nothing of ours below it.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod identity;
mod log;
mod time;
mod uuid;

pub use identity::{
    ClusterId, ControllerId, LogId, NodeId, PartitionId, PartitionIndex, ProducerEpoch, ProducerId, ShardId,
    TopicId,
};
pub use log::{Durability, LeaderEpoch, Offset, Sequence};
pub use time::{Instant, Now, Timestamp};
pub use uuid::{Uuid, UuidError};
