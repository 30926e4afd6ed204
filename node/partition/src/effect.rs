//! What a partition wants done.

use crate::{AppendRefusal, RequestId};
use alloc::vec::{self, Vec};
use ringlog_model::{Durability, LeaderEpoch, Offset, Timestamp};

/// An accepted batch is where its producer asked it to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// Offset of the batch's first record; for a duplicate, the original's.
    pub base_offset: Offset,
    /// The broker's clock at the append, if the topic stamps batches; [`Timestamp::NONE`] otherwise.
    pub log_append_time: Timestamp,
    /// The log's first offset.
    pub log_start: Offset,
    /// What the batch has reached on this node.
    pub durability: Durability,
    /// On how many replicas, this one included, the batch has reached their commit mark.
    pub replicas: u16,
    /// Whether the batch had been appended before, by an earlier try.
    pub origin: Origin,
}

/// Whether an acknowledged batch was appended by the request that is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// By this request.
    Fresh,
    /// By an earlier try of the same batch.
    Duplicate,
}

/// One thing to do. Effects are carried out in the order they were emitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Append the request's batch to the log. Its order among the other writes of this log is the order of offsets.
    WriteLog {
        /// Whose batch.
        request: RequestId,
        /// To be patched into the batch.
        base_offset: Offset,
        /// Offset of the last record.
        last_offset: Offset,
        /// To be patched into the batch.
        leader_epoch: LeaderEpoch,
        /// Set if the batch is to be stamped with the broker's clock (`message.timestamp.type=LogAppendTime`).
        log_append_time: Option<Timestamp>,
    },
    /// Answer the request.
    Acknowledge {
        /// Which.
        request: RequestId,
        /// How it went.
        result: Result<Acknowledged, AppendRefusal>,
    },
    /// The high watermark moved: fetches that wait may have something to read.
    HighWatermark {
        /// One past the last offset that consumers may read.
        offset: Offset,
        /// Bytes of whole batches that became readable by this move.
        bytes: u64,
    },
    /// Attach this producer snapshot to the log. All it knows of is synced, so that no crash leaves a snapshot of batches that are
    /// lost: it could not say what its producers had written before those.
    AttachProducers {
        /// One past the last offset that it knows of.
        offset: Offset,
        /// [`ProducerTable::restore`](crate::ProducerTable::restore) reads it.
        snapshot: Vec<u8>,
    },
    /// Leadership was gained, changed or lost, or the log's start moved past readers: fetches that wait must look again.
    RoleChanged,
}

/// A reused list of effects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    list: Vec<Effect>,
}

impl Effects {
    /// None yet.
    #[must_use]
    pub fn new() -> Effects {
        Effects::default()
    }

    pub(crate) fn push(&mut self, effect: Effect) {
        self.list.push(effect);
    }

    /// Takes all effects out, in order, and keeps the memory.
    pub fn drain(&mut self) -> vec::Drain<'_, Effect> {
        self.list.drain(..)
    }

    /// The effects, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Effect] {
        &self.list
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
