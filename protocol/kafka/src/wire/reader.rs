//! Reads primitives from a frame and never past its end.

use crate::{Decode, DecodeError, DecodeFault, ErrorCode, Float64, Form, Records};
use ringlog_model::Uuid;

/// A cursor over a frame. Everything it returns borrows from the frame.
///
/// Each method takes the name of the field it reads, for the error.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// Position of the end of `rest` in the frame; with the length of `rest` it gives the current position.
    end: usize,
    /// Bytes of memory that lists may still take.
    budget: usize,
}

/// What the visitor of tagged fields did with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// It was read.
    Read,
    /// This version does not know it; it is skipped.
    Unknown,
}

impl<'a> Reader<'a> {
    /// A reader whose lists are bounded by the frame alone: `count * least element size <= bytes that remain`.
    #[must_use]
    pub fn new(frame: &'a [u8]) -> Reader<'a> {
        Reader::with_memory_budget(frame, usize::MAX)
    }

    /// A reader whose lists also take no more than `budget` bytes of memory in all. An empty string is one byte on the
    /// wire and sixteen in memory: against frames of megabytes from strangers the first bound alone is too wide.
    #[must_use]
    pub fn with_memory_budget(frame: &'a [u8], budget: usize) -> Reader<'a> {
        Reader { rest: frame, end: frame.len(), budget }
    }

    /// Bytes not yet read.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The bytes not yet read.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Position in the frame.
    #[must_use]
    pub fn position(&self) -> usize {
        self.end - self.rest.len()
    }

    /// Fails if bytes remain.
    pub fn finish(&self) -> Result<(), DecodeError> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(self.error("the end", DecodeFault::Trailing(left))),
        }
    }

    /// An error at the current position.
    #[cold]
    #[inline(never)]
    #[must_use]
    pub fn error(&self, field: &'static str, fault: DecodeFault) -> DecodeError {
        DecodeError { field, at: self.position(), fault }
    }

