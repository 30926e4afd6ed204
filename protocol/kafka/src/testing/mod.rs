//! Arbitrary messages out of random bytes, for property tests (feature `testing`).
//!
//! The bytes are the only source, so that a failing case shrinks with them: shorter bytes make smaller messages.

mod messages;

use crate::{ErrorCode, Float64, Records};
use ringlog_model::Uuid;

/// A structure that can be made of random bytes, with nothing in it that the version cannot express.
pub trait Generate<'a>: Sized {
    /// An arbitrary value.
    fn generate(source: &mut Source<'a>, version: i16) -> Self;
}

/// Random bytes to take values from. When they are used up, everything is zero, empty or null.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    bytes: &'a [u8],
}

impl<'a> Source<'a> {
    /// A source over these bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Source<'a> {
        Source { bytes }
    }

    fn fixed<const N: usize>(&mut self) -> [u8; N] {
        match self.bytes.split_first_chunk::<N>() {
            Some((head, rest)) => {
                self.bytes = rest;
                *head
            }
            None => {
                self.bytes = &[];
                [0; N]
            }
        }
    }

    fn take(&mut self) -> &'a [u8] {
        let [length] = self.fixed();
        // Rarely long enough that a varint length takes two bytes.
        let length = if length > 250 { 200 } else { usize::from(length % 12) };
        let (head, rest) = self.bytes.split_at(length.min(self.bytes.len()));
        self.bytes = rest;
        head
    }

    /// A truth value.
    pub fn boolean(&mut self) -> bool {
        let [byte] = self.fixed();
        byte & 1 == 1
    }

    /// A signed byte.
    pub fn int8(&mut self) -> i8 {
        i8::from_be_bytes(self.fixed())
    }

    /// A 16-bit integer.
    pub fn int16(&mut self) -> i16 {
        i16::from_be_bytes(self.fixed())
    }

    /// An unsigned 16-bit integer.
    pub fn uint16(&mut self) -> u16 {
        u16::from_be_bytes(self.fixed())
    }

    /// A 32-bit integer.
    pub fn int32(&mut self) -> i32 {
        i32::from_be_bytes(self.fixed())
    }

    /// A 64-bit integer.
    pub fn int64(&mut self) -> i64 {
        i64::from_be_bytes(self.fixed())
    }

    /// A finite number: Java does not keep all the bits of what is none.
    pub fn float64(&mut self) -> Float64 {
        Float64::from(f64::from(self.int32()) / 8.0)
    }

    /// An error code, not always a known one.
    pub fn error_code(&mut self) -> ErrorCode {
        ErrorCode(self.int16())
    }

    /// An identifier.
    pub fn uuid(&mut self) -> Uuid {
        Uuid(self.fixed())
    }

    /// A string: the longest valid one that a few bytes begin with.
    pub fn string(&mut self) -> &'a str {
        let bytes = self.take();
        match core::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => core::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or(""),
        }
    }

    /// A few bytes.
    pub fn bytes(&mut self) -> &'a [u8] {
        self.take()
    }

    /// A few bytes as records.
    pub fn records(&mut self) -> Records<'a> {
        Records::Slice(self.take())
    }

    /// A value or null.
    pub fn optional<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let [choice] = self.fixed();
        (choice % 4 != 0).then(|| value(self))
    }

    /// A list of a few values.
    pub fn list<T>(&mut self, mut value: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let [count] = self.fixed();
        (0..count % 4).map(|_| value(self)).collect()
    }
}
