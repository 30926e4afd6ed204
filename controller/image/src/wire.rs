//! Little-endian fields in and out of bytes, every length checked against what remains: the alphabet of the records here
//! and of the controller's log.

use crate::DecodeError;
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use ringlog_model::Uuid;

/// Appends fields to a list of bytes.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    /// What has been written.
    pub bytes: Vec<u8>,
}

impl Writer {
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

    /// Four bytes.
    pub fn i32(&mut self, value: i32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// Eight bytes.
    pub fn u64(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// Length (u32), then the bytes.
    pub fn blob(&mut self, value: &[u8]) {
        self.count(value.len());
        self.bytes.extend_from_slice(value);
    }

    /// Whether there is a value, then the value.
    pub fn option<T>(&mut self, value: Option<&T>, write: impl FnOnce(&mut Writer, &T)) {
        self.u8(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    /// Eight bytes.
    pub fn i64(&mut self, value: i64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// Sixteen bytes.
    pub fn uuid(&mut self, value: Uuid) {
        self.bytes.extend_from_slice(&value.0);
    }

    /// Length (u32), then UTF-8.
    pub fn text(&mut self, value: &str) {
        self.count(value.len());
        self.bytes.extend_from_slice(value.as_bytes());
    }

    /// A length, as four bytes.
    pub fn count(&mut self, count: usize) {
        self.u32(u32::try_from(count).expect("records are bounded far below 4 GiB"));
    }

    /// Count, then the items.
    pub fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Writer, &T)) {
        self.count(items.len());
        for one in items {
            item(self, one);
        }
    }
}

/// Takes fields from the front of bytes.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Over these bytes.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The next bytes.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not that.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(DecodeError::Short { wanted: length, had: self.rest.len() })?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        Ok(self.take(N)?.try_into().expect("take gives as many bytes as asked"))
    }

    /// One byte.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not that.
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    /// Two bytes.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not that.
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    /// Four bytes.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not that.
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// Four bytes.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not that.
    pub fn i32(&mut self) -> Result<i32, DecodeError> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    /// Eight bytes.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not that.
    pub fn u64(&mut self) -> Result<u64, DecodeError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// Length, then the bytes.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not that.
    pub fn blob(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.u32()? as usize;
        self.take(length)
    }

    /// Whether there is a value, then the value.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not that.
    pub fn option<T>(
        &mut self,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        Ok(if self.flag()? { Some(read(self)?) } else { None })
    }

    /// Eight bytes.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not that.
    pub fn i64(&mut self) -> Result<i64, DecodeError> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    /// Sixteen bytes.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not that.
    pub fn uuid(&mut self) -> Result<Uuid, DecodeError> {
        Ok(Uuid(self.array()?))
    }

    /// One byte that is 0 or 1.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not that.
    pub fn flag(&mut self) -> Result<bool, DecodeError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(DecodeError::BadFlag(other)),
        }
    }

    /// Length, then UTF-8.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not that.
    pub fn text(&mut self) -> Result<String, DecodeError> {
        let length = self.u32()? as usize;
        let bytes = self.take(length)?;
        Ok(core::str::from_utf8(bytes).map_err(|_| DecodeError::NotText)?.to_string())
    }

    /// A list; `item_bytes_min` bounds what is allocated for it by what remains.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not that.
    pub fn list<T>(
        &mut self,
        item_bytes_min: usize,
        mut item: impl FnMut(&mut Reader<'a>) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let count = self.u32()? as usize;
        let wanted = count.saturating_mul(item_bytes_min);
        if wanted > self.rest.len() {
            return Err(DecodeError::Short { wanted, had: self.rest.len() });
        }
        (0..count).map(|_| item(self)).collect()
    }
}