    #[inline]
    fn fixed<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        match self.rest.split_first_chunk::<N>() {
            Some((head, rest)) => {
                self.rest = rest;
                Ok(*head)
            }
            None => Err(self.short(N, field)),
        }
    }

    #[inline]
    fn take(&mut self, length: usize, field: &'static str) -> Result<&'a [u8], DecodeError> {
        match self.rest.split_at_checked(length) {
            Some((head, rest)) => {
                self.rest = rest;
                Ok(head)
            }
            None => Err(self.short(length, field)),
        }
    }

    #[cold]
    #[inline(never)]
    fn short(&self, needed: usize, field: &'static str) -> DecodeError {
        self.error(field, DecodeFault::Short { needed, remaining: self.rest.len() })
    }

    /// One byte; anything but zero is true, as Kafka reads it.
    #[inline]
    pub fn boolean(&mut self, field: &'static str) -> Result<bool, DecodeError> {
        Ok(self.fixed::<1>(field)? != [0])
    }

    /// A signed byte.
    #[inline]
    pub fn int8(&mut self, field: &'static str) -> Result<i8, DecodeError> {
        Ok(i8::from_be_bytes(self.fixed(field)?))
    }

    /// A big-endian 16-bit integer.
    #[inline]
    pub fn int16(&mut self, field: &'static str) -> Result<i16, DecodeError> {
        Ok(i16::from_be_bytes(self.fixed(field)?))
    }

    /// A big-endian unsigned 16-bit integer.
    #[inline]
    pub fn uint16(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        Ok(u16::from_be_bytes(self.fixed(field)?))
    }

    /// A big-endian 32-bit integer.
    #[inline]
    pub fn int32(&mut self, field: &'static str) -> Result<i32, DecodeError> {
        Ok(i32::from_be_bytes(self.fixed(field)?))
    }

    /// A big-endian 64-bit integer.
    #[inline]
    pub fn int64(&mut self, field: &'static str) -> Result<i64, DecodeError> {
        Ok(i64::from_be_bytes(self.fixed(field)?))
    }

    /// A big-endian IEEE 754 number of 64 bits.
    #[inline]
    pub fn float64(&mut self, field: &'static str) -> Result<Float64, DecodeError> {
        Ok(Float64::from_bits(u64::from_be_bytes(self.fixed(field)?)))
    }

    /// An error code.
    #[inline]
    pub fn error_code(&mut self, field: &'static str) -> Result<ErrorCode, DecodeError> {
        Ok(ErrorCode(self.int16(field)?))
    }

    /// 16 bytes.
    #[inline]
    pub fn uuid(&mut self, field: &'static str) -> Result<Uuid, DecodeError> {
        Ok(Uuid(self.fixed(field)?))
    }

    /// An unsigned varint of at most 32 bits: seven bits a byte, lowest first.
    #[inline]
    pub fn varint(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        match self.rest.first() {
            Some(&byte) if byte < 0x80 => {
                self.rest = &self.rest[1..];
                Ok(u32::from(byte))
            }
            _ => self.long_varint(field),
        }
    }

    fn long_varint(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        let mut value = 0u64;
        for place in 0..5 {
            let [byte] = self.fixed(field)?;
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                return u32::try_from(value).map_err(|_| self.error(field, DecodeFault::Varint));
            }
        }
        Err(self.error(field, DecodeFault::Varint))
    }

    /// A length, `None` for null. Not yet compared with the bytes that remain.
    #[inline]
    fn length(
        &mut self,
        form: Form,
        classic: Width,
        field: &'static str,
    ) -> Result<Option<usize>, DecodeError> {
        let length = match (form, classic) {
            (Form::Compact, _) => return Ok((self.varint(field)? as usize).checked_sub(1)),
            (Form::Classic, Width::Short) => i32::from(self.int16(field)?),
            (Form::Classic, Width::Long) => self.int32(field)?,
        };
        match usize::try_from(length) {
            Ok(length) => Ok(Some(length)),
            Err(_) if length == -1 => Ok(None),
            Err(_) => Err(self.error(field, DecodeFault::NegativeLength(length))),
        }
    }

    #[inline]
    fn required<T>(&self, value: Option<T>, field: &'static str) -> Result<T, DecodeError> {
        value.ok_or_else(|| self.error(field, DecodeFault::Null))
    }

    /// A string that may be null.
    #[inline]
    pub fn nullable_string(
        &mut self,
        form: Form,
        field: &'static str,
    ) -> Result<Option<&'a str>, DecodeError> {
        let Some(length) = self.length(form, Width::Short, field)? else { return Ok(None) };
        let bytes = self.take(length, field)?;
        match core::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(self.error(field, DecodeFault::Utf8)),
        }
    }

    /// A string.
    #[inline]
    pub fn string(&mut self, form: Form, field: &'static str) -> Result<&'a str, DecodeError> {
        let value = self.nullable_string(form, field)?;
        self.required(value, field)
    }

    /// Bytes that may be null.
    #[inline]
    pub fn nullable_bytes(
        &mut self,
        form: Form,
        field: &'static str,
    ) -> Result<Option<&'a [u8]>, DecodeError> {
        match self.length(form, Width::Long, field)? {
            Some(length) => Ok(Some(self.take(length, field)?)),
            None => Ok(None),
        }
    }

    /// Bytes.
    #[inline]
    pub fn bytes(&mut self, form: Form, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let value = self.nullable_bytes(form, field)?;
        self.required(value, field)
    }

    /// The records of a response, which may be null.
    #[inline]
    pub fn nullable_records(
        &mut self,
        form: Form,
        field: &'static str,
    ) -> Result<Option<Records<'a>>, DecodeError> {
        Ok(self.nullable_bytes(form, field)?.map(Records::Slice))
    }

    /// A list that may be null, of elements of at least `minimum` bytes, each read by `element`.
    #[inline]
    pub fn nullable_array<T>(
        &mut self,
        form: Form,
        minimum: usize,
        field: &'static str,
        mut element: impl FnMut(&mut Reader<'a>) -> Result<T, DecodeError>,
    ) -> Result<Option<Vec<T>>, DecodeError> {
        let Some(count) = self.length(form, Width::Long, field)? else { return Ok(None) };
        let mut list = self.allocate(count, minimum, field)?;
        for _ in 0..count {
            list.push(element(self)?);
        }
        Ok(Some(list))
    }

    /// An empty list with room for `count` elements, if the frame can hold them and the budget allows it.
    fn allocate<T>(
        &mut self,
        count: usize,
        minimum: usize,
        field: &'static str,
    ) -> Result<Vec<T>, DecodeError> {
        let remaining = self.rest.len();
        if count > remaining / minimum.max(1) {
            return Err(self.error(field, DecodeFault::Elements { count, minimum, remaining }));
        }
        let needed = count.saturating_mul(size_of::<T>());
        match self.budget.checked_sub(needed) {
            Some(left) => self.budget = left,
            None => return Err(self.error(field, DecodeFault::Budget { needed, left: self.budget })),
        }
        Ok(Vec::with_capacity(count))
    }

    /// A list of elements of at least `minimum` bytes, each read by `element`.
    #[inline]
    pub fn array<T>(
        &mut self,
        form: Form,
        minimum: usize,
        field: &'static str,
        element: impl FnMut(&mut Reader<'a>) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let list = self.nullable_array(form, minimum, field, element)?;
        self.required(list, field)
    }

    /// A list of structures that may be null.
    #[inline]
    pub fn nullable_structures<T: Decode<'a>>(
        &mut self,
        form: Form,
        version: i16,
        field: &'static str,
    ) -> Result<Option<Vec<T>>, DecodeError> {
        self.nullable_array(form, T::minimum_size(version), field, |reader| T::decode(reader, version))
    }

    /// A list of structures.
    #[inline]
    pub fn structures<T: Decode<'a>>(
        &mut self,
        form: Form,
        version: i16,
        field: &'static str,
    ) -> Result<Vec<T>, DecodeError> {
        self.array(form, T::minimum_size(version), field, |reader| T::decode(reader, version))
    }

    /// A structure that may be null: a marker byte of -1 for null and 1 otherwise, then the structure.
    pub fn nullable_structure<T: Decode<'a>>(
        &mut self,
        version: i16,
        field: &'static str,
    ) -> Result<Option<T>, DecodeError> {
        match self.int8(field)? {
            -1 => Ok(None),
            1 => Ok(Some(T::decode(self, version)?)),
            other => Err(self.error(field, DecodeFault::Marker(other))),
        }
    }

    /// Visits the tagged fields at the end of a structure. The visitor reads a field it knows to its end, or says
    /// [`Tag::Unknown`], and the field is skipped. Tags may come in any order, as in Kafka's own decoder.
    #[inline]
    pub fn tags(
        &mut self,
        structure: &'static str,
        mut visit: impl FnMut(&mut Reader<'a>, u32) -> Result<Tag, DecodeError>,
    ) -> Result<(), DecodeError> {
        // Nearly always there is none. No allocation depends on the count, and each round consumes at least two
        // bytes or fails.
        for _ in 0..self.varint(structure)? {
            self.tagged(structure, &mut visit)?;
        }
        Ok(())
    }

    #[inline(never)]
    fn tagged(
        &mut self,
        structure: &'static str,
        visit: &mut impl FnMut(&mut Reader<'a>, u32) -> Result<Tag, DecodeError>,
    ) -> Result<(), DecodeError> {
        let tag = self.varint(structure)?;
        let length = self.varint(structure)? as usize;
        let content = self.take(length, structure)?;
        let (after, end) = (self.rest, self.end);
        self.end = self.position();
        self.rest = content;
        match visit(self, tag)? {
            Tag::Read if !self.rest.is_empty() => {
                Err(self.error(structure, DecodeFault::TagLength(self.rest.len())))
            }
            Tag::Read | Tag::Unknown => {
                (self.rest, self.end) = (after, end);
                Ok(())
            }
        }
    }

    /// Skips the tagged fields of a structure that knows none.
    #[inline]
    pub fn skip_tags(&mut self, form: Form, structure: &'static str) -> Result<(), DecodeError> {
        match form {
            Form::Classic => Ok(()),
            Form::Compact => self.tags(structure, |_, _| Ok(Tag::Unknown)),
        }
    }
}

/// The width of a length in classic form.
#[derive(Clone, Copy)]
enum Width {
    Short,
    Long,
}
