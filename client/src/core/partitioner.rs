//! Which partition a record goes to, as Kafka's default partitioner decides it.

use ringlog_model::PartitionIndex;

/// MurmurHash2 with Kafka's seed, so that records of one key meet in one partition whichever client wrote them.
#[must_use]
pub fn murmur2(key: &[u8]) -> u32 {
    const MULTIPLIER: u32 = 0x5bd1_e995;
    const SEED: u32 = 0x9747_b28c;
    let mut hash = SEED ^ key.len() as u32;
    let mut words = key.chunks_exact(4);
    for word in &mut words {
        let mut mixed = u32::from_le_bytes(word.try_into().expect("chunks of four bytes"));
        mixed = mixed.wrapping_mul(MULTIPLIER);
        mixed ^= mixed >> 24;
        hash = hash.wrapping_mul(MULTIPLIER) ^ mixed.wrapping_mul(MULTIPLIER);
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        for (place, &byte) in rest.iter().enumerate() {
            hash ^= u32::from(byte) << (8 * place);
        }
        hash = hash.wrapping_mul(MULTIPLIER);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MULTIPLIER);
    hash ^ (hash >> 15)
}

/// Keys by hash; records without a key stick to one partition until its batch is full or sent, then go to the next, so
/// that few records still make full batches (KIP-480).
#[derive(Clone, Debug)]
pub struct Partitioner {
    partitions: i32,
    current: i32,
}

impl Partitioner {
    /// For a topic with this many partitions (at least one); keyless records begin at partition `start` modulo that.
    #[must_use]
    pub fn new(partitions: i32, start: u64) -> Partitioner {
        let partitions = partitions.max(1);
        Partitioner { partitions, current: (start % partitions as u64) as i32 }
    }

    /// The partition of a record.
    #[must_use]
    pub fn choose(&self, key: Option<&[u8]>) -> PartitionIndex {
        match key {
            Some(key) => PartitionIndex((murmur2(key) & 0x7fff_ffff) as i32 % self.partitions),
            None => PartitionIndex(self.current),
        }
    }

    /// A batch of `partition` was closed: records without a key go elsewhere now.
    pub fn batch_closed(&mut self, partition: PartitionIndex) {
        if partition.0 == self.current {
            self.current = (self.current + 1) % self.partitions;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_is_kafkas() {
        // Values from Apache Kafka's own unit test of Utils.murmur2.
        for (key, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ] {
            assert_eq!(murmur2(key.as_bytes()) as i32, hash, "{key}");
        }
    }

    #[test]
    fn records_without_key_move_on_when_a_batch_closes() {
        let mut partitioner = Partitioner::new(3, 2);
        assert_eq!(partitioner.choose(None), PartitionIndex(2));
        partitioner.batch_closed(PartitionIndex(1));
        assert_eq!(partitioner.choose(None), PartitionIndex(2));
        partitioner.batch_closed(PartitionIndex(2));
        assert_eq!(partitioner.choose(None), PartitionIndex(0));
        assert_eq!(partitioner.choose(Some(b"foobar")), PartitionIndex((-790_332_482 & 0x7fff_ffff) % 3));
    }
}
