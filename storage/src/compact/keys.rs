//! The newest offset of every key, in bounded memory.
//!
//! A key is known by 128 bits of keyed SipHash: two keys of one log with the same hash would lose a record, which for 2^32
//! keys has a probability of 2^-65, and the hash keys are random, so that nobody can aim at it.

#![allow(deprecated, reason = "SipHasher is the standard library's only hash that can be given its keys")]

use ringlog_model::Offset;
use std::hash::{Hasher, SipHasher};

/// Bytes of one slot.
const SLOT_BYTES: usize = size_of::<Slot>();
/// Of so many slots one stays free, so that searches stay short.
const SLOTS_PER_FREE: usize = 4;

const _: () = assert!(SLOT_BYTES == 24);

/// An open-addressed table that never grows.
#[derive(Debug)]
pub(crate) struct KeyOffsets {
    seeds: [u64; 4],
    slots: Vec<Slot>,
    used: usize,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: [u64; 2],
    /// Negative while the slot is free.
    offset: i64,
}

/// There is no room for another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl KeyOffsets {
    /// Room for so many keys, in so many bytes at most; for one key at least.
    pub(crate) fn new(seeds: [u64; 4], keys: usize, bytes_max: usize) -> KeyOffsets {
        let wanted = keys.saturating_add(keys / (SLOTS_PER_FREE - 1)).saturating_add(SLOTS_PER_FREE);
        let slots = wanted.min(bytes_max / SLOT_BYTES).max(SLOTS_PER_FREE);
        KeyOffsets { seeds, slots: vec![Slot { hash: [0; 2], offset: -1 }; slots], used: 0 }
    }

    /// Keys in it.
    pub(crate) fn len(&self) -> usize {
        self.used
    }

    /// Notes that the newest record of `key` so far is at `offset`.
    pub(crate) fn put(&mut self, key: &[u8], offset: Offset) -> Result<(), Full> {
        let hash = self.hash(key);
        let index = self.find(hash);
        let is_full = self.used >= self.slots.len() - self.slots.len() / SLOTS_PER_FREE;
        let slot = &mut self.slots[index];
        if slot.offset < 0 {
            if is_full {
                return Err(Full);
            }
            self.used += 1;
        }
        *slot = Slot { hash, offset: offset.0 };
        Ok(())
    }

    /// The newest offset noted for `key`.
    pub(crate) fn get(&self, key: &[u8]) -> Option<Offset> {
        let slot = &self.slots[self.find(self.hash(key))];
        (slot.offset >= 0).then_some(Offset(slot.offset))
    }

    /// The slot of the hash, or the free one where it would be.
    fn find(&self, hash: [u64; 2]) -> usize {
        let count = self.slots.len();
        // The high bits of a product spread over any number of slots.
        let mut index = ((u128::from(hash[0]) * count as u128) >> 64) as usize;
        while self.slots[index].offset >= 0 && self.slots[index].hash != hash {
            index = if index + 1 == count { 0 } else { index + 1 };
        }
        index
    }

    fn hash(&self, key: &[u8]) -> [u64; 2] {
        let [a, b, c, d] = self.seeds;
        [(a, b), (c, d)].map(|(first, second)| {
            let mut hasher = SipHasher::new_with_keys(first, second);
            hasher.write(key);
            hasher.finish()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_offset_of_a_key_is_found() {
        let mut keys = KeyOffsets::new([1, 2, 3, 4], 1_000, usize::MAX);
        for round in 0..3 {
            for number in 0..1_000_i64 {
                keys.put(&number.to_le_bytes(), Offset(round * 1_000 + number)).unwrap();
            }
        }
        assert_eq!(keys.len(), 1_000);
        for number in 0..1_000_i64 {
            assert_eq!(keys.get(&number.to_le_bytes()), Some(Offset(2_000 + number)));
        }
        assert_eq!(keys.get(b"another"), None);
        assert_eq!(keys.get(b""), None);
    }

    #[test]
    fn memory_is_bounded_and_known_keys_still_move_when_it_is_full() {
        let mut keys = KeyOffsets::new([1, 2, 3, 4], 1_000_000, 24 * 400);
        let fitting = (0..1_000_i64).take_while(|number| keys.put(&number.to_le_bytes(), Offset(0)).is_ok());
        assert_eq!(fitting.count(), 300);
        assert_eq!(keys.put(&7_i64.to_le_bytes(), Offset(9)), Ok(()));
        assert_eq!(keys.put(b"new", Offset(10)), Err(Full));
        assert_eq!(keys.get(&7_i64.to_le_bytes()), Some(Offset(9)));
        assert_eq!(KeyOffsets::new([0; 4], 5, 0).put(b"one", Offset(0)), Ok(()));
    }
}
