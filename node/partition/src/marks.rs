//! How far a replica's log has come.
//!
//! ```text
//! log_start                 high_watermark   commit_mark             end
//!     |--- readable --------------|---------------|---------------------|
//!                                       flushed <= written <= end
//! ```
//!
//! `end` moves when a batch is accepted, `written` and `flushed` when the disk says so. The commit mark is `flushed`, or
//! `written` where the topic says so; it never moves back, so that a topic may turn to the stricter promise while
//! it is in use. All are one past the last offset.

use ringlog_model::{Durability, Offset};

/// The marks of one replica's own log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    pub(crate) log_start: Offset,
    pub(crate) high_watermark: Offset,
    pub(crate) commit_mark: Offset,
    pub(crate) flushed: Offset,
    pub(crate) written: Offset,
    pub(crate) end: Offset,
}

impl Marks {
    /// The marks of a log that was recovered: storage has synced all that it accepted.
    ///
    /// The high watermark begins at the log's start and rises with the first leadership: only the ISR's marks
    /// tell what was committed.
    pub(crate) fn recovered(log_start: Offset, end: Offset) -> Marks {
        let marks =
            Marks { log_start, high_watermark: log_start, commit_mark: end, flushed: end, written: end, end };
        marks.check();
        marks
    }

    /// The log's first offset.
    #[must_use]
    pub fn log_start(&self) -> Offset {
        self.log_start
    }

    /// One past the last offset that consumers may read.
    #[must_use]
    pub fn high_watermark(&self) -> Offset {
        self.high_watermark
    }

    /// One past the last offset that this replica holds as safely as the topic asks.
    #[must_use]
    pub fn commit_mark(&self) -> Offset {
        self.commit_mark
    }

    /// One past the last offset synced.
    #[must_use]
    pub fn flushed(&self) -> Offset {
        self.flushed
    }

    /// One past the last offset written.
    #[must_use]
    pub fn written(&self) -> Offset {
        self.written
    }

    /// One past the last offset accepted.
    #[must_use]
    pub fn end(&self) -> Offset {
        self.end
    }

    pub(crate) fn move_written(&mut self, end: Offset, durability: Durability) {
        assert!(end <= self.end, "the disk tells of {end}, the log ends at {}", self.end);
        self.written = self.written.max(end);
        self.settle(durability);
    }

    pub(crate) fn move_flushed(&mut self, end: Offset, durability: Durability) {
        assert!(end <= self.end, "the disk tells of {end}, the log ends at {}", self.end);
        self.flushed = self.flushed.max(end);
        self.written = self.written.max(end);
        self.settle(durability);
    }

    /// Brings the commit mark up to what the disk has done.
    pub(crate) fn settle(&mut self, durability: Durability) {
        let reached = match durability {
            Durability::Fsync => self.flushed,
            Durability::Written => self.written,
        };
        self.commit_mark = self.commit_mark.max(reached);
    }

    /// The log now begins later. A replica that does not know the high watermark yet learns this much of it: only
    /// committed offsets are dropped from the front.
    pub(crate) fn move_start(&mut self, start: Offset) {
        assert!(start <= self.commit_mark, "start {start} beyond the commit mark {}", self.commit_mark);
        self.log_start = self.log_start.max(start);
        self.high_watermark = self.high_watermark.max(self.log_start);
    }

    /// The log was cut to `end`.
    pub(crate) fn truncate(&mut self, end: Offset) {
        assert!(end >= self.log_start, "a log is not cut before its start");
        for mark in [
            &mut self.high_watermark,
            &mut self.commit_mark,
            &mut self.flushed,
            &mut self.written,
            &mut self.end,
        ] {
            *mark = (*mark).min(end);
        }
    }

    /// What always holds.
    pub(crate) fn check(&self) {
        assert!(self.log_start <= self.high_watermark, "start beyond the high watermark: {self:?}");
        assert!(self.high_watermark <= self.commit_mark, "high watermark beyond the commit mark: {self:?}");
        assert!(self.commit_mark <= self.end, "commit mark beyond the end: {self:?}");
        assert!(
            self.flushed <= self.written && self.written <= self.end,
            "disk marks out of order: {self:?}"
        );
    }
}
