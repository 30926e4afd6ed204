//! The state of a log and how a change changes it.

use super::{Appended, Change, Compacted, FileId};
use crate::LogConfig;
use ringlog_model::{LeaderEpoch, LogId, Offset, PartitionId, Timestamp};
use std::collections::VecDeque;
use thiserror::Error;

/// A change that cannot have happened to this state: the file that says so is damaged.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("log {log}, version {version}: {reason}")]
pub struct Contradiction {
    /// The log.
    pub log: LogId,
    /// The version before the change.
    pub version: u64,
    /// What does not fit.
    pub reason: &'static str,
}

/// One segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentState {
    /// The first offset.
    pub base_offset: Offset,
    /// One past the last.
    pub end_offset: Offset,
    /// Bytes of batches.
    pub length: u64,
    /// The largest timestamp, [`Timestamp::NONE`] while empty.
    pub max_timestamp: Timestamp,
    /// Wall clock of its beginning.
    pub created: Timestamp,
    /// The log's incarnation when its offsets were last given out anew: an index made under another one is void.
    pub incarnation: u64,
    /// Where its bytes are or will be.
    pub file: FileId,
    /// Compacted: offsets may be missing before, between and behind its batches.
    pub sparse: bool,
}

/// Everything that is true of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogState {
    /// Its identity.
    pub log: LogId,
    /// Number of changes applied.
    pub version: u64,
    /// Raised whenever offsets are given up and may be given out again, and whenever segments are rewritten: what was
    /// known of places in them is void.
    pub incarnation: u64,
    /// The partition it is a replica of.
    pub partition: PartitionId,
    /// The topic's name.
    pub topic: String,
    /// The topic's choices.
    pub config: LogConfig,
    /// The first offset.
    pub start: Offset,
    /// One past the last offset.
    pub end: Offset,
    /// One past the last offset that compaction has seen: of the records before, no two have the same key. At most
    /// the end; before the start, if the start has moved since.
    pub clean: Offset,
    /// Leader epochs with their first offsets, ascending in both.
    pub epochs: Vec<(LeaderEpoch, Offset)>,
    /// Ascending and without gaps; the last one takes the appends.
    pub segments: VecDeque<SegmentState>,
}

impl LogState {
    /// A log right after its creation (version 1).
    #[must_use]
    pub fn created(log: LogId, partition: PartitionId, topic: String, config: LogConfig) -> LogState {
        LogState {
            log,
            version: 1,
            incarnation: 1,
            partition,
            topic,
            config,
            start: Offset::ZERO,
            end: Offset::ZERO,
            clean: Offset::ZERO,
            epochs: Vec::new(),
            segments: VecDeque::new(),
        }
    }

    /// Applies a change that is made of `steps` versions (merged appends count as several), and returns the files
    /// that the log lets go of. They may be used again once the change is durable and nobody refers to them.
    pub fn apply(&mut self, change: &Change, steps: u32) -> Result<Vec<FileId>, Contradiction> {
        let released = match change {
            Change::Created { .. } => return Err(self.contradiction("it exists already")),
            Change::Deleted => self.release_all(),
            Change::SegmentOpened { created, file } => self.open_segment(*created, *file)?,
            Change::Appended(appended) => self.append(appended)?,
            Change::Truncated { end, length, max_timestamp } => {
                self.truncate(*end, *length, *max_timestamp)?
            }
            Change::Reset { start } => self.reset(*start),
            Change::StartMoved { start } => self.move_start(*start)?,
            Change::Compacted(compacted) => self.compact(compacted)?,
            Change::Cleaned { upto } => self.cleaned(*upto)?,
            Change::Attached { upto, .. } if *upto > self.end => {
                return Err(self.contradiction("what is described is not there"));
            }
            Change::Attached { .. } => Vec::new(),
            Change::Configured { config } => {
                self.config = *config;
                Vec::new()
            }
        };
        self.version += u64::from(steps);
        self.check();
        Ok(released)
    }

    /// The segment that holds `offset`, if any does.
    #[must_use]
    pub fn segment_index(&self, offset: Offset) -> Option<usize> {
        let after = self.segments.partition_point(|segment| segment.base_offset <= offset);
        let index = after.checked_sub(1)?;
        (offset < self.segments[index].end_offset).then_some(index)
    }

