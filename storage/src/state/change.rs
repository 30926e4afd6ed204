//! The changes of a log.

use super::FileId;
use crate::LogConfig;
use ringlog_model::{LeaderEpoch, Offset, PartitionId, Timestamp};

/// One change of one log. Each has a version in its log, counted from 1 without holes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The log begins to exist, empty.
    Created {
        /// The partition it is a replica of.
        partition: PartitionId,
        /// The topic's name.
        topic: String,
        /// The topic's choices.
        config: LogConfig,
    },
    /// The log ceases to exist.
    Deleted,
    /// A segment begins at the log's end; the one before is sealed.
    SegmentOpened {
        /// Wall clock.
        created: Timestamp,
        /// The file for its bytes. It is made when the first bytes go there: until a checkpoint they may be in the
        /// journal only.
        file: FileId,
    },
    /// Batches were added to the last segment.
    Appended(Appended),
    /// Everything from `end` on is gone. Whatever of the log lies before is in its segments and synced when this is
    /// written down.
    Truncated {
        /// The new end of the log, where a batch began.
        end: Offset,
        /// Bytes that remain of the segment that becomes the last.
        length: u64,
        /// The largest timestamp that remains in it.
        max_timestamp: Timestamp,
    },
    /// Everything is gone; the log goes on at `start`.
    Reset {
        /// Start and end.
        start: Offset,
    },
    /// The log begins later; segments wholly before are gone.
    StartMoved {
        /// The new start.
        start: Offset,
    },
    /// Segments were rewritten by compaction into one, whose file was synced before this was written down. What was
    /// accepted in those segments was synced as well.
    Compacted(Compacted),
    /// The log is compacted up to here.
    Cleaned {
        /// See [`LogState::clean`](super::LogState::clean).
        upto: Offset,
    },
    /// The owner's description of the log up to an offset is this one. Written down when records that only it still speaks of are
    /// about to go; else the next checkpoint has it.
    Attached {
        /// One past the last offset that it describes.
        upto: Offset,
        /// Opaque.
        bytes: Vec<u8>,
    },
    /// The topic's choices are others.
    Configured {
        /// All of them.
        config: LogConfig,
    },
}

/// A compacted segment in place of one or several others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// The base of the first segment replaced, and of the new one.
    pub base_offset: Offset,
    /// The end of the last segment replaced, and of the new one.
    pub end_offset: Offset,
    /// Bytes of batches that remain.
    pub length: u64,
    /// The largest timestamp in them.
    pub max_timestamp: Timestamp,
    /// Wall clock of the beginning of the last segment replaced.
    pub created: Timestamp,
    /// The new file.
    pub file: FileId,
}

/// Batches added to the last segment, by one or several appends that followed each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Where in the segment's batches they begin, bytes.
    pub position: u64,
    /// Bytes.
    pub length: u64,
    /// The first batch's base offset.
    pub base_offset: Offset,
    /// One past the last record.
    pub end_offset: Offset,
    /// The largest timestamp in them.
    pub max_timestamp: Timestamp,
    /// The leader epoch in all of them.
    pub leader_epoch: LeaderEpoch,
}
