//! Where encoders write to: one description of a message serves both its bytes and its size.

use crate::{Encode, EncodeError, ErrorCode, Float64, Form, Records};
use ringlog_model::Uuid;

/// Takes the primitives of a message in their order.
pub trait Sink: Sized {
    /// Appends bytes.
    fn put(&mut self, bytes: &[u8]);

    /// Appends the content of a response's records, whose length has been written.
    fn body(&mut self, records: &Records<'_>);

    /// Begins a tagged field, to be ended by [`Sink::end_tag`] with the mark returned here.
    fn begin_tag(&mut self, tag: u32) -> usize;

    /// Ends a tagged field: its length goes before its content.
    fn end_tag(&mut self, mark: usize);

    /// Remembers why the message cannot be written; the first reason stays.
    fn fail(&mut self, error: EncodeError);

    /// One byte, 1 for true.
    #[inline]
    fn boolean(&mut self, value: bool) {
        self.put(&[u8::from(value)]);
    }

    /// A signed byte.
    #[inline]
    fn int8(&mut self, value: i8) {
        self.put(&value.to_be_bytes());
    }

    /// A big-endian 16-bit integer.
    #[inline]
    fn int16(&mut self, value: i16) {
        self.put(&value.to_be_bytes());
    }

    /// A big-endian unsigned 16-bit integer.
    #[inline]
    fn uint16(&mut self, value: u16) {
        self.put(&value.to_be_bytes());
    }

    /// A big-endian 32-bit integer.
    #[inline]
    fn int32(&mut self, value: i32) {
        self.put(&value.to_be_bytes());
    }

    /// A big-endian 64-bit integer.
    #[inline]
    fn int64(&mut self, value: i64) {
        self.put(&value.to_be_bytes());
    }

    /// A big-endian IEEE 754 number of 64 bits.
    #[inline]
    fn float64(&mut self, value: Float64) {
        self.put(&value.bits().to_be_bytes());
    }

    /// An error code.
    #[inline]
    fn error_code(&mut self, value: ErrorCode) {
        self.int16(value.0);
    }

    /// 16 bytes.
    #[inline]
    fn uuid(&mut self, value: Uuid) {
        self.put(&value.0);
    }

    /// An unsigned varint: seven bits a byte, lowest first.
    #[inline]
    fn varint(&mut self, value: u32) {
        if value < 0x80 {
            self.put(&[value as u8]);
        } else {
            let (bytes, length) = varint_bytes(value);
            self.put(&bytes[..length]);
        }
    }

    /// The length of a string.
    #[inline]
    fn string_length(&mut self, form: Form, length: usize) {
        match form {
            Form::Compact => self.compact_length(length),
            Form::Classic => match i16::try_from(length) {
                Ok(length) => self.int16(length),
                Err(_) => self.fail(EncodeError::TooLong(length)),
            },
        }
    }

    /// The length of bytes or of a list.
    #[inline]
    fn length(&mut self, form: Form, length: usize) {
        match form {
            Form::Compact => self.compact_length(length),
            Form::Classic => match i32::try_from(length) {
                Ok(length) => self.int32(length),
                Err(_) => self.fail(EncodeError::TooLong(length)),
            },
        }
    }

    /// A length plus one, as Kafka writes it where zero means null.
    #[inline]
    fn compact_length(&mut self, length: usize) {
        match i32::try_from(length) {
            Ok(small) => self.varint(small as u32 + 1),
            Err(_) => self.fail(EncodeError::TooLong(length)),
        }
    }

    /// A string.
    #[inline]
    fn string(&mut self, form: Form, value: &str) {
        self.string_length(form, value.len());
        self.put(value.as_bytes());
    }

    /// A string or null.
    #[inline]
    fn nullable_string(&mut self, form: Form, value: Option<&str>) {
        match (value, form) {
            (Some(value), _) => self.string(form, value),
            (None, Form::Compact) => self.varint(0),
            (None, Form::Classic) => self.int16(-1),
        }
    }

    /// Bytes.
    #[inline]
    fn bytes(&mut self, form: Form, value: &[u8]) {
        self.length(form, value.len());
        self.put(value);
    }

    /// Bytes or null.
    #[inline]
    fn nullable_bytes(&mut self, form: Form, value: Option<&[u8]>) {
        match value {
            Some(value) => self.bytes(form, value),
            None => self.null(form),
        }
    }

    /// The null of bytes and lists.
    #[inline]
    fn null(&mut self, form: Form) {
        match form {
            Form::Compact => self.varint(0),
            Form::Classic => self.int32(-1),
        }
    }

    /// Records of a response, or null.
    #[inline]
    fn nullable_records(&mut self, form: Form, value: Option<&Records<'_>>) {
        match value {
            Some(records) => {
                self.length(form, records.length());
                self.body(records);
            }
            None => self.null(form),
        }
    }

    /// A list, each element written by `element`.
    #[inline]
    fn array<T>(&mut self, form: Form, list: &[T], mut element: impl FnMut(&mut Self, &T)) {
        self.length(form, list.len());
        for item in list {
            element(self, item);
        }
    }

    /// A list or null.
    #[inline]
    fn nullable_array<T>(&mut self, form: Form, list: Option<&[T]>, element: impl FnMut(&mut Self, &T)) {
        match list {
            Some(list) => self.array(form, list, element),
            None => self.null(form),
        }
    }

    /// A list of structures.
    #[inline]
    fn structures<T: Encode>(&mut self, form: Form, version: i16, list: &[T]) {
        self.array(form, list, |sink, item| item.encode(sink, version));
    }

    /// A list of structures, or null.
    #[inline]
    fn nullable_structures<T: Encode>(&mut self, form: Form, version: i16, list: Option<&[T]>) {
        self.nullable_array(form, list, |sink, item| item.encode(sink, version));
    }

    /// A structure behind its marker byte, or the marker of null.
    #[inline]
    fn nullable_structure<T: Encode>(&mut self, version: i16, value: Option<&T>) {
        match value {
            Some(value) => {
                self.int8(1);
                value.encode(self, version);
            }
            None => self.int8(-1),
        }
    }

    /// The end of a structure that has no tagged field to write.
    #[inline]
    fn no_tags(&mut self, form: Form) {
        if form == Form::Compact {
            self.varint(0);
        }
    }

    /// Fails because `field` has a value and this version has no place for it.
    #[cold]
    fn unsupported(&mut self, field: &'static str, version: i16) {
        self.fail(EncodeError::Unsupported { field, version });
    }

    /// The value of a field that is not nullable in this version; null fails.
    #[inline]
    fn required<T: Default>(&mut self, field: &'static str, version: i16, value: Option<T>) -> T {
        value.unwrap_or_else(|| {
            self.fail(EncodeError::Null { field, version });
            T::default()
        })
    }
}

/// The bytes of a varint and how many they are.
pub(super) fn varint_bytes(mut value: u32) -> ([u8; 5], usize) {
    let mut bytes = [0; 5];
    let mut length = 0;
    while value >= 0x80 {
        bytes[length] = value as u8 | 0x80;
        value >>= 7;
        length += 1;
    }
    bytes[length] = value as u8;
    (bytes, length + 1)
}

/// How many bytes a varint takes.
fn varint_length(value: u32) -> usize {
    (38 - value.leading_zeros() as usize) / 7 + usize::from(value == 0)
}

/// Measures a message.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counter {
    length: usize,
}

impl Counter {
    /// The bytes counted so far.
    #[must_use]
    pub fn length(&self) -> usize {
        self.length
    }
}

impl Sink for Counter {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.length += bytes.len();
    }

    #[inline]
    fn body(&mut self, records: &Records<'_>) {
        self.length += records.length();
    }

    #[inline]
    fn varint(&mut self, value: u32) {
        self.length += varint_length(value);
    }

    fn begin_tag(&mut self, tag: u32) -> usize {
        self.varint(tag);
        self.length
    }

    fn end_tag(&mut self, mark: usize) {
        let content = u32::try_from(self.length - mark).unwrap_or(u32::MAX);
        self.varint(content);
    }

    fn fail(&mut self, _error: EncodeError) {}
}
