//! One log: a partition's record batches on this disk.

mod append;
mod change;
pub(crate) mod core;
pub(crate) mod hints;
pub(crate) mod locate;
mod plan;
pub(crate) mod rolling;
mod search;

pub use append::AppendInput;
pub(crate) use change::delete;
pub use plan::{FileSlice, ReadPlan, Slice, Way};
pub use rolling::Rolling;
pub use search::TimestampHit;
pub(crate) use search::{Scope, verify_segment};

use crate::compact::{Compaction, CompactionError, CompactionReport};
use crate::domain::Domain;
use crate::format::names;
use crate::{AppendError, LogConfig, LogError, Marks, ReadError};
use core::LogCore;
use ringlog_model::{LeaderEpoch, LogId, Offset, PartitionId, Timestamp};
use std::rc::Rc;
use std::time::Duration;

/// A log of this shard. Cheap to clone; not `Send`.
#[derive(Clone, Debug)]
pub struct Log {
    domain: Rc<Domain>,
    core: Rc<LogCore>,
}

/// One segment, for retention and for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentDescription {
    /// The first offset.
    pub base_offset: Offset,
    /// One past the last.
    pub end_offset: Offset,
    /// Bytes of batches.
    pub bytes: u64,
    /// The largest timestamp in it.
    pub max_timestamp: Timestamp,
    /// Wall clock of its beginning.
    pub created: Timestamp,
    /// Wall clock of its first append; of its beginning if that was before the last restart.
    pub began: Timestamp,
    /// The name of its file, which is made with the first checkpoint or large append.
    pub file: String,
    /// No more appends go to it.
    pub sealed: bool,
}

impl Log {
    pub(crate) fn new(domain: Rc<Domain>, core: Rc<LogCore>) -> Log {
        Log { domain, core }
    }

