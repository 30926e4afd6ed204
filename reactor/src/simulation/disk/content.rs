//! One file's bytes in a world that can lose power: what readers see, what is certain to survive, and every change
//! in between.
//!
//! ```text
//!   write, truncate, allocate ──> cached image (what reads return)
//!                            └──> pending changes, in the order they completed
//!   fdatasync ───────────────────> durable image := durable + pending changes completed before it was submitted
//!   power loss ──────────────────> durable image := durable + any subset of the pending sectors; cached := durable
//! ```
//!
//! Sectors survive one by one. Changes of size and holes are journalled by real file systems, so of those only a
//! prefix survives, and a write that follows a lost truncation does not reach the sectors which that truncation
//! would have freed. A sync commits the file's size and holes along with its data.

use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

use super::image::{Image, PAGE, Page, SECTOR, Sectors};
use super::ranges::Ranges;
use super::survival::Survival;
use crate::simulation::random::Random;

/// Position in the order of all completed changes of one disk.
pub(crate) type Sequence = u64;

/// More unsynced changes than this in one file and the oldest become durable by themselves, as a kernel writes back
/// dirty pages: it bounds the memory of workloads that never sync.
const PENDING_MAX: usize = 4096;

#[derive(Debug, Clone)]
enum Change {
    Write(Vec<(u64, Rc<Page>, Sectors)>),
    Zero(Range<u64>),
    Length(u64),
}

#[derive(Debug, Clone)]
struct Pending {
    sequence: Sequence,
    change: Change,
    /// Written through the page cache.
    buffered: bool,
    /// A sync that covered this change failed: no later sync makes it durable (the kernel marks such pages clean).
    forsaken: bool,
}

/// The content of one file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    cached: Image,
    durable: Image,
    pending: Vec<Pending>,
    allocated: Ranges,
    unreadable: BTreeSet<u64>,
}

impl Content {
    pub(crate) fn length(&self) -> u64 {
        self.cached.length()
    }

    /// Bytes of the device this file occupies.
    pub(crate) fn occupied(&self) -> u64 {
        self.allocated.total() * PAGE
    }

    /// Bytes of the device that writing or allocating `range` would take in addition.
    pub(crate) fn needed(&self, range: &Range<u64>) -> u64 {
        self.allocated.missing(&blocks(range)) * PAGE
    }

    /// Reads from `offset`; `None` when a block under the range cannot be read.
    pub(crate) fn read(&self, offset: u64, out: &mut [u8]) -> Option<usize> {
        let end = (offset + out.len() as u64).min(self.length());
        if !self.unreadable.is_empty()
            && offset < end
            && self.unreadable.range(blocks(&(offset..end))).next().is_some()
        {
            return None;
        }
        Some(self.cached.read(offset, out))
    }

    /// Whether a block under the range cannot be read.
    pub(crate) fn is_unreadable(&self, range: &Range<u64>) -> bool {
        self.unreadable.range(blocks(range)).next().is_some()
    }

    /// Whether a write of `range` through the page cache must read what cannot be read: the rest of its first or last block.
    pub(crate) fn cannot_be_filled_up(&self, range: &Range<u64>) -> bool {
        let is_part = |page: &u64| *page * PAGE < range.start || (*page + 1) * PAGE > range.end;
        self.unreadable.range(blocks(range)).any(is_part)
    }

    /// A completed write, through the page cache or past it.
    pub(crate) fn write(&mut self, sequence: Sequence, offset: u64, bytes: &[u8], buffered: bool) {
        if bytes.is_empty() {
            return;
        }
        let range = offset..offset + bytes.len() as u64;
        if range.end > self.length() {
            self.push(sequence, Change::Length(range.end));
        }
        self.cached.write(offset, bytes);
        self.allocated.insert(blocks(&range));
        if !self.unreadable.is_empty() {
            let whole = range.start.div_ceil(PAGE)..range.end / PAGE;
            self.unreadable.retain(|page| !whole.contains(page));
        }
        let snapshots = blocks(&range)
            .map(|page| {
                let snapshot = self.cached.page(page).expect("a page just written exists");
                (page, Rc::clone(snapshot), Sectors::touched(page, &range))
            })
            .collect();
        self.push(sequence, Change::Write(snapshots));
        if let Some(newest) = self.pending.last_mut() {
            newest.buffered = buffered;
        }
    }

