//! Record batches inside a response: never copied unless they already lie in a borrowed slice.

use bytes::Bytes;

/// The records of a partition in a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Records<'a> {
    /// Bytes of a received frame; encoding copies them into the header bytes.
    Slice(&'a [u8]),
    /// Shared bytes; encoding makes them a segment of their own, without a copy.
    Shared(Bytes),
    /// Bytes that the caller sends itself (slices of a log, file ranges); only their length is known here.
    External(External),
}

/// A body known by its length only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct External {
    /// The caller's number of the body, given back in the segment.
    pub body: usize,
    /// Its length in bytes.
    pub length: usize,
}

impl Records<'_> {
    /// Length in bytes.
    #[must_use]
    pub fn length(&self) -> usize {
        match self {
            Records::Slice(bytes) => bytes.len(),
            Records::Shared(bytes) => bytes.len(),
            Records::External(external) => external.length,
        }
    }

    /// The bytes, where they are known here.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Records::Slice(bytes) => Some(bytes),
            Records::Shared(bytes) => Some(bytes),
            Records::External(_) => None,
        }
    }
}
