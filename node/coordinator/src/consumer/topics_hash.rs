//! The hash of the topics that a group reads, as Apache Kafka records it with the group's epoch: another one calls for a new target.
//!
//! XXH3 with 64 bits over bytes, numbers little-endian: for each topic, in the order of names, the hash of
//! ```text
//! 0u8, id (two u64, the high one first), name (UTF-16 units, then their count as i32), partitions as i32, each partition's index as i32
//! ```
//! and over all those hashes once more; zero for no topic. Kafka adds the racks of replicas behind each index; nodes here have none.

use crate::TopicFacts;
use twox_hash::XxHash3_64;

/// The first byte of a topic's bytes: which version of this layout they follow.
const LAYOUT: u8 = 0;

/// The hash of one topic.
pub(super) fn of_topic(topic: &TopicFacts) -> i64 {
    let mut bytes = vec![LAYOUT];
    let id = topic.id.0.0;
    for half in [&id[..8], &id[8..]] {
        // Big-endian within the id, little-endian in what is hashed.
        bytes.extend(half.iter().rev());
    }
    let before = bytes.len();
    bytes.extend(topic.name.encode_utf16().flat_map(u16::to_le_bytes));
    let units = i32::try_from((bytes.len() - before) / 2).unwrap_or(i32::MAX);
    bytes.extend(units.to_le_bytes());
    bytes.extend(topic.partitions.to_le_bytes());
    bytes.extend((0..topic.partitions).flat_map(i32::to_le_bytes));
    hash(&bytes)
}

/// The hash of a group that reads topics of these hashes, in the order of the topics' names.
pub(super) fn of_group(topics: impl Iterator<Item = i64>) -> i64 {
    let bytes: Vec<u8> = topics.flat_map(i64::to_le_bytes).collect();
    if bytes.is_empty() { 0 } else { hash(&bytes) }
}

fn hash(bytes: &[u8]) -> i64 {
    XxHash3_64::oneshot(bytes).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringlog_model::{TopicId, Uuid};

    fn topic(id: [u8; 16], name: &str, partitions: i32) -> i64 {
        of_topic(&TopicFacts { id: TopicId(Uuid(id)), name: name.into(), partitions })
    }

    /// Computed with the hash library of Apache Kafka 4.3.1 over the same fields.
    #[test]
    fn hashes_are_those_of_apache_kafka() {
        let id = core::array::from_fn(|place| place as u8);
        let orders: Vec<i64> =
            [1, 12, 100, 1000].into_iter().map(|count| topic(id, "orders", count)).collect();
        let expected = [
            5_571_354_289_513_992_727,
            227_301_207_186_015_385,
            -8_700_203_414_779_054_322,
            -1_093_323_830_424_534_044,
        ];
        assert_eq!(orders, expected);
        let mut turned = id;
        turned.rotate_left(8);
        let payments = topic(turned, "payments", 100);
        assert_eq!(of_group([orders[1]].into_iter()), 5_506_492_870_949_187_956);
        assert_eq!(of_group([orders[1], payments].into_iter()), -3_527_149_411_869_397_312);
        assert_eq!(of_group(core::iter::empty()), 0);
    }
}
