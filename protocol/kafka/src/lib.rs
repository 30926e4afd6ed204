//! The Kafka wire protocol: bytes to typed messages and back, one definition per message.
//!
//! Place in the flow: a listener receives a frame, [`RequestHeader`] and [`Request::decode`] turn it into a message that
//! borrows from the frame; the answer goes through [`encode_response`] and leaves as [`Segment`]s, so that record
//! bytes never pass through here.
//!
//! The messages are written once, in `schema/`, in the notation that `schema/README.md` explains.
//! `cargo xtask codegen` writes `src/messages/` and `src/testing/messages/` from them; a test fails when they differ.
//!
//! Architecture invariant: no I/O, no clock, no state between calls.
//!
//! Architecture invariant: no code here is written for one version of one message; what differs between versions
//! stands in the schema.
//!
//! Architecture invariant: a decoder allocates no more than the frame can hold. Every length is compared with the
//! bytes that remain before anything is allocated, and lists are charged to the reader's memory budget.
#![forbid(unsafe_code)]

mod api_key;
mod error_code;
mod frame;
pub mod messages;
#[cfg(feature = "testing")]
pub mod testing;
mod wire;

pub use api_key::{ApiKey, Versions};
pub use error_code::ErrorCode;
pub use frame::{
    FRAME_BYTES_MAX_DEFAULT, FrameError, PRODUCE_ADVERTISED_FROM, decode_request, decode_response,
    encode_request, encode_response, encode_unsupported_api_versions, frame_length, request_memory_budget,
};
pub use messages::{Request, RequestHeader, Response, ResponseHeader};
pub use wire::{
    Counter, Decode, DecodeError, DecodeFault, Encode, EncodeError, Encoded, ErrorTally, External, Float64,
    Form, Message, Reader, Records, Segment, Sink, Tag, Writer,
};