    /// Bytes of batches in all segments.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.length).sum()
    }

    /// Whether moving the start to `start` gives up a segment.
    #[must_use]
    pub fn has_segments_below(&self, start: Offset) -> bool {
        self.segments.len() > 1 && self.segments[0].end_offset <= start
    }

    /// The files it refers to.
    pub fn files(&self) -> impl Iterator<Item = FileId> + '_ {
        self.segments.iter().map(|segment| segment.file)
    }

    /// Gives up everything from `end` on without being told to: recovery found that it did not reach the disk.
    pub fn cut(
        &mut self,
        end: Offset,
        length: u64,
        max_timestamp: Timestamp,
    ) -> Result<Vec<FileId>, Contradiction> {
        let released = self.truncate(end, length, max_timestamp)?;
        self.check();
        Ok(released)
    }

    fn contradiction(&self, reason: &'static str) -> Contradiction {
        Contradiction { log: self.log, version: self.version, reason }
    }

    fn open_segment(&mut self, created: Timestamp, file: FileId) -> Result<Vec<FileId>, Contradiction> {
        if self.segments.back().is_some_and(|last| last.length == 0) {
            return Err(self.contradiction("a segment is opened after an empty one"));
        }
        self.segments.push_back(SegmentState {
            base_offset: self.end,
            end_offset: self.end,
            length: 0,
            max_timestamp: Timestamp::NONE,
            created,
            incarnation: self.incarnation,
            file,
            sparse: false,
        });
        Ok(Vec::new())
    }

    fn append(&mut self, appended: &Appended) -> Result<Vec<FileId>, Contradiction> {
        if appended.base_offset != self.end || appended.end_offset <= appended.base_offset {
            return Err(self.contradiction("appended offsets do not follow the end"));
        }
        let known_epoch = self.epochs.last().map(|&(epoch, _)| epoch);
        if known_epoch.is_some_and(|known| appended.leader_epoch < known) {
            return Err(self.contradiction("the leader epoch goes back"));
        }
        let fits = self.segments.back().is_some_and(|last| last.length == appended.position);
        if !fits || appended.length == 0 {
            return Err(self.contradiction("appended bytes do not follow the last segment's"));
        }
        if known_epoch != Some(appended.leader_epoch) {
            self.epochs.push((appended.leader_epoch, appended.base_offset));
        }
        let last = self.segments.back_mut().expect("it fits, so there is one");
        last.length += appended.length;
        last.end_offset = appended.end_offset;
        last.max_timestamp = last.max_timestamp.max(appended.max_timestamp);
        self.end = appended.end_offset;
        Ok(Vec::new())
    }

    fn truncate(
        &mut self,
        end: Offset,
        length: u64,
        max_timestamp: Timestamp,
    ) -> Result<Vec<FileId>, Contradiction> {
        if end > self.end || end < self.start {
            return Err(self.contradiction("truncation to an offset outside the log"));
        }
        let mut released = Vec::new();
        while self.segments.back().is_some_and(|last| last.base_offset >= end) {
            let removed = self.segments.pop_back().expect("it was just seen");
            released.push(removed.file);
        }
        if let Some(last) = self.segments.back_mut() {
            if length > last.length {
                return Err(self.contradiction("truncation makes a segment longer"));
            }
            last.length = length;
            last.end_offset = end;
            last.max_timestamp = max_timestamp;
            last.incarnation = self.incarnation + 1;
        }
        self.epochs.retain(|&(_, first)| first < end);
        self.end = end;
        self.clean = self.clean.min(end);
        self.incarnation += 1;
        Ok(released)
    }

    fn reset(&mut self, start: Offset) -> Vec<FileId> {
        let released = self.release_all();
        self.epochs.clear();
        self.start = start;
        self.end = start;
        self.clean = start;
        self.incarnation += 1;
        released
    }

    fn move_start(&mut self, start: Offset) -> Result<Vec<FileId>, Contradiction> {
        if start < self.start || start > self.end {
            return Err(self.contradiction("the start moves outside the log"));
        }
        self.start = start;
        let mut released = Vec::new();
        // The last segment stays, even when all of it is below the start: it takes the appends.
        while self.has_segments_below(start) {
            let removed = self.segments.pop_front().expect("there are at least two");
            released.push(removed.file);
        }
        self.trim_epochs_below_start();
        Ok(released)
    }

    fn compact(&mut self, compacted: &Compacted) -> Result<Vec<FileId>, Contradiction> {
        let Compacted { base_offset, end_offset, length, max_timestamp, created, file } = *compacted;
        let Some((first, count)) = self.segments_between(base_offset, end_offset) else {
            return Err(self.contradiction("compacted segments are not there"));
        };
        self.incarnation += 1;
        let segment = SegmentState {
            base_offset,
            end_offset,
            length,
            max_timestamp,
            created,
            incarnation: self.incarnation,
            file,
            sparse: true,
        };
        let released = self.segments.range(first..first + count).map(|segment| segment.file).collect();
        self.segments[first] = segment;
        self.segments.drain(first + 1..first + count);
        Ok(released)
    }

    /// Which segments, and how many, are exactly what lies between two offsets. The last segment takes the appends and
    /// is not among them.
    #[must_use]
    pub fn segments_between(&self, base: Offset, end: Offset) -> Option<(usize, usize)> {
        let first = self.segments.iter().position(|segment| segment.base_offset == base)?;
        let behind = self.segments.iter().skip(first);
        let count = 1 + behind.take_while(|segment| segment.end_offset < end).count();
        // An empty segment ends where the one before it does; the first that reaches the end is meant.
        let last = self.segments.get(first + count - 1)?;
        (last.end_offset == end && first + count < self.segments.len()).then_some((first, count))
    }

    fn cleaned(&mut self, upto: Offset) -> Result<Vec<FileId>, Contradiction> {
        if upto > self.end {
            return Err(self.contradiction("it is compacted beyond its end"));
        }
        self.clean = self.clean.max(upto);
        Ok(Vec::new())
    }

    /// Epochs that ended before the start are forgotten, the one in force at the start begins there (as Kafka's
    /// leader epoch cache does).
    fn trim_epochs_below_start(&mut self) {
        let in_force = self.epochs.iter().rposition(|&(_, first)| first <= self.start);
        if let Some(index) = in_force {
            self.epochs.drain(..index);
            self.epochs[0].1 = self.start;
        }
    }

    fn release_all(&mut self) -> Vec<FileId> {
        self.segments.drain(..).map(|segment| segment.file).collect()
    }

    fn check(&self) {
        assert!(self.start <= self.end, "a log does not begin after its end");
        assert!(self.clean <= self.end, "a log is not compacted beyond its end");
        if let Some(last) = self.segments.back() {
            assert!(last.end_offset == self.end, "the last segment ends where the log ends");
            debug_assert!(
                self.segments
                    .iter()
                    .zip(self.segments.iter().skip(1))
                    .all(|(a, b)| a.end_offset == b.base_offset)
            );
        }
    }
}
