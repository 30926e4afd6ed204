//! Ringlog's own protocol: a 32-byte header, fixed bodies, raw record batches.
//!
//! Place in the flow: bytes -> [`Frame`] -> a body of [`body`] on the client listener (or of [`cluster`] among
//! nodes and controllers), and back. `docs/protocol.md` draws the bytes.
//!
//! Main types: [`Header`], [`Op`], [`Frame`], [`FrameBuffer`], [`ErrorBody`], and one struct per body.
//!
//! Architecture invariant: no I/O and no clock. No decoder allocates more than the frame it reads can fill, and
//! none panics on any input. The client listener carries fixed structs and length-prefixed strings only, never
//! rkyv archives.
#![forbid(unsafe_code)]

pub mod body;
pub mod cluster;
mod error;
mod frame;
mod header;
mod op;
mod peek;
mod wire;

pub use body::Body;
pub use error::{DecodeError, ErrorBody, ErrorCode, FrameError};
pub use frame::{
    Frame, FrameBuffer, RECORDS_FIXED_LENGTH, error_frame, records_frame, records_head, request, request_at,
    response,
};
pub use header::{
    BODY_LIMIT_DEFAULT, CONTROL_BODY_LIMIT, Correlation, Flags, HEADER_LENGTH, HEADER_LENGTH_MAX, Header,
    MAGIC, WIRE_VERSION,
};
pub use op::Op;
pub use peek::{error_of_frame, op_of_frame};
