//! A few places of a log that are known exactly: where the last reads stopped and where the marks stand. A consumer
//! that goes on where it stopped, and a high watermark as a limit, need no search.

use ringlog_model::Offset;

/// Places remembered.
const HINTS: usize = 16;

/// A place where a batch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PositionHint {
    /// The base of the segment.
    pub(crate) segment: Offset,
    /// The batch's base offset; the next batch's if it is the segment's end.
    pub(crate) offset: Offset,
    /// Bytes of batches before it in the segment.
    pub(crate) position: u64,
}

/// The newest places, in a ring.
#[derive(Debug, Default)]
pub(crate) struct PositionHints {
    hints: Vec<PositionHint>,
    next: usize,
}

impl PositionHints {
    pub(crate) fn remember(&mut self, hint: PositionHint) {
        if self.hints.contains(&hint) {
            return;
        }
        if self.hints.len() < HINTS {
            self.hints.push(hint);
            return;
        }
        self.hints[self.next] = hint;
        self.next = (self.next + 1) % HINTS;
    }

    pub(crate) fn position(&self, segment: Offset, offset: Offset) -> Option<u64> {
        let found = self.hints.iter().find(|hint| hint.segment == segment && hint.offset == offset);
        found.map(|hint| hint.position)
    }

    pub(crate) fn clear(&mut self) {
        self.hints.clear();
        self.next = 0;
    }
}