    /// Sets the length, up or down.
    pub(crate) fn set_length(&mut self, sequence: Sequence, length: u64) {
        if length < self.length() {
            self.push(sequence, Change::Zero(length..u64::MAX - PAGE));
            self.allocated.remove(length.div_ceil(PAGE)..u64::MAX);
            // Should the file grow again, it gets other blocks.
            self.unreadable.retain(|page| *page < length.div_ceil(PAGE));
        }
        if length != self.length() {
            self.cached.set_length(length);
            self.push(sequence, Change::Length(length));
        }
    }

    /// Reserves blocks; they read as zeros until written. The file grows to the end of the range.
    pub(crate) fn allocate(&mut self, sequence: Sequence, range: Range<u64>) {
        self.allocated.insert(blocks(&range));
        if range.end > self.length() {
            self.set_length(sequence, range.end);
        }
    }

    /// Makes a range read as zeros, keeping its blocks.
    pub(crate) fn zero(&mut self, sequence: Sequence, range: Range<u64>) {
        self.cached.zero(range.clone());
        self.allocated.insert(blocks(&range));
        self.push(sequence, Change::Zero(range));
    }

    /// Makes everything durable that completed up to `sequence`.
    pub(crate) fn sync(&mut self, sequence: Sequence) {
        let mut index = 0;
        while index < self.pending.len() && self.pending[index].sequence <= sequence {
            if self.pending[index].forsaken {
                index += 1;
            } else {
                self.commit(index);
            }
        }
    }

    /// A failed sync: the pages it covered are cached, perhaps on the device, and no later sync will write them again.
    /// Direct writes have left the cache behind, and the journal keeps sizes and holes: the next sync saves those.
    pub(crate) fn fail_sync(&mut self, sequence: Sequence) {
        for pending in self.pending.iter_mut().filter(|pending| pending.sequence <= sequence) {
            pending.forsaken = pending.buffered;
        }
    }

    /// Makes durable the write with exactly this sequence, and the file's size and holes up to it (RWF_DSYNC).
    pub(crate) fn sync_one(&mut self, sequence: Sequence) {
        let mut index = 0;
        while index < self.pending.len() && self.pending[index].sequence <= sequence {
            let pending = &self.pending[index];
            let is_data = matches!(pending.change, Change::Write(_));
            if pending.sequence == sequence || !is_data {
                self.commit(index);
            } else {
                index += 1;
            }
        }
    }

    /// Whether anything is not yet durable.
    pub(crate) fn is_dirty(&self) -> bool {
        !self.pending.is_empty()
    }

    /// What a reader finds once the power is back.
    pub(crate) fn lose_power(&mut self, survival: &Survival, random: &mut Random) {
        let pending = std::mem::take(&mut self.pending);
        let journalled = pending.iter().filter(|pending| !matches!(pending.change, Change::Write(_)));
        let mut survivors = survival.journal_prefix(journalled.map(|pending| pending.sequence), random);
        let mut lost_holes: Vec<Range<u64>> = Vec::new();
        let mut torn = BTreeSet::new();
        for Pending { sequence, change, .. } in pending {
            match change {
                Change::Write(snapshots) => {
                    let whole = survival.write_survives(sequence, random);
                    for (page, snapshot, sectors) in snapshots {
                        let kept = survival.surviving_sectors(whole, sectors, random);
                        let freed = lost_holes
                            .iter()
                            .fold(Sectors(0), |mask, hole| Sectors(mask.0 | Sectors::touched(page, hole).0));
                        let kept = kept.without(freed);
                        if kept != sectors && !kept.is_empty() {
                            torn.insert(page);
                        }
                        if !kept.is_empty() {
                            self.durable.write_sectors(page, &snapshot, kept);
                        }
                    }
                }
                change if survivors > 0 => {
                    survivors -= 1;
                    self.apply_to_durable(change);
                }
                Change::Zero(range) => lost_holes.push(range),
                Change::Length(_) => {}
            }
        }
        self.durable.cut_at_end();
        if survival.torn_blocks_are_unreadable {
            let end = self.durable.length().div_ceil(PAGE);
            self.unreadable.extend(torn.range(..end).filter(|_| random.chance(1, 2)));
        }
        self.cached = self.durable.clone();
        self.allocated.remove(self.cached.length().div_ceil(PAGE)..u64::MAX);
    }

