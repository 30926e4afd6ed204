//! What clients sent, what they were promised, what they saw: and whether it fits together.
//!
//! The history belongs to the test, not to any simulated process: crashes do not touch it.

use std::collections::{BTreeMap, BTreeSet};

/// Names one record for ever: which producer sent it, and as which of its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordId {
    /// The producer's number in the test.
    pub producer: u32,
    /// Its records are counted from 0, in the order in which it sends them.
    pub number: u32,
}

impl RecordId {
    /// The value of the record: its id, and some bytes that follow from it, so that every bit of it is known.
    #[must_use]
    pub fn value(self) -> Vec<u8> {
        let seed = u64::from(self.producer) << 32 | u64::from(self.number);
        let length = (seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize;
        let mut value = seed.to_be_bytes().to_vec();
        value.extend((0..length).map(|index| (seed as u8).wrapping_add(index as u8)));
        value
    }

    /// The id of a record with this value; none if no producer sends such a value.
    #[must_use]
    pub fn of_value(value: &[u8]) -> Option<RecordId> {
        let seed = u64::from_be_bytes(value.get(..8)?.try_into().ok()?);
        let id = RecordId { producer: (seed >> 32) as u32, number: seed as u32 };
        (id.value() == value).then_some(id)
    }
}

/// A promise was broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("partition {partition}: {what}")]
pub struct Violation {
    /// Where.
    pub partition: i32,
    /// What.
    pub what: String,
}

/// The history of one topic.
#[derive(Debug, Default)]
pub struct History {
    partitions: BTreeMap<i32, PartitionHistory>,
    violations: Vec<Violation>,
}

#[derive(Debug, Default)]
struct PartitionHistory {
    /// What producers have tried to write.
    sent: BTreeSet<RecordId>,
    /// What was promised, and at which offset where the answer told.
    acknowledged: BTreeMap<RecordId, Option<i64>>,
    /// Producers whose records may not appear twice.
    idempotent: BTreeSet<u32>,
    /// What consumers saw. An offset never changes its record.
    seen: BTreeMap<i64, RecordId>,
}

impl History {
    /// A producer is about to send these records for the first time.
    pub fn sends(&mut self, partition: i32, records: impl IntoIterator<Item = RecordId>) {
        self.partition(partition).sent.extend(records);
    }

    /// The records of this producer may not appear twice.
    pub fn is_idempotent(&mut self, partition: i32, producer: u32) {
        self.partition(partition).idempotent.insert(producer);
    }

    /// A batch was acknowledged with this base offset (none where a duplicate's is not told).
    pub fn acknowledged(
        &mut self,
        partition: i32,
        base: Option<i64>,
        records: impl IntoIterator<Item = RecordId>,
    ) {
        let promised = &mut self.partition(partition).acknowledged;
        for (index, record) in records.into_iter().enumerate() {
            promised.insert(record, base.map(|base| base + index as i64));
        }
    }

    /// A consumer got this record.
    pub fn saw(&mut self, partition: i32, offset: i64, value: Option<&[u8]>) {
        let record = value.and_then(RecordId::of_value);
        let place = self.partition(partition);
        let complaint = match record {
            None => Some(format!("at {offset} stands a record that nobody sent")),
            Some(record) if !place.sent.contains(&record) => {
                Some(format!("at {offset} stands {record:?}, which was not sent to this partition"))
            }
            Some(record) => match place.seen.insert(offset, record) {
                Some(before) if before != record => {
                    Some(format!("at {offset} stood {before:?}, and now {record:?}"))
                }
                _ => None,
            },
        };
        if let Some(what) = complaint {
            self.complain(partition, what);
        }
    }

    /// Something a client met that must not happen.
    pub fn complain(&mut self, partition: i32, what: String) {
        self.violations.push(Violation { partition, what });
    }

    /// The first violation met so far.
    #[must_use]
    pub fn violation(&self) -> Option<&Violation> {
        self.violations.first()
    }

    /// How many records were acknowledged, and how many were seen.
    #[must_use]
    pub fn totals(&self) -> (usize, usize) {
        let count = |part: fn(&PartitionHistory) -> usize| self.partitions.values().map(part).sum();
        (count(|partition| partition.acknowledged.len()), count(|partition| partition.seen.len()))
    }

