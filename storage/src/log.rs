//! One log: a partition's record batches on this disk.

use crate::{AppendError, LogConfig, LogError, Marks, ReadError};
use bytes::Bytes;
use ringlog_model::{LeaderEpoch, LogId, Offset, PartitionId, Timestamp};
use ringlog_reactor::{Reactor, SharedFile};

/// A log of this shard. Cheap to clone; not `Send`.
#[derive(Clone, Debug)]
pub struct Log {}

/// Whole batches to append, their base offsets and leader epochs already patched, CRCs already checked.
#[derive(Clone, Copy, Debug)]
pub struct AppendInput<'a> {
    /// One or more batches, one after another.
    pub bytes: &'a [u8],
    /// The first batch's base offset: the log's end.
    pub base_offset: Offset,
    /// The last record's offset (inclusive).
    pub last_offset: Offset,
    /// The largest timestamp in it.
    pub max_timestamp: Timestamp,
    /// The leader epoch in the batches.
    pub leader_epoch: LeaderEpoch,
}

/// A part of a read plan.
#[derive(Clone, Debug)]
pub enum Slice {
    /// In memory.
    Memory(Bytes),
    /// In a segment file.
    File {
        /// The file, opened without direct I/O: fit for `send_file`.
        file: SharedFile,
        /// First byte.
        position: u64,
        /// Bytes.
        length: u64,
        /// The segment is sealed. Bytes of an active segment must not be read through the page cache:
        /// use [`ReadPlan::load`].
        sealed: bool,
    },
}

/// Whole batches to read: holds the files it refers to, so that none is reused meanwhile. `Send`.
#[derive(Clone, Debug, Default)]
pub struct ReadPlan {
    /// The parts, in order. Together they are whole batches.
    pub slices: Vec<Slice>,
    /// The first batch's base offset. At most the offset asked for.
    pub base_offset: Offset,
    /// One past the last offset covered.
    pub end_offset: Offset,
}

impl ReadPlan {
    /// Bytes of all slices.
    #[must_use]
    pub fn length(&self) -> u64 {
        todo!()
    }

    /// Whether there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slices.is_empty()
    }

    /// Reads everything into memory, checking every batch that comes from a file.
    pub async fn load(self, reactor: &Reactor) -> Result<Vec<Bytes>, ReadError> {
        let _ = reactor;
        todo!()
    }

    /// Makes every sealed range resident and checked, off the shard's thread, and reads the others into memory: what
    /// remains may be sent with `send_file` without stalling the shard.
    pub async fn prepare(self, reactor: &Reactor) -> Result<ReadPlan, ReadError> {
        let _ = reactor;
        todo!()
    }
}

/// An answer to a search by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampHit {
    /// The record's offset.
    pub offset: Offset,
    /// Its timestamp.
    pub timestamp: Timestamp,
    /// The leader epoch of its batch.
    pub leader_epoch: LeaderEpoch,
}

/// One segment, for retention and for people.
#[derive(Clone, Debug)]
pub struct SegmentDescription {
    /// The first offset.
    pub base_offset: Offset,
    /// One past the last.
    pub end_offset: Offset,
    /// Bytes of batches.
    pub bytes: u64,
    /// The largest timestamp in it.
    pub max_timestamp: Timestamp,
    /// The file's name, if it has one yet.
    pub file: Option<String>,
    /// No more appends go to it.
    pub sealed: bool,
}

impl Log {
    /// Its identity in the directory.
    pub fn id(&self) -> LogId {
        todo!()
    }
    /// The partition it is a replica of.
    pub fn partition(&self) -> PartitionId {
        todo!()
    }
    /// The first offset.
    pub fn start(&self) -> Offset {
        todo!()
    }
    /// One past the last accepted offset.
    pub fn end(&self) -> Offset {
        todo!()
    }
    /// How far it is written and synced.
    pub fn marks(&self) -> Marks {
        todo!()
    }
    /// Leader epochs with their first offsets, ascending.
    pub fn epoch_history(&self) -> Vec<(LeaderEpoch, Offset)> {
        todo!()
    }
    /// The topic's choices.
    pub fn config(&self) -> LogConfig {
        todo!()
    }
    /// Bytes of batches in all segments.
    pub fn bytes(&self) -> u64 {
        todo!()
    }
    /// Its segments, ascending.
    pub fn segments(&self) -> Vec<SegmentDescription> {
        todo!()
    }

    /// Accepts batches at the end. Synchronous: the bytes are copied into the tail and the current commit group; the
    /// order of calls is the order on disk. [`Store::progress`](crate::Store::progress) tells when they are durable.
    pub fn append(&self, input: AppendInput<'_>) -> Result<(), AppendError> {
        let _ = input;
        todo!()
    }

    /// Plans a read of whole batches from the one that holds `from`, up to `max_bytes` and before `upto`. If the first
    /// batch alone is larger than `max_bytes` it is given nevertheless when `at_least_one` is set. `from == upto`
    /// gives an empty plan.
    pub async fn plan_read(
        &self,
        from: Offset,
        max_bytes: u64,
        upto: Offset,
        at_least_one: bool,
    ) -> Result<ReadPlan, ReadError> {
        let _ = (from, max_bytes, upto, at_least_one);
        todo!()
    }

    /// The first record at or after `from` whose timestamp is at least `timestamp`, before `upto`.
    pub async fn find_by_timestamp(
        &self,
        timestamp: Timestamp,
        upto: Offset,
    ) -> Result<Option<TimestampHit>, ReadError> {
        let _ = (timestamp, upto);
        todo!()
    }

    /// The first record with the largest timestamp before `upto`.
    pub async fn find_max_timestamp(&self, upto: Offset) -> Result<Option<TimestampHit>, ReadError> {
        let _ = upto;
        todo!()
    }

    /// Removes everything from `end` on (if `end` lies inside a batch, that whole batch); durable when this returns.
    /// Returns the new end. Appends are refused meanwhile.
    pub async fn truncate(&self, end: Offset) -> Result<Offset, LogError> {
        let _ = end;
        todo!()
    }

    /// Removes everything and begins anew at `start`; durable when this returns.
    pub async fn reset(&self, start: Offset) -> Result<(), LogError> {
        let _ = start;
        todo!()
    }

    /// Moves the start forward; segments wholly below are given up. Readers see it at once, it is durable with the
    /// commit group it joins.
    pub fn advance_start(&self, start: Offset) -> Result<(), LogError> {
        let _ = start;
        todo!()
    }

    /// Leaves opaque bytes that describe the log up to `upto` (exclusive); carried by checkpoints and given back by
    /// [`RecoveredLog::attachment`](crate::RecoveredLog::attachment). At most 1 MiB.
    pub fn attach(&self, upto: Offset, bytes: Vec<u8>) {
        let _ = (upto, bytes);
        todo!()
    }

    /// Replaces the topic's choices; durable with the commit group it joins.
    pub fn set_config(&self, config: LogConfig) -> Result<(), LogError> {
        let _ = config;
        todo!()
    }

    /// Calls `visit` with the header bytes (the first 61) of every batch from the one that holds `from` on, in order:
    /// what an owner needs to rebuild what [`Log::attach`] did not cover.
    pub async fn scan_headers(&self, from: Offset, visit: &mut dyn FnMut(&[u8])) -> Result<(), ReadError> {
        let _ = (from, visit);
        todo!()
    }

    /// Checks every batch of the sealed segments and of the flushed part of the active one against its CRC and its
    /// neighbours, pausing between pieces: the scrub.
    pub async fn verify(&self) -> Result<u64, ReadError> {
        todo!()
    }
}
