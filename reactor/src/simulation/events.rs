//! What is going to happen, in order of time. Events of the same instant happen in an order the seed chooses.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::random::Random;

/// An agenda of events of type `T`.
#[derive(Debug)]
pub(crate) struct Events<T> {
    heap: BinaryHeap<Reverse<Entry<T>>>,
    pushed: u64,
}

#[derive(Debug)]
struct Entry<T> {
    /// Time, the seed's choice, and order of insertion so that no two entries are equal.
    key: (u64, u64, u64),
    event: T,
}

impl<T> Default for Events<T> {
    fn default() -> Events<T> {
        Events { heap: BinaryHeap::new(), pushed: 0 }
    }
}

impl<T> Events<T> {
    pub(crate) fn push(&mut self, at: u64, random: &mut Random, event: T) {
        self.pushed += 1;
        self.heap.push(Reverse(Entry { key: (at, random.next_u64(), self.pushed), event }));
    }

    /// When the next event is due.
    pub(crate) fn next_time(&self) -> Option<u64> {
        self.heap.peek().map(|Reverse(entry)| entry.key.0)
    }

    /// Takes the next event if it is due at `now`.
    pub(crate) fn pop_due(&mut self, now: u64) -> Option<T> {
        if self.next_time()? <= now { self.heap.pop().map(|Reverse(entry)| entry.event) } else { None }
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<T> Eq for Entry<T> {}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Entry<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key)
    }
}
