//! Whole frames: building them, and finding them in a stream of bytes.

use crate::header::checksum;
use crate::{
    Body, Correlation, DecodeError, ErrorBody, ErrorCode, Flags, FrameError, HEADER_LENGTH, Header, Op,
};
use bytes::{Bytes, BytesMut};
use ringlog_model::LeaderEpoch;

/// The fixed part of every body that ends in record batches.
pub const RECORDS_FIXED_LENGTH: usize = 48;

/// One frame whose CRC held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its header.
    pub header: Header,
    /// Its body, record batches included; a slice of what was received.
    pub body: Bytes,
}

impl Frame {
    /// Takes a whole frame, `bytes` being exactly that, and checks its CRC.
    ///
    /// # Errors
    /// As [`Header::parse`]; [`FrameError::Short`] if bytes are missing, [`FrameError::Crc`] if they are damaged.
    pub fn parse(bytes: Bytes, body_limit: usize) -> Result<Frame, FrameError> {
        let header = Header::parse(&bytes, body_limit)?;
        if bytes.len() < header.frame_length() {
            return Err(FrameError::Short);
        }
        let body_start = usize::from(header.header_length);
        let body = bytes.slice(body_start..header.frame_length());
        let found = checksum(&bytes[..body_start], &body[..header.covered_length()]);
        if found != header.crc {
            return Err(FrameError::Crc { op: header.op, stated: header.crc, found });
        }
        Ok(Frame { header, body })
    }

    /// Reads the body as a `B`, which must be of this frame's operation and schema.
    ///
    /// # Errors
    /// [`DecodeError`] where the bytes are not a `B`.
    pub fn decode<B: Body>(&self) -> Result<B, DecodeError> {
        if self.header.op != B::OP || self.header.schema != B::SCHEMA {
            return Err(DecodeError::OtherBody { op: self.header.op, schema: self.header.schema });
        }
        if self.header.flags.contains(Flags::RECORDS) {
            B::decode(&self.body[..RECORDS_FIXED_LENGTH])
        } else {
            B::decode(&self.body)
        }
    }

    /// The record batches after the fixed part; empty for a frame without [`Flags::RECORDS`].
    #[must_use]
    pub fn records(&self) -> Bytes {
        if self.header.flags.contains(Flags::RECORDS) {
            self.body.slice(RECORDS_FIXED_LENGTH..)
        } else {
            Bytes::new()
        }
    }

    /// The error this frame carries, if it carries one.
    ///
    /// # Errors
    /// [`DecodeError`] if the frame says it carries an error and its body is not one.
    pub fn error(&self) -> Result<Option<ErrorBody>, DecodeError> {
        if self.header.flags.contains(Flags::ERROR) {
            ErrorBody::decode(&self.body).map(Some)
        } else {
            Ok(None)
        }
    }
}

/// The bytes of a request without record batches.
#[must_use]
pub fn request<B: Body>(correlation: Correlation, body: &B) -> Bytes {
    plain(Header::new(B::OP, Flags::NONE, correlation).with_schema(B::SCHEMA), body)
}

/// The same for a request that acts upon a leader epoch.
#[must_use]
pub fn request_at<B: Body>(correlation: Correlation, epoch: LeaderEpoch, body: &B) -> Bytes {
    plain(Header::new(B::OP, Flags::NONE, correlation).with_schema(B::SCHEMA).with_epoch(epoch), body)
}

/// The bytes of a reply without record batches.
#[must_use]
pub fn response<B: Body>(correlation: Correlation, epoch: LeaderEpoch, body: &B) -> Bytes {
    plain(Header::new(B::OP, Flags::RESPONSE, correlation).with_schema(B::SCHEMA).with_epoch(epoch), body)
}

/// The bytes of a refusal of the request `op` with this correlation.
#[must_use]
pub fn error_frame(op: Op, correlation: Correlation, code: ErrorCode, message: &str) -> Bytes {
    let mut body = Vec::with_capacity(8 + message.len());
    ErrorBody { code, message: message.to_owned() }.encode(&mut body);
    seal(Header::new(op, Flags::RESPONSE | Flags::ERROR, correlation), &body)
}

/// Header and fixed part of a frame that goes on with `records_length` bytes of record batches, which the caller sends
/// after it from wherever they are. `header.flags` gets [`Flags::RECORDS`].
#[must_use]
pub fn records_head<B: Body>(header: Header, body: &B, records_length: usize) -> Bytes {
    let header = Header { flags: header.flags | Flags::RECORDS, op: B::OP, schema: B::SCHEMA, ..header };
    let mut fixed = Vec::with_capacity(RECORDS_FIXED_LENGTH);
    body.encode(&mut fixed);
    assert_eq!(fixed.len(), RECORDS_FIXED_LENGTH, "bodies before record batches have one length");
    let mut bytes = BytesMut::with_capacity(HEADER_LENGTH + RECORDS_FIXED_LENGTH);
    bytes.extend_from_slice(&header.seal(&fixed, records_length));
    bytes.extend_from_slice(&fixed);
    bytes.freeze()
}

/// A frame with record batches as the slices to send, in order. Nothing of `records` is copied.
#[must_use]
pub fn records_frame<B: Body>(header: Header, body: &B, records: Bytes) -> [Bytes; 2] {
    [records_head(header, body, records.len()), records]
}

fn plain<B: Body>(header: Header, body: &B) -> Bytes {
    let mut bytes = Vec::with_capacity(64);
    body.encode(&mut bytes);
    seal(header, &bytes)
}

fn seal(header: Header, body: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(HEADER_LENGTH + body.len());
    bytes.extend_from_slice(&header.seal(body, 0));
    bytes.extend_from_slice(body);
    bytes.freeze()
}

/// Cuts a stream of bytes into frames. Holds at most one unfinished frame and what arrived behind it.
#[derive(Debug)]
pub struct FrameBuffer {
    bytes: BytesMut,
    body_limit: usize,
}

impl FrameBuffer {
    /// A buffer that refuses bodies above `body_limit` bytes.
    #[must_use]
    pub fn new(body_limit: usize) -> FrameBuffer {
        FrameBuffer { bytes: BytesMut::new(), body_limit }
    }

    /// Takes what arrived.
    pub fn push(&mut self, received: &[u8]) {
        self.bytes.extend_from_slice(received);
    }

    /// The next whole frame, or `None` until more bytes arrive.
    ///
    /// # Errors
    /// [`FrameError`] where the stream is no longer one of frames; the connection is then of no further use.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        if self.bytes.len() < HEADER_LENGTH {
            return Ok(None);
        }
        let header = Header::parse(&self.bytes, self.body_limit)?;
        if self.bytes.len() < header.frame_length() {
            // Not reserved for the stated length: memory follows the bytes that arrive, not a claim.
            return Ok(None);
        }
        let bytes = self.bytes.split_to(header.frame_length()).freeze();
        Frame::parse(bytes, self.body_limit).map(Some)
    }

    /// How many bytes are missing until the next frame is whole, as far as known: a hint for the next receive.
    #[must_use]
    pub fn missing(&self) -> usize {
        match Header::parse(&self.bytes, self.body_limit) {
            Ok(header) => header.frame_length().saturating_sub(self.bytes.len()),
            Err(_) => HEADER_LENGTH.saturating_sub(self.bytes.len()),
        }
    }
}
