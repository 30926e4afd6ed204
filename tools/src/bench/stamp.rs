//! The first bytes of every record's value: who sent it, as which number, when it was meant to be sent, and a checksum.
//!
//! ```text
//!  0 magic            u32  "RLbm"
//!  4 run              u32  which run of the generator
//!  8 stream           u32  which producer
//! 12 checksum         u32  CRC-32C of the other stamp bytes, xor that of everything behind the stamp
//! 16 sequence         u64  counts the stream's records in this partition from 0
//! 24 intended         u64  nanoseconds of the monotonic clock
//! 32 payload
//! ```
//!
//! All numbers are little-endian. The two checksums are kept apart until the xor, so that a payload's own is computed
//! once and not for every record that carries it.

use super::workload::Payload;

pub(crate) const STAMP_BYTES: usize = 32;
const MAGIC: [u8; 4] = *b"RLbm";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) run: u32,
    pub(crate) stream: u32,
    pub(crate) sequence: u64,
    pub(crate) intended: u64,
}

/// What a value turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    Stamped(Stamp),
    /// Somebody else's record.
    Foreign,
    /// It has a stamp, and the checksum does not hold.
    Damaged,
}

impl Stamp {
    pub(crate) fn bytes(&self, payload: &Payload<'_>) -> [u8; STAMP_BYTES] {
        let mut bytes = [0; STAMP_BYTES];
        bytes[0..4].copy_from_slice(&MAGIC);
        bytes[4..8].copy_from_slice(&self.run.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.stream.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.intended.to_le_bytes());
        let checksum = ringlog_batch::checksum(&bytes) ^ payload.checksum;
        bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    pub(crate) fn read(value: &[u8]) -> Read {
        let Some((stamp, payload)) = value.split_first_chunk::<STAMP_BYTES>() else { return Read::Foreign };
        if stamp[0..4] != MAGIC {
            return Read::Foreign;
        }
        let stated = u32_at(stamp, 12);
        let mut unsigned = *stamp;
        unsigned[12..16].fill(0);
        if ringlog_batch::checksum(&unsigned) ^ ringlog_batch::checksum(payload) != stated {
            return Read::Damaged;
        }
        Read::Stamped(Stamp {
            run: u32_at(stamp, 4),
            stream: u32_at(stamp, 8),
            sequence: u64_at(stamp, 16),
            intended: u64_at(stamp, 24),
        })
    }
}

fn u32_at(bytes: &[u8; STAMP_BYTES], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u64_at(bytes: &[u8; STAMP_BYTES], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(stamp: &Stamp, payload: &[u8]) -> Vec<u8> {
        let payload = Payload { bytes: payload, checksum: ringlog_batch::checksum(payload) };
        [&stamp.bytes(&payload)[..], payload.bytes].concat()
    }

    proptest! {
        #[test]
        fn a_stamp_comes_back_as_it_went_in(run: u32, stream: u32, sequence: u64, intended: u64, payload: Vec<u8>) {
            let stamp = Stamp { run, stream, sequence, intended };
            prop_assert_eq!(Stamp::read(&value(&stamp, &payload)), Read::Stamped(stamp));
        }

        #[test]
        fn any_changed_bit_behind_the_magic_is_damage(
            payload in prop::collection::vec(any::<u8>(), 0..200), at: prop::sample::Index, bit in 0u8..8,
        ) {
            let stamp = Stamp { run: 1, stream: 2, sequence: 3, intended: 4 };
            let mut value = value(&stamp, &payload);
            let place = 4 + at.index(value.len() - 4);
            value[place] ^= 1 << bit;
            prop_assert_eq!(Stamp::read(&value), Read::Damaged);
        }
    }

    #[test]
    fn what_has_no_stamp_is_foreign() {
        assert_eq!(Stamp::read(b"short"), Read::Foreign);
        assert_eq!(Stamp::read(&[7; 100]), Read::Foreign);
    }
}
