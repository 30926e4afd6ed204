//! The five codecs of record batches, each decoding under an output cap.
//!
//! What is compressed is the record section alone; the header stays readable. A decoder's allocations follow what
//! it has produced so far, never a size that the input merely claims, so that a decompression bomb costs at most the cap.

mod gzip;
mod lz4;
mod snappy;
mod zstandard;

use crate::BatchError;
use core::fmt;
use std::io::Read;

/// How a batch's records are compressed; the code is bits 0 to 2 of the attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compression {
    /// As they are.
    #[default]
    None,
    /// RFC 1952.
    Gzip,
    /// Snappy blocks in the framing of snappy-java ("xerial"); a bare Snappy block is accepted as well.
    Snappy,
    /// LZ4 frame with independent blocks.
    Lz4,
    /// Zstandard (RFC 8878).
    Zstd,
}

impl Compression {
    /// All codecs, in the order of their codes.
    pub const ALL: [Compression; 5] =
        [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];

    /// The codec with this code.
    ///
    /// # Errors
    /// [`BatchError::CompressionUnknown`] for codes from 5.
    pub fn from_code(code: u8) -> Result<Compression, BatchError> {
        Self::ALL.get(usize::from(code)).copied().ok_or(BatchError::CompressionUnknown { code })
    }

    /// The codec's code in batch attributes.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Kafka's name of it, as in `compression.type`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip => "gzip",
            Compression::Snappy => "snappy",
            Compression::Lz4 => "lz4",
            Compression::Zstd => "zstd",
        }
    }

    /// The codec of this name (`none` and `uncompressed` are the same one).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Compression> {
        match name {
            "uncompressed" => Some(Compression::None),
            _ => Self::ALL.into_iter().find(|codec| codec.name() == name),
        }
    }

    /// Appends the compressed form of `input` to `out`.
    pub fn compress(self, input: &[u8], out: &mut Vec<u8>) {
        match self {
            Compression::None => out.extend_from_slice(input),
            Compression::Gzip => gzip::compress(input, out),
            Compression::Snappy => snappy::compress(input, out),
            Compression::Lz4 => lz4::compress(input, out),
            Compression::Zstd => zstandard::compress(input, out),
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What a scratch keeps between uses; a larger buffer is given back after a rare large batch.
const KEPT_BYTES_MAX: usize = 4 << 20;
/// First step of an output buffer, so that small batches need one allocation.
const FIRST_STEP: usize = 64 << 10;

/// Reused memory for decoding: an output buffer and decoder state. One per shard (or thread) is enough.
#[derive(Default)]
pub struct Scratch {
    output: Vec<u8>,
    zstandard: zstandard::State,
}

impl Scratch {
    /// Empty; allocates with the first compressed batch.
    #[must_use]
    pub fn new() -> Scratch {
        Scratch::default()
    }

    /// Decodes `input` into the scratch and returns what it gave; uncompressed input is returned as it is.
    ///
    /// # Errors
    /// [`BatchError::Decompression`], or [`BatchError::DecompressedTooLarge`] beyond `cap` bytes of output.
    pub fn decompress<'s>(
        &'s mut self,
        codec: Compression,
        input: &'s [u8],
        cap: usize,
    ) -> Result<&'s [u8], BatchError> {
        self.output.clear();
        self.output.shrink_to(KEPT_BYTES_MAX);
        let output = &mut self.output;
        match codec {
            Compression::None => return Ok(input),
            Compression::Gzip => gzip::decompress(input, cap, output)?,
            Compression::Snappy => snappy::decompress(input, cap, output)?,
            Compression::Lz4 => lz4::decompress(input, cap, output)?,
            Compression::Zstd => self.zstandard.decompress(input, cap, output)?,
        }
        Ok(output)
    }

    /// Bytes that the output buffer holds allocated.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.output.capacity()
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Scratch").field("capacity", &self.capacity()).finish_non_exhaustive()
    }
}

fn failed(codec: Compression, reason: impl fmt::Display) -> BatchError {
    BatchError::Decompression { codec, reason: reason.to_string() }
}

/// Makes room for more output: doubles, from [`FIRST_STEP`], never past `cap`.
fn grow(output: &mut Vec<u8>, cap: usize) {
    let step = output.len().max(FIRST_STEP).min(cap.saturating_sub(output.len()));
    output.reserve_exact(step);
}

/// Reads to the end of `reader`, at most `cap` bytes.
fn read_capped(
    codec: Compression,
    mut reader: impl Read,
    cap: usize,
    output: &mut Vec<u8>,
) -> Result<(), BatchError> {
    loop {
        let filled = output.len();
        if filled >= cap {
            let more = reader.read(&mut [0]).map_err(|error| failed(codec, error))?;
            return if more == 0 { Ok(()) } else { Err(BatchError::DecompressedTooLarge { codec, cap }) };
        }
        if filled == output.capacity() {
            grow(output, cap);
        }
        output.resize(output.capacity().min(cap), 0);
        let read = reader.read(&mut output[filled..]);
        output.truncate(filled + *read.as_ref().unwrap_or(&0));
        if read.map_err(|error| failed(codec, error))? == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests;
