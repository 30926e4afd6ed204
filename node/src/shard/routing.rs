//! Which shard owns a partition, and which data directory gets a new log.

use ringlog_model::{PartitionId, ShardId};

/// The owner of a partition among `shards`. Consecutive partitions of a topic land on consecutive shards, so that
/// one topic uses every core evenly; topics begin at different shards. Nothing on disk depends on it: after a start
/// with another number of shards the same logs simply have other owners.
pub(crate) fn owner(partition: PartitionId, shards: u16) -> ShardId {
    let shards = u64::from(shards.max(1));
    let index = partition.index.0.unsigned_abs();
    let shard = (topic_number(partition) % shards + u64::from(index)) % shards;
    ShardId(u16::try_from(shard).expect("a remainder of a u16"))
}

/// The data directory for a new log of this partition, as an index. The partitions of one shard alternate between
/// the directories.
pub(crate) fn directory(partition: PartitionId, shards: u16, directories: usize) -> usize {
    let turn = u64::from(partition.index.0.unsigned_abs()) / u64::from(shards.max(1));
    let directories = directories.max(1) as u64;
    usize::try_from((topic_number(partition).wrapping_add(turn)) % directories).expect("below a usize")
}

/// Topic ids are random, so any eight of their bytes spread well.
fn topic_number(partition: PartitionId) -> u64 {
    let [.., a, b, c, d, e, f, g, h] = partition.topic.0.0;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringlog_model::{PartitionIndex, TopicId, Uuid};

    fn partition(topic: u128, index: i32) -> PartitionId {
        PartitionId { topic: TopicId(Uuid(topic.to_be_bytes())), index: PartitionIndex(index) }
    }

    #[test]
    fn partitions_of_a_topic_spread_evenly() {
        for shards in 1..9u16 {
            let mut owned = vec![0; usize::from(shards)];
            for index in 0..i32::from(shards) * 10 {
                owned[usize::from(owner(partition(0xabcd_ef01_2345_6789, index), shards).0)] += 1;
            }
            assert_eq!(owned, vec![10; usize::from(shards)]);
        }
    }

    #[test]
    fn logs_of_one_shard_alternate_between_directories() {
        let used: Vec<_> = (0..8).map(|index| directory(partition(0, index), 2, 2)).collect();
        assert_eq!(used, [0, 0, 1, 1, 0, 0, 1, 1]);
    }
}
