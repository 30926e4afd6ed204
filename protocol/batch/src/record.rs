//! One record within a batch.
//!
//! ```text
//! length varint | attributes i8 | timestamp delta varlong | offset delta varint
//! | key length varint (-1: null) | key | value length varint (-1: null) | value
//! | header count varint | { key length varint | key | value length varint (-1: null) | value } ...
//! ```

use crate::BatchError;
use crate::varint::{read_i32, read_i64, size_i32, size_i64, write_i32, write_i64};

/// A key and value that travel beside a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHeader<'a> {
    /// The name; UTF-8 by Kafka's convention, not checked.
    pub key: &'a [u8],
    /// The value, which may be null.
    pub value: Option<&'a [u8]>,
}

/// A record as it stands in its batch: offset and timestamp still relative to the batch's base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordView<'a> {
    /// Unused by Kafka so far.
    pub attributes: i8,
    /// Milliseconds after the batch's base timestamp; may be negative.
    pub timestamp_delta: i64,
    /// Offsets after the batch's base offset.
    pub offset_delta: i32,
    /// The key, which may be null.
    pub key: Option<&'a [u8]>,
    /// The value, which may be null (a tombstone).
    pub value: Option<&'a [u8]>,
    headers: HeaderSection<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct HeaderSection<'a> {
    count: i32,
    bytes: &'a [u8],
}

/// Smallest record after its length: attributes, two deltas, two null lengths, no headers.
const RECORD_BYTES_MIN: usize = 6;

impl<'a> RecordView<'a> {
    /// Takes the record at the front of `input`. Its headers are walked too, so that [`RecordView::headers`] cannot fail.
    #[inline]
    pub(crate) fn read(input: &mut &'a [u8], index: i32) -> Result<RecordView<'a>, BatchError> {
        let malformed = |reason| BatchError::RecordMalformed { index, reason };
        let length = read_i32(input).ok_or(malformed("its length ends early"))?;
        let length = usize::try_from(length).map_err(|_| malformed("its length is negative"))?;
        if length < RECORD_BYTES_MIN {
            return Err(malformed("it is shorter than a record can be"));
        }
        let (mut body, rest) =
            input.split_at_checked(length).ok_or(malformed("it is longer than the bytes that remain"))?;
        let record = Self::read_body(&mut body).map_err(malformed)?;
        if !body.is_empty() {
            return Err(malformed("bytes follow its headers"));
        }
        *input = rest;
        Ok(record)
    }

    #[inline]
    fn read_body(body: &mut &'a [u8]) -> Result<RecordView<'a>, &'static str> {
        let (&attributes, rest) = body.split_first().ok_or("it is empty")?;
        *body = rest;
        let timestamp_delta = read_i64(body).ok_or("its timestamp is no number")?;
        let offset_delta = read_i32(body).ok_or("its offset is no number")?;
        let key = read_bytes(body).ok_or("its key ends early")?;
        let value = read_bytes(body).ok_or("its value ends early")?;
        let count = read_i32(body).ok_or("its header count is no number")?;
        let section = HeaderSection { count, bytes: body };
        // A header has at least two bytes, so the count is bounded before the walk.
        if count < 0 || count as usize > body.len() / 2 {
            return Err("its header count does not fit its bytes");
        }
        for _ in 0..count {
            read_header(body).ok_or("a header ends early or has no key")?;
        }
        Ok(RecordView {
            attributes: attributes as i8,
            timestamp_delta,
            offset_delta,
            key,
            value,
            headers: section,
        })
    }

    /// The headers, in order; names may repeat.
    pub fn headers(&self) -> impl ExactSizeIterator<Item = RecordHeader<'a>> + use<'a> {
        let mut bytes = self.headers.bytes;
        (0..self.headers.count as usize)
            .map(move |_| read_header(&mut bytes).expect("the headers were walked when the record was read"))
    }
}

#[inline]
fn read_bytes<'a>(input: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let length = read_i32(input)?;
    if length == -1 {
        return Some(None);
    }
    let (bytes, rest) = input.split_at_checked(usize::try_from(length).ok()?)?;
    *input = rest;
    Some(Some(bytes))
}

fn read_header<'a>(input: &mut &'a [u8]) -> Option<RecordHeader<'a>> {
    let key = read_bytes(input)??;
    let value = read_bytes(input)?;
    Some(RecordHeader { key, value })
}

/// The fields of a record to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordFields<'a> {
    pub(crate) timestamp_delta: i64,
    pub(crate) offset_delta: i32,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
    pub(crate) headers: &'a [RecordHeader<'a>],
}

impl RecordFields<'_> {
    /// Bytes after the length field; `None` if a part is beyond what the format can count.
    pub(crate) fn body_size(&self) -> Option<i32> {
        let mut size = 1 + size_i64(self.timestamp_delta) + size_i32(self.offset_delta);
        size += bytes_size(self.key)? + bytes_size(self.value)?;
        size += size_i32(i32::try_from(self.headers.len()).ok()?);
        for header in self.headers {
            size += bytes_size(Some(header.key))? + bytes_size(header.value)?;
        }
        i32::try_from(size).ok()
    }

    /// Appends the record, whose [`RecordFields::body_size`] the caller has.
    pub(crate) fn write(&self, body_size: i32, out: &mut Vec<u8>) {
        write_i32(out, body_size);
        out.push(0);
        write_i64(out, self.timestamp_delta);
        write_i32(out, self.offset_delta);
        write_bytes(out, self.key);
        write_bytes(out, self.value);
        write_i32(out, self.headers.len() as i32);
        for header in self.headers {
            write_bytes(out, Some(header.key));
            write_bytes(out, header.value);
        }
    }
}

fn bytes_size(bytes: Option<&[u8]>) -> Option<usize> {
    match bytes {
        None => Some(1),
        Some(bytes) => Some(size_i32(i32::try_from(bytes.len()).ok()?) + bytes.len()),
    }
}

fn write_bytes(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        None => write_i32(out, -1),
        Some(bytes) => {
            write_i32(out, bytes.len() as i32);
            out.extend_from_slice(bytes);
        }
    }
}