    /// Rot: the bit is wrong in cache and on the device, and nobody was told.
    pub(crate) fn flip(&mut self, offset: u64, bit: u8) {
        self.cached.flip(offset, bit);
        self.durable.flip(offset, bit);
        let page = offset / PAGE;
        for pending in &mut self.pending {
            let Change::Write(snapshots) = &mut pending.change else { continue };
            for (_, snapshot, _) in snapshots.iter_mut().filter(|(at, ..)| *at == page) {
                Rc::make_mut(snapshot)[(offset % PAGE) as usize] ^= 1 << (bit & 7);
            }
        }
    }

    /// From now on the block under `offset` cannot be read until it is wholly rewritten.
    pub(crate) fn make_unreadable(&mut self, offset: u64) {
        self.unreadable.insert(offset / PAGE);
    }

    fn push(&mut self, sequence: Sequence, change: Change) {
        if self.pending.len() >= PENDING_MAX {
            let oldest_half = self.pending[PENDING_MAX / 2].sequence;
            self.pending.iter_mut().for_each(|pending| pending.forsaken = false);
            self.sync(oldest_half);
        }
        self.pending.push(Pending { sequence, change, buffered: false, forsaken: false });
    }

    /// Makes one pending change durable and removes from earlier ones what it overrules.
    fn commit(&mut self, index: usize) {
        let Pending { change, .. } = self.pending.remove(index);
        for earlier in &mut self.pending[..index] {
            let Change::Write(snapshots) = &mut earlier.change else { continue };
            for (page, snapshot, sectors) in snapshots.iter_mut() {
                *sectors = sectors.without(overruled(&change, *page));
                zero_edges(&change, *page, snapshot);
            }
            snapshots.retain(|(_, _, sectors)| !sectors.is_empty());
        }
        self.apply_to_durable(change);
    }

    fn apply_to_durable(&mut self, change: Change) {
        match change {
            Change::Write(snapshots) => {
                for (page, snapshot, sectors) in snapshots {
                    self.durable.write_sectors(page, &snapshot, sectors);
                }
            }
            Change::Zero(range) => self.durable.zero(range),
            Change::Length(length) => self.durable.set_length(length),
        }
    }
}

/// The sectors of `page` whose content `change` decides.
fn overruled(change: &Change, page: u64) -> Sectors {
    match change {
        Change::Write(snapshots) => snapshots
            .iter()
            .filter(|(at, ..)| *at == page)
            .fold(Sectors(0), |mask, (_, _, sectors)| Sectors(mask.0 | sectors.0)),
        Change::Zero(range) => {
            Sectors::touched(page, &(range.start.next_multiple_of(SECTOR)..range.end / SECTOR * SECTOR))
        }
        Change::Length(_) => Sectors(0),
    }
}

/// A hole that begins or ends inside a sector decides only those bytes of it.
fn zero_edges(change: &Change, page: u64, snapshot: &mut Rc<Page>) {
    let Change::Zero(range) = change else { return };
    let base = page * PAGE;
    let (start, end) = (range.start.max(base), range.end.min(base + PAGE));
    if start < end && (start % SECTOR != 0 || end % SECTOR != 0) {
        Rc::make_mut(snapshot)[(start - base) as usize..(end - base) as usize].fill(0);
    }
}

fn blocks(range: &Range<u64>) -> Range<u64> {
    range.start / PAGE..range.end.div_ceil(PAGE)
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
