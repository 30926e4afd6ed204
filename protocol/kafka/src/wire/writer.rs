//! Writes messages as segments: bytes of its own, and bodies that are not copied.

use super::sink::varint_bytes;
use super::tally::ErrorTally;
use crate::{EncodeError, ErrorCode, External, Records, Sink};
use bytes::Bytes;

/// A piece of an encoded message, in the order of the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Bytes to send.
    Bytes(Bytes),
    /// A body that the caller has.
    External(External),
}

impl Segment {
    /// Length in bytes.
    #[must_use]
    pub fn length(&self) -> usize {
        match self {
            Segment::Bytes(bytes) => bytes.len(),
            Segment::External(external) => external.length,
        }
    }
}

/// An encoded message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    segments: Vec<Segment>,
    errors: ErrorTally,
}

impl Encoded {
    /// The pieces, none of them empty, in the order of the wire.
    #[must_use]
    pub fn into_segments(self) -> Vec<Segment> {
        self.segments
    }

    /// The error codes that were written into it.
    #[must_use]
    pub fn errors(&self) -> &ErrorTally {
        &self.errors
    }

    /// The pieces.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Length of all pieces.
    #[must_use]
    pub fn length(&self) -> usize {
        self.segments.iter().map(Segment::length).sum()
    }

    /// All bytes in one piece, `body` giving the content of external bodies. Copies unless there is one piece.
    #[must_use]
    pub fn into_bytes<'b>(mut self, mut body: impl FnMut(External) -> &'b [u8]) -> Bytes {
        if let [Segment::Bytes(bytes)] = self.segments.as_mut_slice() {
            return std::mem::take(bytes);
        }
        let mut all = Vec::with_capacity(self.length());
        for segment in &self.segments {
            match segment {
                Segment::Bytes(bytes) => all.extend_from_slice(bytes),
                Segment::External(external) => all.extend_from_slice(body(*external)),
            }
        }
        all.into()
    }
}

/// Collects a message. Its own bytes lie in one buffer; bodies are marks in it:
///
/// ```text
/// own bytes   |length, header, topic, partition 0|partition 1, tags|
/// marks                                          ^ body 0          ^ body 1
/// segments    [own 0..40] [body 0] [own 40..72] [body 1]
/// ```
#[derive(Debug, Default)]
pub struct Writer {
    own: Vec<u8>,
    bodies: Vec<(usize, Segment)>,
    bodies_length: usize,
    error: Option<EncodeError>,
    errors: ErrorTally,
}

impl Writer {
    /// An empty writer.
    #[must_use]
    pub fn new() -> Writer {
        Writer::default()
    }

    /// An empty writer with room for `capacity` bytes of its own.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Writer {
        Writer { own: Vec::with_capacity(capacity), ..Writer::default() }
    }

    /// Bytes written so far, bodies included.
    #[must_use]
    pub fn length(&self) -> usize {
        self.own.len() + self.bodies_length
    }

    /// Writes `value` over four bytes of its own at `at`: for a length that is known at the end.
    pub(crate) fn patch_int32(&mut self, at: usize, value: i32) {
        self.own[at..at + 4].copy_from_slice(&value.to_be_bytes());
    }

    /// The message in pieces.
    pub fn finish(self) -> Result<Encoded, EncodeError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let own = Bytes::from(self.own);
        let mut segments = Vec::with_capacity(2 * self.bodies.len() + 1);
        let mut from = 0;
        for (at, body) in self.bodies {
            if from < at {
                segments.push(Segment::Bytes(own.slice(from..at)));
            }
            segments.push(body);
            from = at;
        }
        if from < own.len() {
            segments.push(Segment::Bytes(own.slice(from..)));
        }
        Ok(Encoded { segments, errors: self.errors })
    }

    /// The bytes of a message that has no bodies of other owners; shared ones are copied.
    pub(super) fn into_vec(self) -> Result<Vec<u8>, EncodeError> {
        if self.bodies.is_empty() {
            return match self.error {
                Some(error) => Err(error),
                None => Ok(self.own),
            };
        }
        let encoded = self.finish()?;
        Ok(encoded.into_bytes(|_| &[]).into())
    }
}

impl Sink for Writer {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.own.extend_from_slice(bytes);
    }

    #[inline]
    fn error_code(&mut self, value: ErrorCode) {
        if value != ErrorCode::NONE {
            self.errors.count(value);
        }
        self.int16(value.0);
    }

    fn body(&mut self, records: &Records<'_>) {
        let segment = match records {
            Records::Slice(bytes) => return self.put(bytes),
            Records::Shared(bytes) => Segment::Bytes(bytes.clone()),
            Records::External(external) => Segment::External(*external),
        };
        if segment.length() > 0 {
            self.bodies_length += segment.length();
            self.bodies.push((self.own.len(), segment));
        }
    }

    fn begin_tag(&mut self, tag: u32) -> usize {
        self.varint(tag);
        self.own.len()
    }

    fn end_tag(&mut self, mark: usize) {
        // Tagged fields are small: moving the content is cheaper than measuring it first.
        debug_assert!(self.bodies.iter().all(|(at, _)| *at <= mark), "no tagged field holds records");
        match u32::try_from(self.own.len() - mark) {
            Ok(content) => {
                let (bytes, length) = varint_bytes(content);
                self.own.splice(mark..mark, bytes[..length].iter().copied());
            }
            Err(_) => self.fail(EncodeError::TooLong(self.own.len() - mark)),
        }
    }

    #[cold]
    fn fail(&mut self, error: EncodeError) {
        self.error.get_or_insert(error);
    }
}
