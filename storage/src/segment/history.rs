//! What readers of a segment's file tell each other, on whatever shard they are: how much of it was found whole, and
//! how much was read.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Bits of a position; the bits above hold the low part of the incarnation that the position belongs to.
const POSITION_BITS: u32 = 40;
const POSITION_MAX: u64 = (1 << POSITION_BITS) - 1;

/// Notes on a file in the use of one segment. Positions are bytes of batches from the segment's first.
#[derive(Debug, Default)]
pub(crate) struct ReadHistory {
    /// How far it was found whole, from its beginning, in which incarnation. One word: both or neither.
    checked: AtomicU64,
    /// Bytes that were read from the disk for consumers.
    read: AtomicU64,
}

impl ReadHistory {
    /// Notes that `[from, to)` was found whole. Only what continues what was checked before is remembered: readers
    /// that go through a segment in order.
    pub(crate) fn note_checked(&self, incarnation: u64, from: u64, to: u64) {
        let known = self.checked_upto(incarnation);
        if from <= known && to > known && to <= POSITION_MAX {
            self.checked.store(tag(incarnation) | to, Relaxed);
        }
    }

    /// How far it was found whole.
    pub(crate) fn checked_upto(&self, incarnation: u64) -> u64 {
        let checked = self.checked.load(Relaxed);
        if checked & !POSITION_MAX == tag(incarnation) { checked & POSITION_MAX } else { 0 }
    }

    /// Nothing counts as checked any more: damage was found.
    pub(crate) fn forget_checked(&self) {
        self.checked.store(0, Relaxed);
    }

    /// Notes that so many bytes were read for a consumer.
    pub(crate) fn note_read(&self, bytes: u64) {
        self.read.fetch_add(bytes, Relaxed);
    }

    /// Bytes read for consumers.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.read.load(Relaxed)
    }
}

fn tag(incarnation: u64) -> u64 {
    incarnation << POSITION_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_continues_the_beginning_counts_as_checked() {
        let history = ReadHistory::default();
        history.note_checked(1, 10, 20);
        assert_eq!(history.checked_upto(1), 0);
        history.note_checked(1, 0, 10);
        history.note_checked(1, 5, 30);
        history.note_checked(1, 0, 7);
        assert_eq!(history.checked_upto(1), 30);
        history.forget_checked();
        assert_eq!(history.checked_upto(1), 0);
    }

    #[test]
    fn another_incarnation_is_checked_anew() {
        let history = ReadHistory::default();
        history.note_checked(1, 0, 30);
        assert_eq!(history.checked_upto(2), 0);
        history.note_checked(2, 0, 10);
        assert_eq!((history.checked_upto(2), history.checked_upto(1)), (10, 0));
    }
}
