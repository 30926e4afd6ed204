//! Who may read what: checks of a fetch, and the answers about offsets and epochs.

use crate::{EpochEnd, FetchRefusal, LeadershipRefusal, Partition};
use ringlog_model::{LeaderEpoch, Offset};

/// What a consumer wants to see (`isolation.level`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isolation {
    /// Everything committed to the log.
    #[default]
    ReadUncommitted,
    /// Nothing of open or aborted transactions.
    ReadCommitted,
}

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// A consumer, up to the high watermark or the last stable offset.
    Consumer(Isolation),
    /// A follower, up to the log's end.
    Replica,
}

/// Where a fetch begins, and what its sender believes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchPosition {
    /// The first offset wanted.
    pub offset: Offset,
    /// The leader epoch that the sender believes in (`current_leader_epoch`; -1 is `None`).
    pub leader_epoch: Option<LeaderEpoch>,
    /// The epoch of the last record that the sender has (`last_fetched_epoch`; -1 is `None`), KIP-595.
    pub last_fetched_epoch: Option<LeaderEpoch>,
    /// Who it is.
    pub reader: Reader,
}

/// The marks that go with a fetch answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadLimits {
    /// Read to here, exclusive.
    pub limit: Offset,
    /// One past the last committed offset.
    pub high_watermark: Offset,
    /// One past the last offset that no open transaction touches; the high watermark until there are transactions.
    pub last_stable_offset: Offset,
    /// The log's first offset.
    pub log_start: Offset,
}

/// How a fetch goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchAnswer {
    /// Read `[offset, limit)`; if that is empty, wait.
    Read(ReadLimits),
    /// The sender's log parted from this one: it must cut its own to the end given here and look again.
    Diverged {
        /// Where the histories agree at most.
        agreed: EpochEnd,
        /// The marks.
        limits: ReadLimits,
    },
}

impl Partition {
    /// Checks a fetch and says how far it may read.
    ///
    /// # Errors
    /// [`FetchRefusal`]. An offset between the limit and the log's end is no error: there is just nothing to read yet.
    pub fn fetch(&self, position: &FetchPosition) -> Result<FetchAnswer, FetchRefusal> {
        self.role.lead(position.leader_epoch)?;
        let limits = self.read_limits(position.reader);
        if let Some(epoch) = position.last_fetched_epoch {
            let known = self.epochs.end_of(epoch, self.marks.end);
            let agreed = known.unwrap_or(EpochEnd { epoch: LeaderEpoch::UNKNOWN, end: Offset(-1) });
            if agreed.epoch < epoch || agreed.end < position.offset {
                return Ok(FetchAnswer::Diverged { agreed, limits });
            }
        }
        let (log_start, end) = (self.marks.log_start, self.marks.end);
        if position.offset < log_start || position.offset > end {
            return Err(FetchRefusal::OffsetOutOfRange { requested: position.offset, log_start, end });
        }
        Ok(FetchAnswer::Read(limits))
    }

    /// How far this reader may read.
    #[must_use]
    pub fn read_limits(&self, reader: Reader) -> ReadLimits {
        let high_watermark = self.marks.high_watermark;
        let last_stable_offset = self.last_stable_offset();
        let limit = match reader {
            Reader::Consumer(Isolation::ReadUncommitted) => high_watermark,
            Reader::Consumer(Isolation::ReadCommitted) => last_stable_offset,
            Reader::Replica => self.marks.end,
        };
        ReadLimits { limit, high_watermark, last_stable_offset, log_start: self.marks.log_start }
    }

    /// One past the last offset that no open transaction touches.
    #[must_use]
    pub fn last_stable_offset(&self) -> Offset {
        self.marks.high_watermark
    }

    /// Whether this replica leads, in the epoch that the client believes in; for requests that only look something up
    /// (ListOffsets, OffsetForLeaderEpoch). Gives the epoch.
    ///
    /// # Errors
    /// [`LeadershipRefusal`].
    pub fn check_leadership(&self, believed: Option<LeaderEpoch>) -> Result<LeaderEpoch, LeadershipRefusal> {
        Ok(self.role.lead(believed)?.epoch())
    }

    /// Where a leadership ended, for OffsetForLeaderEpoch; `None` if it is newer than all that is known.
    ///
    /// # Errors
    /// [`LeadershipRefusal`].
    pub fn end_of_epoch(
        &self,
        believed: Option<LeaderEpoch>,
        requested: LeaderEpoch,
    ) -> Result<Option<EpochEnd>, LeadershipRefusal> {
        self.role.lead(believed)?;
        Ok(self.epochs.end_of(requested, self.marks.end))
    }
}
