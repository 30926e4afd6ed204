//! Why bytes are not a message, and why a message has no bytes.

use thiserror::Error;

/// Where decoding stopped, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{field} at byte {at}: {fault}")]
pub struct DecodeError {
    /// The field that was being read, as `Structure.field`.
    pub field: &'static str,
    /// The position in the bytes given to the reader.
    pub at: usize,
    /// What was wrong there.
    pub fault: DecodeFault,
}

/// What was wrong with the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeFault {
    /// The frame ends before the value does.
    #[error("needs {needed} bytes, {remaining} remain")]
    Short {
        /// Bytes that the value needs.
        needed: usize,
        /// Bytes that are left.
        remaining: usize,
    },
    /// A length below zero that does not mean null.
    #[error("length {0} is negative")]
    NegativeLength(i32),
    /// Null where this version has no null.
    #[error("is null, which this version does not allow")]
    Null,
    /// The marker of a nullable structure is neither -1 nor 1.
    #[error("{0} is not the marker of a nullable structure")]
    Marker(i8),
    /// A variable-length integer of more than 32 bits.
    #[error("a variable-length integer has more than 32 bits")]
    Varint,
    /// A string that is not UTF-8.
    #[error("is not UTF-8")]
    Utf8,
    /// A list that claims more elements than the frame can hold.
    #[error("claims {count} elements of at least {minimum} bytes, {remaining} bytes remain")]
    Elements {
        /// Elements claimed.
        count: usize,
        /// The least bytes that one element takes.
        minimum: usize,
        /// Bytes that are left.
        remaining: usize,
    },
    /// The lists of the message take more memory than the reader was given.
    #[error("needs {needed} bytes of memory, {left} are left for this frame")]
    Budget {
        /// Bytes of memory that the list needs.
        needed: usize,
        /// Bytes of memory left.
        left: usize,
    },
    /// A tagged field that is shorter or longer than its content.
    #[error("{0} bytes are left over in a tagged field")]
    TagLength(usize),
    /// Bytes after the end of the message.
    #[error("{0} bytes follow the message")]
    Trailing(usize),
    /// An API key that no version of the protocol has, or that this codec does not implement.
    #[error("API key {0} is not implemented")]
    UnknownApi(i16),
    /// A version of a known API that this codec does not implement.
    #[error("version {version} of API key {api} is not implemented")]
    UnsupportedVersion {
        /// The API key.
        api: i16,
        /// The version asked for.
        version: i16,
    },
}

/// Why a message cannot be written in the version asked for. Always a mistake of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EncodeError {
    /// A field that must not be lost has a value, and this version has no place for it.
    #[error("{field} has a value, which version {version} cannot express")]
    Unsupported {
        /// The field, as `Structure.field`.
        field: &'static str,
        /// The version asked for.
        version: i16,
    },
    /// A null that this version cannot express.
    #[error("{field} is null, which version {version} cannot express")]
    Null {
        /// The field, as `Structure.field`.
        field: &'static str,
        /// The version asked for.
        version: i16,
    },
    /// A string, list or body longer than its length field can say.
    #[error("a length of {0} does not fit its field")]
    TooLong(usize),
}
