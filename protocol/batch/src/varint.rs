//! Zigzag variable-length numbers, as record fields use them (Protocol Buffers' sint32 and sint64).

/// Appends a 32-bit number, 1 to 5 bytes.
pub(crate) fn write_i32(out: &mut Vec<u8>, value: i32) {
    write_unsigned(out, u64::from(((value << 1) ^ (value >> 31)) as u32));
}

/// Appends a 64-bit number, 1 to 10 bytes.
pub(crate) fn write_i64(out: &mut Vec<u8>, value: i64) {
    write_unsigned(out, ((value << 1) ^ (value >> 63)) as u64);
}

fn write_unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Bytes that [`write_i32`] takes.
pub(crate) fn size_i32(value: i32) -> usize {
    size_unsigned(u64::from(((value << 1) ^ (value >> 31)) as u32))
}

/// Bytes that [`write_i64`] takes.
pub(crate) fn size_i64(value: i64) -> usize {
    size_unsigned(((value << 1) ^ (value >> 63)) as u64)
}

fn size_unsigned(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// Takes a 32-bit number off the front; `None` if the bytes end early or the number has more than 32 bits.
#[inline]
pub(crate) fn read_i32(input: &mut &[u8]) -> Option<i32> {
    let raw = read_unsigned(input, 5)?;
    let raw = u32::try_from(raw).ok()?;
    Some(((raw >> 1) as i32) ^ -((raw & 1) as i32))
}

/// Takes a 64-bit number off the front; `None` if the bytes end early or the number has more than 64 bits.
#[inline]
pub(crate) fn read_i64(input: &mut &[u8]) -> Option<i64> {
    let raw = read_unsigned(input, 10)?;
    Some(((raw >> 1) as i64) ^ -((raw & 1) as i64))
}

#[inline]
fn read_unsigned(input: &mut &[u8], bytes_max: usize) -> Option<u64> {
    // Nearly all numbers in records have one byte, most others two.
    match **input {
        [first, ref rest @ ..] if first < 0x80 => {
            *input = rest;
            Some(u64::from(first))
        }
        [first, second, ref rest @ ..] if second < 0x80 => {
            *input = rest;
            Some(u64::from(first & 0x7f) | u64::from(second) << 7)
        }
        _ => read_long(input, bytes_max),
    }
}

#[cold]
fn read_long(input: &mut &[u8], bytes_max: usize) -> Option<u64> {
    let mut value = 0u64;
    for (at, &byte) in input.iter().take(bytes_max).enumerate() {
        let bits = u64::from(byte & 0x7f);
        let shift = 7 * at;
        if shift == 63 && bits > 1 {
            return None;
        }
        value |= bits << shift;
        if byte < 0x80 {
            *input = &input[at + 1..];
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_encodings() {
        for (value, bytes) in [
            (0, &[0x00][..]),
            (-1, &[0x01]),
            (1, &[0x02]),
            (63, &[0x7e]),
            (64, &[0x80, 0x01]),
            (-65, &[0x81, 0x01]),
            (i32::MAX, &[0xfe, 0xff, 0xff, 0xff, 0x0f]),
            (i32::MIN, &[0xff, 0xff, 0xff, 0xff, 0x0f]),
        ] {
            let mut out = Vec::new();
            write_i32(&mut out, value);
            assert_eq!(out, bytes);
            assert_eq!(size_i32(value), bytes.len());
            assert_eq!(read_i32(&mut &out[..]), Some(value));
        }
    }

    #[test]
    fn long_numbers_round_trip() {
        for value in [0, 1, -1, i64::from(i32::MAX) + 1, i64::MAX, i64::MIN, 1 << 55] {
            let mut out = Vec::new();
            write_i64(&mut out, value);
            assert_eq!(out.len(), size_i64(value));
            let mut rest = &out[..];
            assert_eq!(read_i64(&mut rest), Some(value));
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn endless_and_oversized_numbers_are_refused() {
        assert_eq!(read_i32(&mut &[0x80, 0x80, 0x80, 0x80, 0x80, 0x00][..]), None);
        assert_eq!(read_i32(&mut &[0xff, 0xff, 0xff, 0xff, 0x1f][..]), None);
        assert_eq!(read_i64(&mut &[0xff; 11][..]), None);
        assert_eq!(read_i64(&mut &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02][..]), None);
        assert_eq!(read_i32(&mut &[0x80][..]), None);
        assert_eq!(read_i32(&mut &[][..]), None);
    }
}
