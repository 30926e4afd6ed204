//! Kafka's 128-bit identifiers and their 22-character text form (unpadded URL-safe base64, KIP-516).

use alloc::string::String;
use core::{fmt, str::FromStr};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// 16 bytes, shown as 22 characters of URL-safe base64 without padding.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub [u8; 16]);

impl Uuid {
    /// All zero: Kafka's "no identifier".
    pub const ZERO: Uuid = Uuid([0; 16]);

    /// A version 4 identifier out of 128 random bits that the caller brings.
    #[must_use]
    pub fn from_random(random: u128) -> Uuid {
        let mut bytes = random.to_be_bytes();
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Uuid(bytes)
    }

    /// Whether this is [`Uuid::ZERO`].
    #[must_use]
    pub fn is_zero(self) -> bool {
        self == Uuid::ZERO
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 128 bits are 21 whole sextets and a last one whose low four bits are zero.
        let number = u128::from_be_bytes(self.0);
        let mut text = String::with_capacity(22);
        for place in 0..21 {
            let sextet = (number >> (122 - 6 * place)) & 0x3f;
            text.push(char::from(ALPHABET[sextet as usize]));
        }
        text.push(char::from(ALPHABET[((number << 4) & 0x3f) as usize]));
        formatter.write_str(&text)
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Why a text is not an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UuidError {
    /// It has another length than 22 characters.
    Length(usize),
    /// It has a character outside URL-safe base64, at this position.
    Character(usize),
    /// The last character carries bits beyond the 128.
    Excess,
}

impl fmt::Display for UuidError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UuidError::Length(length) => {
                write!(formatter, "an identifier has 22 characters, this has {length}")
            }
            UuidError::Character(at) => write!(formatter, "character {at} is not of URL-safe base64"),
            UuidError::Excess => formatter.write_str("the last character carries more than 128 bits"),
        }
    }
}

impl core::error::Error for UuidError {}

impl FromStr for Uuid {
    type Err = UuidError;

    fn from_str(text: &str) -> Result<Uuid, UuidError> {
        if text.len() != 22 {
            return Err(UuidError::Length(text.len()));
        }
        let mut number = 0u128;
        for (at, byte) in text.bytes().enumerate() {
            let sextet =
                ALPHABET.iter().position(|&letter| letter == byte).ok_or(UuidError::Character(at))? as u128;
            if at < 21 {
                number = (number << 6) | sextet;
            } else if sextet & 0x0f != 0 {
                return Err(UuidError::Excess);
            } else {
                number = (number << 2) | (sextet >> 4);
            }
        }
        Ok(Uuid(number.to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn text_form_round_trips_and_matches_kafka() {
        // Kafka's own reserved identifier for the metadata topic: 0...01.
        let metadata = Uuid(1u128.to_be_bytes());
        assert_eq!(metadata.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
        for number in [0u128, 1, u128::MAX, 0x0123_4567_89ab_cdef_0011_2233_4455_6677] {
            let id = Uuid(number.to_be_bytes());
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn malformed_text_is_refused_with_its_reason() {
        assert_eq!("short".parse::<Uuid>(), Err(UuidError::Length(5)));
        assert_eq!("AAAAAAAAAA+AAAAAAAAAAQ".parse::<Uuid>(), Err(UuidError::Character(10)));
        assert_eq!("AAAAAAAAAAAAAAAAAAAAAB".parse::<Uuid>(), Err(UuidError::Excess));
    }
}
