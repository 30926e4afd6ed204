//! When the segment that takes the appends is sealed for another reason than its size.

use ringlog_model::{Offset, PartitionId};

/// Bytes that Kafka spends on an entry of an offset index.
const ENTRY_BYTES: u64 = 8;

/// What a topic says about that beside [`LogConfig`](crate::LogConfig). It is not written down: the owner says it again after
/// a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rolling {
    /// By how much at most a segment is sealed earlier than `segment_ms` says, milliseconds (Kafka's `segment.jitter.ms`).
    pub jitter_ms: i64,
    /// A segment is sealed when its index would have this size in Kafka (`segment.index.bytes`). The one there is here has a
    /// bound of its own.
    pub index_bytes: u64,
    /// Bytes of batches between two entries of that index (`index.interval.bytes`).
    pub index_interval_bytes: u64,
}

impl Default for Rolling {
    fn default() -> Rolling {
        Rolling { jitter_ms: 0, index_bytes: u64::MAX, index_interval_bytes: 4096 }
    }
}

impl Rolling {
    /// How old the segment at `base` may become whose topic allows `segment_ms`. The jitter belongs to the segment: it is the
    /// same whenever it is asked for, and differs between partitions and between segments, so that not all are sealed at once.
    pub(super) fn age_max(&self, segment_ms: i64, partition: PartitionId, base: Offset) -> i64 {
        let bound = u64::try_from(self.jitter_ms.min(segment_ms)).unwrap_or(0);
        if bound == 0 {
            return segment_ms;
        }
        let topic = u128::from_le_bytes(partition.topic.0.0);
        let parts = [topic as u64, (topic >> 64) as u64, partition.index.0 as u64, base.0 as u64];
        let spread = parts.into_iter().fold(0, |before, part| mix(before ^ part));
        segment_ms - (spread % bound) as i64
    }
}

/// The finisher of splitmix64.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// The entries that Kafka's offset index of a segment would have. After a restart they are counted from there on: it is the
/// memory of one life that they would take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct IndexCount {
    entries: u64,
    /// Bytes since the last one.
    since: u64,
}

impl IndexCount {
    /// With so many bytes more, which were appended together.
    #[must_use]
    pub(super) fn with(self, bytes: u64, rolling: &Rolling) -> IndexCount {
        if self.since > rolling.index_interval_bytes {
            return IndexCount { entries: self.entries + 1, since: bytes };
        }
        IndexCount { since: self.since + bytes, ..self }
    }

    /// Whether no entry more fits.
    pub(super) fn is_full(self, rolling: &Rolling) -> bool {
        self.entries >= (rolling.index_bytes / ENTRY_BYTES).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringlog_model::{PartitionIndex, TopicId, Uuid};
    use std::collections::BTreeSet;

    fn partition(topic: u8, index: i32) -> PartitionId {
        PartitionId { topic: TopicId(Uuid([topic; 16])), index: PartitionIndex(index) }
    }

    #[test]
    fn a_segment_lives_shorter_by_less_than_the_jitter_and_never_longer() {
        let cases = [
            // segment.ms, segment.jitter.ms, the least and the most
            (1_000, 0, 1_000, 1_000),
            (1_000, 1, 1_000, 1_000),
            (1_000, 100, 901, 1_000),
            (1_000, 1_000, 1, 1_000),
            (1_000, i64::MAX, 1, 1_000),
            (i64::MAX, i64::MAX, 1, i64::MAX),
            (1, i64::MAX, 1, 1),
        ];
        for (segment_ms, jitter_ms, least, most) in cases {
            let rolling = Rolling { jitter_ms, ..Rolling::default() };
            for base in 0..1_000 {
                let age = rolling.age_max(segment_ms, partition(1, 0), Offset(base));
                assert!((least..=most).contains(&age), "{segment_ms} {jitter_ms}: {age}");
            }
        }
    }

    #[test]
    fn the_jitter_is_of_the_segment() {
        let rolling = Rolling { jitter_ms: 1_000_000, ..Rolling::default() };
        let of = |topic, index, base| rolling.age_max(1_000_000, partition(topic, index), Offset(base));
        assert_eq!(of(1, 2, 3), of(1, 2, 3));
        let places = (0..10).flat_map(|topic| (0..10).map(move |index| (topic, index)));
        let ages: BTreeSet<_> =
            places.flat_map(|(topic, index)| [of(topic, index, 0), of(topic, index, 50)]).collect();
        assert!(ages.len() > 190, "{} of 200 differ", ages.len());
        let (low, high) = (ages.iter().filter(|age| **age < 500_000).count(), ages.len());
        assert!(
            (high / 3..high * 2 / 3).contains(&low),
            "they are spread evenly: {low} of {high} in the lower half"
        );
    }

    #[test]
    fn an_index_is_full_at_eight_bytes_an_entry() {
        let cases = [
            // segment.index.bytes, index.interval.bytes, bytes of each append, appends until it is full
            (8, 4096, 1_000, 5 + 1),
            (16, 4096, 1_000, 2 * 5 + 1),
            (15, 4096, 1_000, 5 + 1),
            (4, 4096, 1_000, 5 + 1),
            (80, 4096, 5_000, 10 + 1),
            (80, 4096, 500_000, 10 + 1),
            // One for each append but the first.
            (80, 0, 1, 10 + 1),
            (80, 999, 1_000, 10 + 1),
            (80, 1_000, 1_000, 2 * 10 + 1),
        ];
        for (index_bytes, index_interval_bytes, bytes, expected) in cases {
            let rolling = Rolling { index_bytes, index_interval_bytes, jitter_ms: 0 };
            let (mut count, mut appends) = (IndexCount::default(), 0);
            while !count.is_full(&rolling) {
                count = count.with(bytes, &rolling);
                appends += 1;
            }
            assert_eq!(appends, expected, "{rolling:?}, {bytes} each");
        }
        let (mut count, usual) = (IndexCount::default(), Rolling::default());
        for _ in 0..10_000 {
            count = count.with(1 << 20, &usual);
        }
        assert!(!count.is_full(&usual), "nobody has chosen a bound");
    }
}
