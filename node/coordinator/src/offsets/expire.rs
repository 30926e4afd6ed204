//! Positions that nobody needs any more (KIP-211, KIP-496), and groups that have none left.

use super::tombstone;
use crate::{Coordinator, Effects, Name, OffsetValue, Record, group::Group};
use ringlog_model::{Now, Timestamp};

/// Records that one append holds at most, so that a batch of tombstones stays well below the largest batch.
const RECORDS_PER_APPEND: usize = 1000;

/// From when the retention of a group's position runs.
pub(crate) enum ExpiryBase {
    /// From when the group became empty, or where that is not known from the commit.
    Since(Option<Timestamp>),
    /// From the commit.
    Commit,
    /// Nothing expires now.
    Never,
}

impl Coordinator {
    pub(crate) fn expire_offsets(&mut self, now: Now, effects: &mut Effects) {
        let mut records = Vec::new();
        for (name, group) in &self.groups {
            let expired = self.expired_of(now, name, group);
            let positions: usize = self.offsets.topics(name).map(|(_, partitions)| partitions.len()).sum();
            let is_over = expired.len() == positions && group.is_empty() && group.may_expire();
            records.extend(expired);
            if is_over {
                records.extend(group.tombstones(name));
            }
        }
        while !records.is_empty() {
            let rest = records.split_off(records.len().min(RECORDS_PER_APPEND));
            self.commit(records, effects);
            records = rest;
        }
    }

    fn expired_of(&self, now: Now, name: &Name, group: &Group) -> Vec<Record> {
        let base = group.expiry_base();
        let mut records = Vec::new();
        for (topic, partitions) in self.offsets.topics(name) {
            if group.is_subscribed_to(topic) {
                continue;
            }
            let expired = partitions.iter().filter(|(_, value)| self.is_expired(now, &base, value));
            records.extend(expired.map(|(partition, _)| tombstone(name, topic, *partition)));
        }
        records
    }

    fn is_expired(&self, now: Now, base: &ExpiryBase, value: &OffsetValue) -> bool {
        let from = match base {
            ExpiryBase::Never => return false,
            ExpiryBase::Commit => value.committed_at,
            ExpiryBase::Since(since) => since.unwrap_or(value.committed_at),
        };
        let retention = i64::try_from(self.config.offsets_retention.as_millis()).unwrap_or(i64::MAX);
        let at = value.expires_at.map_or(from.0.saturating_add(retention), |at| at.0);
        now.wall.0 >= at
    }
}
