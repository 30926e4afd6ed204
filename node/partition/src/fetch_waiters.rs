//! Fetches that wait for enough bytes: Kafka's "purgatory", as a small pure machine, one per shard.
//!
//! A fetch waits on all its partitions of this shard. It is woken when the bytes that were there at its registration and those
//! that became readable since reach its minimum, when its deadline passes, or when one of its partitions changes its role.
//! Being woken means to look again: what is read then is decided by a fresh plan.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use ringlog_model::{Instant, Offset, PartitionId};

/// A waiting fetch's name, chosen by the shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FetchId(pub u64);

/// One partition that a fetch waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interest {
    /// The partition.
    pub partition: PartitionId,
    /// What the fetch could read up to when it was planned, exclusive: only moves beyond it count.
    pub limit: Offset,
}

/// A fetch that found less than it wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingFetch {
    /// Comes back when it is woken.
    pub id: FetchId,
    /// Bytes that are missing: `min_bytes` less what the plan found; at least 1.
    pub missing_bytes: u64,
    /// When it is woken in any case.
    pub deadline: Instant,
    /// Its partitions on this shard.
    pub interests: Vec<Interest>,
}

/// All waiting fetches of a shard. How many there are is bounded by the shard's connections: each has one at most.
#[derive(Clone, Debug, Default)]
pub struct FetchWaiters {
    fetches: BTreeMap<FetchId, WaitingFetch>,
    by_partition: BTreeMap<PartitionId, BTreeSet<FetchId>>,
    by_deadline: BTreeSet<(Instant, FetchId)>,
}

impl FetchWaiters {
    /// Nobody waits.
    #[must_use]
    pub fn new() -> FetchWaiters {
        FetchWaiters::default()
    }