    /// Its identity in the directory.
    #[must_use]
    pub fn id(&self) -> LogId {
        self.core.id
    }
    /// The partition it is a replica of.
    #[must_use]
    pub fn partition(&self) -> PartitionId {
        self.core.state.borrow().partition
    }
    /// The topic's name when the log was created.
    #[must_use]
    pub fn topic(&self) -> String {
        self.core.state.borrow().topic.clone()
    }
    /// The first offset.
    #[must_use]
    pub fn start(&self) -> Offset {
        self.core.start()
    }
    /// One past the last accepted offset.
    #[must_use]
    pub fn end(&self) -> Offset {
        self.core.end()
    }
    /// How far it is written and synced.
    #[must_use]
    pub fn marks(&self) -> Marks {
        self.core.marks.get()
    }
    /// Leader epochs with their first offsets, ascending.
    #[must_use]
    pub fn epoch_history(&self) -> Vec<(LeaderEpoch, Offset)> {
        self.core.state.borrow().epochs.clone()
    }
    /// The topic's choices.
    #[must_use]
    pub fn config(&self) -> LogConfig {
        self.core.config()
    }
    /// How long files stay that the log lets go of from now on, in this life of the store; at first they go at once. Where
    /// space is scarce, or after a restart, nothing stays. What an open reader needs stays in any case.
    pub fn set_file_delete_delay(&self, delay: Duration) {
        self.core.file_delete_delay.set(u64::try_from(delay.as_nanos()).unwrap_or(u64::MAX));
    }
    /// When segments are sealed before they are full, in this life of the store.
    pub fn set_rolling(&self, rolling: Rolling) {
        self.core.rolling.set(rolling);
    }
    /// How old the segment that takes the appends may become, milliseconds: `segment_ms`, less its jitter.
    #[must_use]
    pub fn segment_age_max(&self) -> i64 {
        self.core.segment_age_max()
    }
    /// Bytes of batches in all segments.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.core.state.borrow().bytes()
    }
    /// What [`Log::attach`] left last, with its offset.
    #[must_use]
    pub fn attachment(&self) -> Option<(Offset, Vec<u8>)> {
        self.core.attachment.borrow().clone()
    }
    /// Its segments, ascending.
    #[must_use]
    pub fn segments(&self) -> Vec<SegmentDescription> {
        let state = self.core.state.borrow();
        let live = self.core.segments.borrow();
        let both = state.segments.iter().zip(live.iter());
        let describe = both.map(|(segment, live)| SegmentDescription {
            base_offset: segment.base_offset,
            end_offset: segment.end_offset,
            bytes: segment.length,
            max_timestamp: segment.max_timestamp,
            created: segment.created,
            began: Timestamp(live.began.get()),
            file: names::segment_name(segment.file),
            sealed: live.sealed.get(),
        });
        describe.collect()
    }

    /// Accepts batches at the end. Synchronous: the bytes are copied into the tail and the current commit group; the
    /// order of calls is the order on disk. [`Store::progress`](crate::Store::progress) tells when they are durable.
    pub fn append(&self, input: AppendInput<'_>) -> Result<(), AppendError> {
        append::append(&self.domain, &self.core, input)
    }

    /// Plans a read of whole batches from the one that holds `from`, up to `max_bytes` and before `upto`. If the first
    /// batch alone is larger than `max_bytes` it is given nevertheless when `at_least_one` is set. `from == upto`
    /// gives an empty plan. A plan never reaches over the end of a segment.
    pub async fn plan_read(
        &self,
        from: Offset,
        max_bytes: u64,
        upto: Offset,
        at_least_one: bool,
    ) -> Result<ReadPlan, ReadError> {
        plan::plan_read(&self.core, from, max_bytes, upto, at_least_one).await
    }

    /// The first record whose timestamp is at least `timestamp`, before `upto`.
    pub async fn find_by_timestamp(
        &self,
        timestamp: Timestamp,
        upto: Offset,
    ) -> Result<Option<TimestampHit>, ReadError> {
        search::find_by_timestamp(&self.core, timestamp, upto).await
    }

    /// The first record with the largest timestamp before `upto` (KIP-734).
    pub async fn find_max_timestamp(&self, upto: Offset) -> Result<Option<TimestampHit>, ReadError> {
        search::find_max_timestamp(&self.core, upto).await
    }

    /// Removes everything from `end` on (if `end` lies inside a batch, that whole batch); durable when this returns.
    /// Returns the new end. Appends are refused meanwhile.
    pub async fn truncate(&self, end: Offset) -> Result<Offset, LogError> {
        change::truncate(&self.domain, &self.core, end).await
    }

    /// Removes everything and begins anew at `start`; durable when this returns.
    pub async fn reset(&self, start: Offset) -> Result<(), LogError> {
        change::reset(&self.domain, &self.core, start).await
    }

    /// Moves the start forward (never back); segments wholly below are given up. Readers see it at once, it is
    /// durable with the commit group it joins, not before what [`Log::attach`] left.
    pub fn advance_start(&self, start: Offset) -> Result<(), LogError> {
        change::advance_start(&self.domain, &self.core, start)
    }

    /// Seals the segment that takes the appends and begins a new one, if there is anything in it: what is sealed may be
    /// given up or compacted. The new one has no file until something is appended.
    pub fn roll(&self) -> Result<(), LogError> {
        change::roll(&self.domain, &self.core)
    }

    /// One past the last offset that compaction has seen; at least the start.
    #[must_use]
    pub fn clean(&self) -> Offset {
        let state = self.core.state.borrow();
        state.clean.max(state.start)
    }

    /// Compacts the log's sealed segments: of every key only the newest record stays. Takes long, in small steps; one
    /// compaction of a log at a time. Dropping the future leaves the log whole.
    pub async fn compact(&self, wanted: Compaction) -> Result<CompactionReport, CompactionError> {
        crate::compact::compact(&self.domain, &self.core, wanted).await
    }

    /// Waits until every change of the log so far is durable; of appends, [`Log::marks`] tells.
    pub async fn until_durable(&self) -> Result<(), LogError> {
        change::until_durable(&self.domain, &self.core).await
    }

    /// Leaves opaque bytes that describe the log up to `upto` (exclusive); carried by checkpoints and given back by
    /// [`RecoveredLog::attachment`](crate::RecoveredLog::attachment). At most 1 MiB, else it is not kept. What is described should
    /// be flushed: a crash that takes a part of it takes this too, and what was left before.
    pub fn attach(&self, upto: Offset, bytes: Vec<u8>) {
        change::attach(&self.domain, &self.core, upto, bytes);
    }

    /// Replaces the topic's choices; durable with the commit group it joins.
    pub fn set_config(&self, config: LogConfig) -> Result<(), LogError> {
        change::set_config(&self.domain, &self.core, config)
    }

    /// Calls `visit` with the header bytes (the first 61) of every batch from the one that holds `from` on, in order:
    /// what an owner needs to rebuild what [`Log::attach`] did not cover.
    pub async fn scan_headers(&self, from: Offset, visit: &mut dyn FnMut(&[u8])) -> Result<(), ReadError> {
        search::scan_headers(&self.core, from, visit).await
    }

    /// Checks every flushed batch in the files against its CRC, its neighbours and the index, pausing between pieces:
    /// the scrub. Returns the bytes checked.
    pub async fn verify(&self) -> Result<u64, ReadError> {
        search::verify(&self.core).await
    }
}
