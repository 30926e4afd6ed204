//! What the generator says to a broker, in either protocol: no I/O but in [`link`] and [`control`].
//!
//! [`control`] asks once before a run (topics, leaders, offsets); a [`Link`] carries the load. Both protocols look the same
//! from above: produce, fetch and ping go in, [`Event`]s come out.

pub(crate) mod control;
mod control_kafka;
mod control_native;
pub(crate) mod kafka;
pub(crate) mod link;
pub(crate) mod membership;
pub(crate) mod native;

pub(crate) use link::Link;

use super::settings::Protocol;
use ringlog_kafka::ApiKey;
use ringlog_model::{LeaderEpoch, PartitionIndex, ShardId, TopicId};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Told to brokers.
pub(crate) const CLIENT: &str = concat!("ringlog-bench/", env!("CARGO_PKG_VERSION"));

/// Where everything is. A producer asks anew when a connection ends or a leader has moved.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) protocol: Protocol,
    pub(crate) versions: Versions,
    pub(crate) topics: Vec<String>,
    /// Who leads partitions.
    pub(crate) targets: Vec<Target>,
    /// All partitions of all topics.
    pub(crate) places: Vec<Place>,
}

/// A leader: a broker, or with the native protocol one shard of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) shard: Option<ShardId>,
}

/// A partition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Number in [`Layout::topics`].
    pub(crate) topic: usize,
    pub(crate) partition: PartitionIndex,
    /// Number in [`Layout::targets`].
    pub(crate) target: usize,
    /// Native only.
    pub(crate) topic_id: TopicId,
    pub(crate) epoch: LeaderEpoch,
}

/// The versions of Kafka's APIs that a broker and we have in common.
#[derive(Clone, Debug, Default)]
pub(crate) struct Versions(pub(crate) BTreeMap<i16, i16>);

impl Versions {
    /// The highest version in common.
    pub(crate) fn of(&self, api: ApiKey) -> Option<i16> {
        self.0.get(&api.code()).copied()
    }

    /// The highest version in common that is no higher than `limit`.
    pub(crate) fn up_to(&self, api: ApiKey, limit: i16) -> i16 {
        self.of(api).unwrap_or(limit).min(limit)
    }
}

/// Why a batch was not taken, or a partition cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: String,
    pub(crate) kind: RefusalKind,
}

/// What a refusal means to who was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefusalKind {
    /// Somebody else leads the partition now, or nobody that the broker knows of yet.
    Moved,
    /// The same may be taken later.
    Passing,
    /// Of an idempotent producer: a batch before this one is missing.
    OutOfSequence,
    /// Of an idempotent producer: the batch is in the log already.
    Duplicate,
    Final,
}

/// What came back.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    /// A batch was acknowledged, or refused.
    Produced { ticket: u64, outcome: Result<i64, Refusal> },
    /// A fetch was answered; each of its partitions follows or preceded as [`Event::Records`].
    Fetched,
    /// Whole batches of a partition, the last perhaps cut short.
    Records { place: usize, records: &'a [u8] },
    /// The position lies before the log's start or behind its end.
    OutOfRange { place: usize },
    /// A partition cannot be read now.
    Refused { place: usize, refusal: Refusal },
    /// A ping was answered.
    Pong { ticket: u64 },
}
