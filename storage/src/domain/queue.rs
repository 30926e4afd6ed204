//! What waits to be written, in the order in which it was accepted.

use crate::format::BLOCK;
use crate::log::core::LogCore;
use crate::segment::live::LiveSegment;
use crate::state::{Appended, Change};
use ringlog_model::Durability;
use std::collections::VecDeque;
use std::rc::Rc;

/// Something for a commit group.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) log: Rc<LogCore>,
    /// The log's version after it.
    pub(crate) version: u64,
    pub(crate) kind: ItemKind,
}

#[derive(Debug)]
pub(crate) enum ItemKind {
    Change(Change),
    Append(QueuedAppend),
}

/// Batches of one log that follow each other in one segment.
#[derive(Debug)]
pub(crate) struct QueuedAppend {
    pub(crate) segment: Rc<LiveSegment>,
    pub(crate) appended: Appended,
    /// Versions it stands for.
    pub(crate) steps: u16,
    /// Of the batches' fields outside Kafka's CRC.
    pub(crate) checksum: u32,
}

/// Bounds of a group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GroupLimits {
    /// Bytes of batches inside the group.
    pub(crate) inline_bytes: u64,
    /// Bytes written beside it.
    pub(crate) external_bytes: u64,
    /// From how many bytes on batches are written beside it.
    pub(crate) external_min: u64,
    /// Items: their fields must fit as well.
    pub(crate) items: usize,
}

/// The queue. Items are numbered from 0; `first` is the number of the one in front.
#[derive(Debug, Default)]
pub(crate) struct CommitQueue {
    items: VecDeque<Item>,
    first: u64,
}

impl CommitQueue {
    /// Number of the next item.
    pub(crate) fn next_number(&self) -> u64 {
        self.first + self.items.len() as u64
    }

    pub(crate) fn push_change(&mut self, log: &Rc<LogCore>, version: u64, change: Change) -> u64 {
        self.push(Item { log: log.clone(), version, kind: ItemKind::Change(change) })
    }

    /// The append that batches of `segment` in `epoch` may join: the log's newest item, still waiting.
    pub(crate) fn joinable(
        &mut self,
        log: &LogCore,
        segment: &Rc<LiveSegment>,
        appended: &Appended,
    ) -> Option<(&mut u64, &mut QueuedAppend)> {
        let last = log.last_item.get().filter(|last| log.whole_upto.get() != Some(*last))?;
        let place = usize::try_from(last.checked_sub(self.first)?).ok()?;
        let item = self.items.get_mut(place)?;
        let ItemKind::Append(append) = &mut item.kind else { return None };
        let joins = Rc::ptr_eq(&append.segment, segment)
            && append.appended.leader_epoch == appended.leader_epoch
            && append.appended.end_offset == appended.base_offset
            && append.steps < u16::MAX;
        joins.then_some((&mut item.version, append))
    }

    pub(crate) fn push_append(&mut self, log: &Rc<LogCore>, version: u64, append: QueuedAppend) -> u64 {
        self.push(Item { log: log.clone(), version, kind: ItemKind::Append(append) })
    }

    fn push(&mut self, item: Item) -> u64 {
        let number = self.next_number();
        item.log.last_item.set(Some(number));
        self.items.push_back(item);
        number
    }

    /// Takes items from the front, at least one if there is any, until a bound is met.
    pub(crate) fn take(&mut self, limits: &GroupLimits) -> Vec<Item> {
        let (mut inline, mut external) = (0, 0);
        let mut count = 0;
        for item in &self.items {
            let bytes = item.bytes();
            if bytes >= limits.external_min {
                external += bytes;
                // The end of it travels in the group.
                inline += BLOCK;
            } else {
                inline += bytes + item.bytes_of_fields();
            }
            let over =
                inline > limits.inline_bytes || external > limits.external_bytes || count >= limits.items;
            if over && count > 0 {
                break;
            }
            count += 1;
        }
        self.first += count as u64;
        self.items.drain(..count).collect()
    }
}

impl Item {
    /// Whether somebody waits until it is synced.
    pub(crate) fn hurries(&self) -> bool {
        match &self.kind {
            ItemKind::Append(_) => self.log.config().durability == Durability::Fsync,
            ItemKind::Change(_) => true,
        }
    }

    /// Bytes of batches.
    pub(crate) fn bytes(&self) -> u64 {
        match &self.kind {
            ItemKind::Append(append) => append.appended.length,
            ItemKind::Change(_) => 0,
        }
    }

    /// Bytes of fields that are not small.
    fn bytes_of_fields(&self) -> u64 {
        match &self.kind {
            ItemKind::Change(Change::Attached { bytes, .. }) => bytes.len() as u64,
            _ => 0,
        }
    }
}
