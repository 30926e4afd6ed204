//! Writes zeros into the journal ahead of its groups, once in the life of a half.
//!
//! Blocks that were only reserved belong to the file but count as unwritten: the first write to them changes the file
//! system's own records, and a synced write waits until these are durable as well. On blocks that were written before, a
//! synced write is the write and a flush of the device. What is overwritten here means nothing: it lies behind the groups of
//! the half being written, or in a half whose generation is in the checkpoint.

use super::Domain;
use super::journal::Journal;
use crate::format::{BLOCK, block_floor};
use bytes::Bytes;
use std::ops::Range;
use std::rc::Rc;

/// Zeros of one write.
const PIECE: u64 = 1 << 20;
/// The last block of a half that was written once says so, so that the next start need not write it again. Recovery does not
/// look at it.
const MARK: &[u8] = b"ringlog journal: every block of this half was written once\n";

/// What is known of the blocks of both halves.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    /// Bytes of each half, from its front, that need no zeros any more.
    upto: [u64; 2],
    /// Zeros on their way: half and range.
    on_the_way: Option<(usize, Range<u64>)>,
}

impl Prepared {
    /// Both halves as they were found; `last` are their last blocks.
    pub(crate) fn found(half_bytes: u64, last: [&[u8]; 2]) -> Prepared {
        let upto = last.map(|block| if block.iter().any(|byte| *byte != 0) { half_bytes } else { 0 });
        Prepared { upto, on_the_way: None }
    }

    /// Whether no half needs zeros.
    pub(crate) fn is_complete(&self, half_bytes: u64) -> bool {
        self.upto.iter().all(|upto| *upto >= half_bytes)
    }

    /// Whether zeros on their way would meet a group there.
    pub(crate) fn is_in_the_way(&self, half: usize, group: &Range<u64>) -> bool {
        self.on_the_way.as_ref().is_some_and(|(found, range)| {
            *found == half && range.start < group.end && group.start < range.end
        })
    }
}

pub(crate) async fn run(domain: Rc<Domain>) {
    while domain.is_alive() {
        let more = domain.preparing.notified();
        let piece = next_piece(&domain.journal.borrow(), domain.config.journal_ahead_bytes);
        let Some((half, range)) = piece else {
            more.await;
            continue;
        };
        let file = {
            let mut journal = domain.journal.borrow_mut();
            journal.prepared.on_the_way = Some((half, range.clone()));
            journal.half(half)
        };
        let is_last = range.end == domain.journal.borrow().half_bytes();
        let written = file.write_at(zeros(&domain, range.end - range.start, is_last), range.start).await;
        let mut journal = domain.journal.borrow_mut();
        journal.prepared.on_the_way = None;
        journal.prepared.upto[half] = range.end;
        drop(journal);
        domain.prepared.notify_all();
        if let Err(error) = written {
            // Groups do without; an error that matters will meet them as well.
            tracing::warn!(domain = domain.number, %error, "the journal is not written ahead of its groups");
            return;
        }
    }
}

/// The next range to fill with zeros: `ahead` bytes in front of the groups, in the other half if this one is done and the
/// other may be overwritten. Groups that come faster than the zeros go on without them.
fn next_piece(journal: &Journal, ahead: u64) -> Option<(usize, Range<u64>)> {
    let size = journal.half_bytes();
    let piece = PIECE.min(block_floor(size / 16));
    if piece == 0 {
        return None;
    }
    let (half, position) = journal.front();
    let range = |half: usize, from: u64, wanted: u64| {
        let from = journal.prepared.upto[half].max(from);
        (from < wanted.min(size)).then(|| (half, from..(from + piece).min(size)))
    };
    // The next group finds the place behind the last one free of zeros on their way.
    let here = range(half, position + piece, position + ahead);
    let other = 1 - half;
    let left = (position + ahead).saturating_sub(size);
    here.or_else(|| if journal.other_half_is_free() { range(other, 0, left) } else { None })
}

fn zeros(domain: &Domain, length: u64, is_last: bool) -> Bytes {
    let mut buffer = domain.reactor.disk_buffer(length as usize);
    buffer.extend_from_slice(&vec![0; length as usize]);
    if is_last {
        buffer[(length - BLOCK) as usize..][..MARK.len()].copy_from_slice(MARK);
    }
    buffer.freeze()
}