    /// Judges a whole log, read from 0 to `end` after everything has calmed down.
    #[must_use]
    pub fn judge(&self, partition: i32, end: i64) -> Vec<Violation> {
        let mut complaints = self.violations.clone();
        let empty = PartitionHistory::default();
        let place = self.partitions.get(&partition).unwrap_or(&empty);
        let mut complain = |what: String| complaints.push(Violation { partition, what });
        check_contiguous(place, end, &mut complain);
        check_promises(place, &mut complain);
        check_order(place, &mut complain);
        complaints
    }

    fn partition(&mut self, partition: i32) -> &mut PartitionHistory {
        self.partitions.entry(partition).or_default()
    }
}

fn check_contiguous(place: &PartitionHistory, end: i64, complain: &mut impl FnMut(String)) {
    for (expected, offset) in (0..).zip(place.seen.keys()) {
        if *offset != expected {
            return complain(format!("no record at {expected}, the next is at {offset}"));
        }
    }
    if place.seen.len() as i64 != end {
        complain(format!("{} records were seen, the log ends at {end}", place.seen.len()));
    }
}

fn check_promises(place: &PartitionHistory, complain: &mut impl FnMut(String)) {
    let found: BTreeSet<RecordId> = place.seen.values().copied().collect();
    for (record, offset) in &place.acknowledged {
        match offset {
            Some(offset) if place.seen.get(offset) != Some(record) => {
                let instead = place.seen.get(offset);
                complain(format!("{record:?} was acknowledged at {offset}, where {instead:?} stands"));
            }
            None if !found.contains(record) => complain(format!("{record:?} was acknowledged and is lost")),
            _ => {}
        }
    }
}

/// Per producer, records stand in the order in which they were sent, idempotent ones once.
fn check_order(place: &PartitionHistory, complain: &mut impl FnMut(String)) {
    let mut newest: BTreeMap<u32, u32> = BTreeMap::new();
    for (offset, record) in &place.seen {
        if !place.idempotent.contains(&record.producer) {
            continue;
        }
        let before = newest.insert(record.producer, record.number);
        if before.is_some_and(|before| before >= record.number) {
            complain(format!("at {offset} stands {record:?} behind number {before:?} of its producer"));
        }
        if before.is_none_or(|before| before + 1 != record.number) && record.number != 0 {
            complain(format!("at {offset} stands {record:?}, but the one before it is missing"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u32) -> RecordId {
        RecordId { producer: 1, number }
    }

    fn history(log: &[u32]) -> History {
        let mut history = History::default();
        history.is_idempotent(0, 1);
        history.sends(0, (0..10).map(id));
        for (offset, number) in log.iter().enumerate() {
            history.saw(0, offset as i64, Some(&id(*number).value()));
        }
        history
    }

    #[test]
    fn a_faithful_log_is_accepted() {
        let mut history = history(&[0, 1, 2]);
        history.acknowledged(0, Some(0), [id(0), id(1)]);
        history.acknowledged(0, None, [id(2)]);
        assert_eq!(history.judge(0, 3), []);
    }

    #[test]
    fn a_lost_promise_is_found() {
        let mut history = history(&[0, 1]);
        history.acknowledged(0, Some(2), [id(2)]);
        assert_eq!(history.judge(0, 2).len(), 1);
    }

    #[test]
    fn duplicates_gaps_and_disorder_of_an_idempotent_producer_are_found() {
        assert!(!history(&[0, 1, 1]).judge(0, 3).is_empty());
        assert!(!history(&[0, 2]).judge(0, 2).is_empty());
        assert!(!history(&[1, 0]).judge(0, 2).is_empty());
    }

    #[test]
    fn an_invented_record_and_a_changed_offset_are_found() {
        let mut invented = history(&[]);
        invented.saw(0, 0, Some(b"nobody sent this"));
        assert!(invented.violation().is_some());
        let mut changed = history(&[0]);
        changed.saw(0, 0, Some(&id(1).value()));
        assert!(changed.violation().is_some());
    }

    #[test]
    fn a_shorter_log_than_its_end_is_found() {
        assert!(!history(&[0]).judge(0, 2).is_empty());
    }
}
