//! The checksum of record batches, CRC-32C (Castagnoli), behind functions of our own.
//!
//! Nothing else computes it for batches or for what lies on disk, so that another implementation is a change in this file
//! (docs/decisions/checksum.md compares the candidates).

use crc_fast::{CrcAlgorithm, Digest};

/// CRC-32C of `bytes`.
#[must_use]
#[inline]
pub fn checksum(bytes: &[u8]) -> u32 {
    crc_fast::crc32_iscsi(bytes)
}

/// Continues a checksum: `checksum_append(checksum(a), b) == checksum(a ++ b)`.
#[must_use]
pub fn checksum_append(earlier: u32, bytes: &[u8]) -> u32 {
    // The register holds the complement of what is given out.
    let mut digest = Digest::new_with_init_state(CrcAlgorithm::Crc32Iscsi, u64::from(!earlier));
    digest.update(bytes);
    digest.finalize() as u32
}

/// The checksum of a text whose first part was replaced by another of the same length.
///
/// CRC is linear over exclusive or: with `shift(c, n)` for the effect of `n` further zero bytes,
/// `crc(a ++ rest) = shift(crc(a), n) ^ crc(rest)`, hence
/// `crc(b ++ rest) = crc(a ++ rest) ^ shift(crc(a) ^ crc(b), n)`. `rest` need not be read, and if `whole` did not fit the text before
/// the change, the result does not fit it after the change: damage stays visible.
#[must_use]
pub fn checksum_replace_front(whole: u32, old_front: &[u8], new_front: &[u8], rest_length: usize) -> u32 {
    assert_eq!(old_front.len(), new_front.len(), "the parts exchanged have one length");
    whole ^ shift(checksum(old_front) ^ checksum(new_front), rest_length)
}

/// The polynomial of CRC-32C without its highest term, lowest power in the highest bit, as in all numbers here.
const POLYNOMIAL: u32 = 0x82f6_3b78;
/// The polynomial 1.
const ONE: u32 = 1 << 31;

/// The product of two polynomials modulo [`POLYNOMIAL`].
const fn multiply(left: u32, mut right: u32) -> u32 {
    let mut product = 0;
    let mut bit = ONE;
    while bit != 0 {
        if left & bit != 0 {
            product ^= right;
        }
        // The next power of x: one place down, and the term that falls out is reduced.
        right = (right >> 1) ^ if right & 1 == 1 { POLYNOMIAL } else { 0 };
        bit >>= 1;
    }
    product
}

/// `BYTES[k]` is x to the power of 8 * 2^k: the effect of 2^k zero bytes.
const BYTES: [u32; usize::BITS as usize] = {
    let mut powers = [0; usize::BITS as usize];
    let mut power = ONE >> 8;
    let mut at = 0;
    while at < powers.len() {
        powers[at] = power;
        power = multiply(power, power);
        at += 1;
    }
    powers
};

/// The effect of `zero_bytes` further zero bytes on a checksum's difference: a multiplication by x^(8 * zero_bytes), in as many
/// steps as the number has ones.
fn shift(difference: u32, zero_bytes: usize) -> u32 {
    let powers = BYTES.iter().enumerate().filter(|(at, _)| zero_bytes >> at & 1 == 1);
    powers.fold(difference, |product, (_, &power)| multiply(power, product))
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

    /// Wide instructions take different ways at different lengths; all must agree with the definition.
    #[test]
    fn every_length_agrees_with_the_definition() {
        let text: Vec<u8> = (0..3000u32).map(|number| (number * number / 7) as u8).collect();
        let mut register = u32::MAX;
        for (length, &byte) in text.iter().enumerate() {
            assert_eq!(checksum(&text[..length]), !register, "length {length}");
            register ^= u32::from(byte);
            for _ in 0..8 {
                register = (register >> 1) ^ if register & 1 == 1 { POLYNOMIAL } else { 0 };
            }
        }
    }

    #[test]
    fn appended_parts_equal_the_whole() {
        let text: Vec<u8> = (0..=255).cycle().take(1500).collect();
        for cut in [0, 1, 7, 64, 255, 256, 1024, 1499, 1500] {
            assert_eq!(checksum_append(checksum(&text[..cut]), &text[cut..]), checksum(&text));
        }
    }

    #[test]
    fn replaced_front_equals_a_fresh_computation() {
        for length in [1, 40, 41, 2000, 65_537, 300_000] {
            let old: Vec<u8> = (0..length as u32).map(|number| (number * 7) as u8).collect();
            for front in [1, 22, 40].into_iter().filter(|front| *front <= length) {
                let mut new = old.clone();
                new[..front].iter_mut().for_each(|byte| *byte ^= 0x5a);
                let replaced =
                    checksum_replace_front(checksum(&old), &old[..front], &new[..front], old.len() - front);
                assert_eq!(replaced, checksum(&new), "length {length}, front {front}");
            }
        }
    }
}
