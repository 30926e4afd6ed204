//! Reading and writing what follows a body's fixed struct: strings and lists, every length bounded.

use crate::DecodeError;
use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

/// A cursor over a body that never reads beyond it.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    fn take(&mut self, length: usize, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(DecodeError::Short(field))?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next bytes as a fixed struct.
    pub(crate) fn fixed<T: FromBytes + KnownLayout + Immutable + Unaligned>(
        &mut self,
        field: &'static str,
    ) -> Result<&'a T, DecodeError> {
        let (value, rest) = T::ref_from_prefix(self.rest).map_err(|_| DecodeError::Short(field))?;
        self.rest = rest;
        Ok(value)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        Ok(self.take(N, field)?.try_into().expect("as many bytes as were taken"))
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        self.array(field).map(u16::from_le_bytes)
    }

    pub(crate) fn i16(&mut self, field: &'static str) -> Result<i16, DecodeError> {
        self.array(field).map(i16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.array(field).map(u32::from_le_bytes)
    }

    pub(crate) fn i32(&mut self, field: &'static str) -> Result<i32, DecodeError> {
        self.array(field).map(i32::from_le_bytes)
    }

    pub(crate) fn i64(&mut self, field: &'static str) -> Result<i64, DecodeError> {
        self.array(field).map(i64::from_le_bytes)
    }

    pub(crate) fn u64(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        self.array(field).map(u64::from_le_bytes)
    }

    /// `u16` length and UTF-8.
    pub(crate) fn string(&mut self, field: &'static str) -> Result<String, DecodeError> {
        let length = self.u16(field)?;
        let bytes = self.take(usize::from(length), field)?;
        core::str::from_utf8(bytes).map(str::to_owned).map_err(|_| DecodeError::NotUtf8(field))
    }

    /// `u32` count and that many elements of at least `smallest` bytes each, so that no list is longer than its body.
    pub(crate) fn list<T>(
        &mut self,
        field: &'static str,
        smallest: usize,
        mut element: impl FnMut(&mut Reader<'a>) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let count = self.u32(field)?;
        if count as usize > self.rest.len() / smallest {
            return Err(DecodeError::Count { field, count });
        }
        // No reservation: a decoded element may be larger than its bytes, so memory follows what is really there.
        let mut elements = Vec::new();
        for _ in 0..count {
            elements.push(element(self)?);
        }
        Ok(elements)
    }
}

/// Strings longer than a length prefix can say are cut at a character boundary; only messages for people get that long.
pub(crate) fn put_string(bytes: &mut Vec<u8>, text: &str) {
    let mut end = text.len().min(usize::from(u16::MAX));
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    bytes.extend_from_slice(&(end as u16).to_le_bytes());
    bytes.extend_from_slice(&text.as_bytes()[..end]);
}

pub(crate) fn put_list<T>(bytes: &mut Vec<u8>, elements: &[T], mut put: impl FnMut(&mut Vec<u8>, &T)) {
    let count = u32::try_from(elements.len()).expect("lists are bounded far below 2^32 by the frame");
    bytes.extend_from_slice(&count.to_le_bytes());
    for element in elements {
        put(bytes, element);
    }
}
