//! The primitives that every message is made of, independent of any message.

mod errors;
mod float;
mod message;
mod reader;
mod records;
mod sink;
mod tally;
mod writer;

pub use errors::{DecodeError, DecodeFault, EncodeError};
pub use float::Float64;
pub use message::{Decode, Encode, Form, Message};
pub use reader::{Reader, Tag};
pub use records::{External, Records};
pub use sink::{Counter, Sink};
pub use tally::ErrorTally;
pub use writer::{Encoded, Segment, Writer};

#[cfg(test)]
mod tests;
