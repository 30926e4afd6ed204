//! Requests whose batches are accepted and not acknowledged yet.

use crate::{Origin, RequestId};
use alloc::collections::VecDeque;
use ringlog_model::{Instant, Offset, Timestamp};

/// More requests than this do not wait for one partition. The node's own bounds (bytes in flight per connection and shard)
/// are met long before; this one keeps the memory of a stuck disk finite whatever the node does.
pub(crate) const WAITERS_MAX: usize = 65_536;

/// A request and what it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waiter {
    pub(crate) request: RequestId,
    pub(crate) base_offset: Offset,
    /// One past its batch: it is answered once the mark is there.
    pub(crate) end: Offset,
    pub(crate) log_append_time: Timestamp,
    pub(crate) origin: Origin,
    pub(crate) deadline: Option<Instant>,
}

/// Waiters of one mark, in the order in which the mark will reach them.
#[derive(Clone, Debug, Default)]
pub(crate) struct WaiterQueue {
    waiters: VecDeque<Waiter>,
    /// No waiter's deadline is earlier. It may be too early after a waiter has left, which costs an idle look.
    deadline_floor: Option<Instant>,
}

impl WaiterQueue {
    pub(crate) fn len(&self) -> usize {
        self.waiters.len()
    }

    /// Adds a waiter, behind all that wait for the same offset. Fresh batches come in rising order; only a duplicate
    /// finds its place in the middle.
    pub(crate) fn add(&mut self, waiter: Waiter) {
        if let Some(deadline) = waiter.deadline {
            self.deadline_floor = Some(self.deadline_floor.map_or(deadline, |floor| floor.min(deadline)));
        }
        if self.waiters.back().is_none_or(|last| last.end <= waiter.end) {
            self.waiters.push_back(waiter);
        } else {
            let at = self.waiters.partition_point(|other| other.end <= waiter.end);
            self.waiters.insert(at, waiter);
        }
    }

    /// Takes out the next waiter that `mark` has reached.
    pub(crate) fn reached(&mut self, mark: Offset) -> Option<Waiter> {
        if self.waiters.front()?.end > mark {
            return None;
        }
        let waiter = self.waiters.pop_front();
        if self.waiters.is_empty() {
            self.deadline_floor = None;
        }
        waiter
    }

    /// Takes out all waiters, in order.
    pub(crate) fn take_all(&mut self) -> VecDeque<Waiter> {
        self.deadline_floor = None;
        core::mem::take(&mut self.waiters)
    }

    /// Takes out the waiters whose deadline has passed.
    pub(crate) fn expired(&mut self, now: Instant, mut each: impl FnMut(Waiter)) {
        if self.deadline_floor.is_none_or(|floor| floor > now) {
            return;
        }
        let mut floor: Option<Instant> = None;
        self.waiters.retain(|waiter| match waiter.deadline {
            Some(deadline) if deadline <= now => {
                each(*waiter);
                false
            }
            Some(deadline) => {
                floor = Some(floor.map_or(deadline, |earliest| earliest.min(deadline)));
                true
            }
            None => true,
        });
        self.deadline_floor = floor;
    }

    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.deadline_floor
    }
}
