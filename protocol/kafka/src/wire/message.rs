//! What every generated structure can do.

use crate::{ApiKey, DecodeError, Reader, Sink, Versions, Writer, wire::Counter};

/// How lengths are written: fixed width, or as varints with tagged fields behind each structure (KIP-482).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// 16-bit lengths of strings, 32-bit lengths of everything else; no tagged fields.
    Classic,
    /// Unsigned varints of length + 1, 0 for null; tagged fields at the end of each structure.
    Compact,
}

impl Form {
    /// [`Form::Compact`] if the version is flexible.
    #[inline]
    #[must_use]
    pub fn of(flexible: bool) -> Form {
        if flexible { Form::Compact } else { Form::Classic }
    }

    /// The bytes of the smallest string.
    #[inline]
    #[must_use]
    pub fn string_length_size(self) -> usize {
        match self {
            Form::Classic => 2,
            Form::Compact => 1,
        }
    }
}

/// A structure that can be read.
pub trait Decode<'a>: Sized {
    /// The least bytes that any value takes in this version; bounds list lengths before allocating.
    fn minimum_size(version: i16) -> usize;

    /// Reads one value. Fields that the version does not have get their default; unknown tagged fields are skipped,
    /// because a broker answers a request and never passes it on.
    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError>;
}

/// A structure that can be written.
pub trait Encode {
    /// Writes the value. What the version cannot express is remembered by the sink as its error.
    fn encode<S: Sink>(&self, sink: &mut S, version: i16);

    /// The bytes that [`Encode::encode`] writes, external bodies included.
    fn size(&self, version: i16) -> usize {
        let mut counter = Counter::default();
        self.encode(&mut counter, version);
        counter.length()
    }
}

/// A whole request or response.
pub trait Message<'a>: Decode<'a> + Encode {
    /// The API it belongs to.
    const API: ApiKey;

    /// The versions this codec implements.
    const VERSIONS: Versions;

    /// Reads a whole message; bytes behind it are an error.
    fn decode_all(bytes: &'a [u8], version: i16) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let message = Self::decode(&mut reader, version)?;
        reader.finish()?;
        Ok(message)
    }

    /// The bytes of a message without external bodies. For tests and tools; a node uses [`crate::encode_response`].
    fn encode_all(&self, version: i16) -> Result<Vec<u8>, crate::EncodeError> {
        let mut writer = Writer::with_capacity(self.size(version));
        self.encode(&mut writer, version);
        writer.into_vec()
    }
}