    /// How many fetches wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fetches.len()
    }

    /// Whether nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fetches.is_empty()
    }

    /// Lets a fetch wait. The caller has looked at its partitions since the last event was handled, so nothing is missed. A fetch
    /// of the same name is replaced.
    pub fn wait(&mut self, fetch: WaitingFetch) {
        self.cancel(fetch.id);
        for interest in &fetch.interests {
            self.by_partition.entry(interest.partition).or_default().insert(fetch.id);
        }
        self.by_deadline.insert((fetch.deadline, fetch.id));
        self.fetches.insert(fetch.id, fetch);
    }

    /// A fetch is not wanted any more. Unknown names are ignored: it may have been woken meanwhile.
    pub fn cancel(&mut self, id: FetchId) {
        let Some(fetch) = self.fetches.remove(&id) else { return };
        self.by_deadline.remove(&(fetch.deadline, id));
        for interest in &fetch.interests {
            if let Some(waiting) = self.by_partition.get_mut(&interest.partition) {
                waiting.remove(&id);
                if waiting.is_empty() {
                    self.by_partition.remove(&interest.partition);
                }
            }
        }
    }

    /// A partition's readable end moved to `limit`, and `bytes` became readable ([`Effect::HighWatermark`](crate::Effect)). Fetches
    /// that have enough are woken, in the order of their names.
    pub fn advanced(&mut self, partition: PartitionId, limit: Offset, bytes: u64, woken: &mut Vec<FetchId>) {
        let Some(waiting) = self.by_partition.get(&partition) else { return };
        let first = woken.len();
        for id in waiting {
            let fetch = self.fetches.get_mut(id).expect("every name in an index waits");
            let counts = fetch
                .interests
                .iter()
                .any(|interest| interest.partition == partition && interest.limit < limit);
            if counts {
                // A move without known bytes (a recovered log's first leadership) still is news.
                fetch.missing_bytes = fetch.missing_bytes.saturating_sub(bytes.max(1));
                if fetch.missing_bytes == 0 {
                    woken.push(*id);
                }
            }
        }
        self.forget(woken, first);
    }

    /// A partition's role changed, or it is gone: all its fetches are woken to find that out.
    pub fn role_changed(&mut self, partition: PartitionId, woken: &mut Vec<FetchId>) {
        let Some(waiting) = self.by_partition.get(&partition) else { return };
        let first = woken.len();
        woken.extend(waiting);
        self.forget(woken, first);
    }

    /// Wakes the fetches whose deadline has passed, the earliest first.
    pub fn expire(&mut self, now: Instant, woken: &mut Vec<FetchId>) {
        let first = woken.len();
        woken.extend(self.by_deadline.iter().take_while(|(deadline, _)| *deadline <= now).map(|(_, id)| *id));
        self.forget(woken, first);
    }

    /// When [`FetchWaiters::expire`] is due.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        self.by_deadline.first().map(|(deadline, _)| *deadline)
    }

    fn forget(&mut self, woken: &[FetchId], first: usize) {
        for id in &woken[first..] {
            self.cancel(*id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringlog_model::{PartitionIndex, TopicId};

    fn partition(index: i32) -> PartitionId {
        PartitionId { topic: TopicId::default(), index: PartitionIndex(index) }
    }

    fn fetch(id: u64, missing_bytes: u64, deadline: u64, partitions: &[i32]) -> WaitingFetch {
        let interests = partitions
            .iter()
            .map(|&index| Interest { partition: partition(index), limit: Offset(10) })
            .collect();
        WaitingFetch { id: FetchId(id), missing_bytes, deadline: Instant(deadline), interests }
    }

    fn advanced(waiters: &mut FetchWaiters, index: i32, limit: i64, bytes: u64) -> Vec<u64> {
        let mut woken = Vec::new();
        waiters.advanced(partition(index), Offset(limit), bytes, &mut woken);
        woken.into_iter().map(|id| id.0).collect()
    }

    #[test]
    fn one_byte_is_met_by_any_move_of_any_of_its_partitions() {
        let mut waiters = FetchWaiters::new();
        waiters.wait(fetch(1, 1, 100, &[0, 1]));
        assert_eq!(advanced(&mut waiters, 2, 11, 80), []);
        assert_eq!(advanced(&mut waiters, 1, 11, 80), [1]);
        assert!(waiters.is_empty());
        assert_eq!(waiters.next_deadline(), None);
    }

    #[test]
    fn bytes_add_up_over_partitions_until_the_minimum_is_there() {
        let mut waiters = FetchWaiters::new();
        waiters.wait(fetch(1, 150, 100, &[0, 1]));
        assert_eq!(advanced(&mut waiters, 0, 11, 80), []);
        assert_eq!(advanced(&mut waiters, 1, 11, 69), []);
        assert_eq!(advanced(&mut waiters, 0, 12, 1), [1]);
    }

    #[test]
    fn a_move_that_the_plan_had_seen_does_not_count() {
        let mut waiters = FetchWaiters::new();
        waiters.wait(fetch(1, 1, 100, &[0]));
        assert_eq!(advanced(&mut waiters, 0, 10, 80), []);
        assert_eq!(waiters.len(), 1);
    }

    #[test]
    fn deadlines_wake_in_their_order() {
        let mut waiters = FetchWaiters::new();
        waiters.wait(fetch(1, 1, 300, &[0]));
        waiters.wait(fetch(2, 1, 100, &[0]));
        waiters.wait(fetch(3, 1, 200, &[1]));
        assert_eq!(waiters.next_deadline(), Some(Instant(100)));
        let mut woken = Vec::new();
        waiters.expire(Instant(200), &mut woken);
        assert_eq!(woken, [FetchId(2), FetchId(3)]);
        assert_eq!(waiters.next_deadline(), Some(Instant(300)));
    }

    #[test]
    fn a_change_of_role_wakes_everybody_there_and_nobody_else() {
        let mut waiters = FetchWaiters::new();
        waiters.wait(fetch(1, 1 << 30, 300, &[0, 1]));
        waiters.wait(fetch(2, 1 << 30, 300, &[1]));
        waiters.wait(fetch(3, 1 << 30, 300, &[2]));
        let mut woken = Vec::new();
        waiters.role_changed(partition(1), &mut woken);
        assert_eq!(woken, [FetchId(1), FetchId(2)]);
        assert_eq!(waiters.len(), 1);
    }

    #[test]
    fn a_cancelled_or_replaced_fetch_leaves_nothing_behind() {
        let mut waiters = FetchWaiters::new();
        waiters.wait(fetch(1, 1, 300, &[0]));
        waiters.wait(fetch(1, 1, 400, &[1]));
        assert_eq!(waiters.next_deadline(), Some(Instant(400)));
        assert_eq!(advanced(&mut waiters, 0, 99, 1), []);
        waiters.cancel(FetchId(1));
        waiters.cancel(FetchId(1));
        assert!(waiters.by_partition.is_empty() && waiters.by_deadline.is_empty());
    }
}
