//! Which leadership appended which offsets (KIP-101, KIP-320).

use alloc::vec::Vec;
use ringlog_model::{LeaderEpoch, Offset};

/// How many leaderships are remembered; the oldest are dropped first. A follower or consumer that knows only an
/// epoch older than these is sent back to the log's start of what is remembered, which is safe.
const EPOCHS_MAX: usize = 4096;

/// One leadership's first offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochStart {
    /// The leadership.
    pub epoch: LeaderEpoch,
    /// The offset of its first record (or where that would have gone).
    pub start: Offset,
}

/// A leadership and one past its last offset, as OffsetForLeaderEpoch answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEnd {
    /// The largest known epoch not above the one asked for.
    pub epoch: LeaderEpoch,
    /// One past the last offset that it (or an earlier one) appended.
    pub end: Offset,
}

/// The leaderships of a partition, epochs and offsets both rising.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpochHistory {
    entries: Vec<EpochStart>,
}

impl EpochHistory {
    /// The history that storage recovered; entries that do not rise are left out.
    #[must_use]
    pub fn recovered(entries: impl IntoIterator<Item = EpochStart>) -> EpochHistory {
        let mut history = EpochHistory::default();
        for entry in entries {
            history.begin(entry.epoch, entry.start);
        }
        history
    }

    /// The newest leadership.
    #[must_use]
    pub fn latest(&self) -> Option<EpochStart> {
        self.entries.last().copied()
    }

    /// All leaderships, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[EpochStart] {
        &self.entries
    }

    /// A leadership begins to append at `start`. One that is not newer than the latest changes nothing.
    pub(crate) fn begin(&mut self, epoch: LeaderEpoch, start: Offset) {
        if self.latest().is_some_and(|latest| latest.epoch >= epoch || latest.start > start) {
            return;
        }
        // A leadership that appended nothing leaves no trace: its successor takes its place.
        while self.latest().is_some_and(|latest| latest.start == start) {
            self.entries.pop();
        }
        if self.entries.len() == EPOCHS_MAX {
            self.entries.remove(0);
        }
        self.entries.push(EpochStart { epoch, start });
    }

    /// The log was cut to `end`.
    pub(crate) fn truncate(&mut self, end: Offset) {
        self.entries.retain(|entry| entry.start < end);
    }

    /// The log now begins at `start`: leaderships that lie wholly before it are forgotten.
    pub(crate) fn move_start(&mut self, start: Offset) {
        let before = self.entries.iter().take_while(|entry| entry.start <= start).count();
        if let Some(surviving) = before.checked_sub(1) {
            self.entries.drain(..surviving);
            self.entries[0].start = start;
        }
    }

    /// Where the leadership `requested`, or the last one before it, ended, in a log that ends at `log_end`.
    /// `None` if `requested` is newer than all that is known.
    ///
    /// Example: epochs 3 from offset 0, 7 from 20, log end 30. Asked for 3: (3, 20). For 5: (3, 20). For 7: (7, 30).
    /// For 2: (2, 0): nothing of it is left. For 8: `None`.
    #[must_use]
    pub fn end_of(&self, requested: LeaderEpoch, log_end: Offset) -> Option<EpochEnd> {
        let latest = self.latest()?;
        if requested.0 < 0 || requested > latest.epoch {
            return None;
        }
        if requested == latest.epoch {
            return Some(EpochEnd { epoch: requested, end: log_end });
        }
        let next = self.entries.partition_point(|entry| entry.epoch <= requested);
        let end = self.entries[next].start;
        let epoch = next.checked_sub(1).map_or(requested, |at| self.entries[at].epoch);
        Some(EpochEnd { epoch, end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(entries: &[(i32, i64)]) -> EpochHistory {
        EpochHistory::recovered(
            entries
                .iter()
                .map(|&(epoch, start)| EpochStart { epoch: LeaderEpoch(epoch), start: Offset(start) }),
        )
    }

    fn end_of(history: &EpochHistory, epoch: i32) -> Option<(i32, i64)> {
        history.end_of(LeaderEpoch(epoch), Offset(30)).map(|found| (found.epoch.0, found.end.0))
    }

    #[test]
    fn end_of_an_epoch_is_the_start_of_the_next() {
        let history = history(&[(3, 0), (7, 20)]);
        for (asked, answer) in [
            (-1, None),
            (2, Some((2, 0))),
            (3, Some((3, 20))),
            (5, Some((3, 20))),
            (7, Some((7, 30))),
            (8, None),
        ] {
            assert_eq!(end_of(&history, asked), answer, "epoch {asked}");
        }
    }

    #[test]
    fn an_empty_history_knows_no_epoch() {
        assert_eq!(end_of(&EpochHistory::default(), 0), None);
    }

    #[test]
    fn a_leadership_without_appends_is_replaced_by_its_successor() {
        assert_eq!(history(&[(1, 0), (2, 10), (3, 10)]), history(&[(1, 0), (3, 10)]));
    }

    #[test]
    fn stale_epochs_change_nothing() {
        assert_eq!(history(&[(5, 0), (4, 10), (5, 12)]), history(&[(5, 0)]));
    }

    #[test]
    fn truncation_and_retention_cut_both_ends() {
        let mut cut = history(&[(1, 0), (2, 10), (3, 20)]);
        cut.truncate(Offset(20));
        assert_eq!(cut, history(&[(1, 0), (2, 10)]));
        cut.move_start(Offset(15));
        assert_eq!(cut, history(&[(2, 15)]));
        cut.move_start(Offset(3));
        assert_eq!(cut, history(&[(2, 15)]));
    }

    #[test]
    fn the_history_is_bounded() {
        let long = history(&(0..5000).map(|number| (number, i64::from(number) * 2)).collect::<Vec<_>>());
        assert_eq!(long.entries().len(), EPOCHS_MAX);
        assert_eq!(long.latest().unwrap().epoch, LeaderEpoch(4999));
    }
}
