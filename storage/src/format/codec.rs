//! Little-endian fields, written to and read from byte strings.

use thiserror::Error;

/// Why bytes are not what they should be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FormatError {
    /// The bytes end inside a field.
    #[error("ends after {available} bytes where {needed} more are needed")]
    Truncated {
        /// Bytes the field has.
        needed: usize,
        /// Bytes that are left.
        available: usize,
    },
    /// A checksum does not match.
    #[error("checksum is {stored:08x}, the bytes have {computed:08x}")]
    Checksum {
        /// The one written down.
        stored: u32,
        /// The one the bytes have.
        computed: u32,
    },
    /// The magic number is another.
    #[error("not a {0}")]
    Magic(&'static str),
    /// Another version of the format.
    #[error("format version {0} is not known to this program")]
    Version(u32),
    /// A field has a value that nothing writes.
    #[error("{field} is {value}")]
    Value {
        /// Which field.
        field: &'static str,
        /// Its value.
        value: u64,
    },
    /// A text is not UTF-8.
    #[error("a name is not UTF-8")]
    Text,
    /// Bytes are left over.
    #[error("{0} bytes left over")]
    Trailing(usize),
}

/// Appends fields to a byte string.
#[derive(Debug, Default)]
pub struct Encoder {
    /// What was written so far.
    pub bytes: Vec<u8>,
}

impl Encoder {
    /// One byte.
    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }
    /// Two bytes.
    pub fn u16(&mut self, value: u16) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }
    /// Four bytes.
    pub fn u32(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }
    /// Four bytes, signed.
    pub fn i32(&mut self, value: i32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }
    /// Eight bytes.
    pub fn u64(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }
    /// Eight bytes, signed.
    pub fn i64(&mut self, value: i64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }
    /// As they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
    /// A length of four bytes, then the bytes.
    pub fn sized(&mut self, bytes: &[u8]) {
        self.u32(u32::try_from(bytes.len()).expect("what is written down is far smaller than 4 GiB"));
        self.raw(bytes);
    }
}

/// Takes fields off the front of a byte string.
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    rest: &'a [u8],
}

impl<'a> Decoder<'a> {
    /// Over all of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Decoder<'a> {
        Decoder { rest: bytes }
    }

    /// Bytes not taken yet.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The next `length` bytes.
    pub fn raw(&mut self, length: usize) -> Result<&'a [u8], FormatError> {
        if length > self.rest.len() {
            return Err(FormatError::Truncated { needed: length, available: self.rest.len() });
        }
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], FormatError> {
        Ok(self.raw(N)?.try_into().expect("raw gave N bytes"))
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, FormatError> {
        Ok(self.array::<1>()?[0])
    }
    /// Two bytes.
    pub fn u16(&mut self) -> Result<u16, FormatError> {
        self.array().map(u16::from_le_bytes)
    }
    /// Four bytes.
    pub fn u32(&mut self) -> Result<u32, FormatError> {
        self.array().map(u32::from_le_bytes)
    }
    /// Four bytes, signed.
    pub fn i32(&mut self) -> Result<i32, FormatError> {
        self.array().map(i32::from_le_bytes)
    }
    /// Eight bytes.
    pub fn u64(&mut self) -> Result<u64, FormatError> {
        self.array().map(u64::from_le_bytes)
    }
    /// Eight bytes, signed.
    pub fn i64(&mut self) -> Result<i64, FormatError> {
        self.array().map(i64::from_le_bytes)
    }
    /// Sixteen bytes.
    pub fn bytes16(&mut self) -> Result<[u8; 16], FormatError> {
        self.array()
    }
    /// A length of four bytes, then the bytes.
    pub fn sized(&mut self) -> Result<&'a [u8], FormatError> {
        let length = self.u32()? as usize;
        self.raw(length)
    }
    /// A sized text.
    pub fn text(&mut self) -> Result<String, FormatError> {
        let bytes = self.sized()?;
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| FormatError::Text)
    }
    /// That nothing is left.
    pub fn finish(self) -> Result<(), FormatError> {
        if self.rest.is_empty() { Ok(()) } else { Err(FormatError::Trailing(self.rest.len())) }
    }
}
