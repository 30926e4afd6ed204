//! The checksum of record batches, CRC-32C (Castagnoli), behind functions of our own.
//!
//! Nothing else in the workspace computes it, so that another implementation is a change in this file
//! (docs/decisions/checksum.md compares the candidates).

/// CRC-32C of `bytes`.
#[must_use]
pub fn checksum(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
}

/// Continues a checksum: `checksum_append(checksum(a), b) == checksum(a ++ b)`.
#[must_use]
pub fn checksum_append(earlier: u32, bytes: &[u8]) -> u32 {
    crc32c::crc32c_append(earlier, bytes)
}

/// The checksum of a text whose first part was replaced by another of the same length.
///
/// CRC is linear: `crc(a ++ c) = shift(crc(a), c.len()) ^ crc(c)`, hence
/// `crc(b ++ c) = crc(a ++ c) ^ shift(crc(a) ^ crc(b), c.len())`. The cost does not depend on `c`, and if `whole` did
/// not fit the text before the change, the result does not fit it after the change: damage stays visible.
#[must_use]
pub fn checksum_replace_front(whole: u32, old_front: &[u8], new_front: &[u8], rest_length: usize) -> u32 {
    assert_eq!(old_front.len(), new_front.len(), "the parts exchanged have one length");
    whole ^ crc32c::crc32c_combine(checksum(old_front) ^ checksum(new_front), 0, rest_length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        // RFC 3720, appendix B.4.
        assert_eq!(checksum(&[0; 32]), 0x8a91_36aa);
        assert_eq!(checksum(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(checksum(b"123456789"), 0xe306_9283);
        assert_eq!(checksum(b""), 0);
    }

    #[test]
    fn appended_parts_equal_the_whole() {
        let text: Vec<u8> = (0..=255).collect();
        for cut in [0, 1, 7, 64, 255, 256] {
            assert_eq!(checksum_append(checksum(&text[..cut]), &text[cut..]), checksum(&text));
        }
    }

    #[test]
    fn replaced_front_equals_a_fresh_computation() {
        let old: Vec<u8> = (0..2000u32).map(|number| (number * 7) as u8).collect();
        for front in [1, 22, 40, 2000] {
            let mut new = old.clone();
            new[..front].iter_mut().for_each(|byte| *byte ^= 0x5a);
            let replaced =
                checksum_replace_front(checksum(&old), &old[..front], &new[..front], old.len() - front);
            assert_eq!(replaced, checksum(&new));
        }
    }
}
