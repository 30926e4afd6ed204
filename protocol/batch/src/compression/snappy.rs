//! Snappy in the framing of snappy-java, which the Java client uses and others copied:
//!
//! ```text
//! 82 "SNAPPY" 00 | version i32 | lowest compatible version i32 | { block length i32 | Snappy block } ...
//! ```
//!
//! Some clients (librdkafka among them) send one bare Snappy block instead. Readers tell the two apart by the
//! first 8 bytes; a bare block that starts like the magic would claim 10,370 bytes and begin with a broken copy.

use super::{Compression, failed};
use crate::BatchError;

const MAGIC: [u8; 8] = [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0];
const FRAME_HEADER: usize = 16;
const VERSION: [u8; 4] = 1i32.to_be_bytes();
/// snappy-java's own block size.
const BLOCK: usize = 32 << 10;
/// The densest Snappy element is a copy of 64 bytes in 3; a block that claims more than this per byte lies.
const EXPANSION_MAX: usize = 64;

pub(super) fn compress(input: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&VERSION);
    out.extend_from_slice(&VERSION);
    let mut encoder = snap::raw::Encoder::new();
    for block in input.chunks(BLOCK) {
        let length_at = out.len();
        let data_at = length_at + 4;
        out.resize(data_at + snap::raw::max_compress_len(block.len()), 0);
        let length =
            encoder.compress(block, &mut out[data_at..]).expect("the space is what the encoder asks for");
        out.truncate(data_at + length);
        out[length_at..data_at].copy_from_slice(&(length as u32).to_be_bytes());
    }
}

pub(super) fn decompress(input: &[u8], cap: usize, out: &mut Vec<u8>) -> Result<(), BatchError> {
    if !input.starts_with(&MAGIC) {
        return block(input, cap, out);
    }
    let mut rest = input
        .get(FRAME_HEADER..)
        .ok_or_else(|| failed(Compression::Snappy, "the framing header ends early"))?;
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let (data, after) = after
            .split_at_checked(length)
            .ok_or_else(|| failed(Compression::Snappy, "a framed block ends early"))?;
        block(data, cap, out)?;
        rest = after;
    }
    if rest.is_empty() { Ok(()) } else { Err(failed(Compression::Snappy, "a block length ends early")) }
}

fn block(data: &[u8], cap: usize, out: &mut Vec<u8>) -> Result<(), BatchError> {
    let broken = |error: snap::Error| failed(Compression::Snappy, error);
    let length = snap::raw::decompress_len(data).map_err(broken)?;
    let at = out.len();
    if length > cap - at {
        return Err(BatchError::DecompressedTooLarge { codec: Compression::Snappy, cap });
    }
    if length > data.len() * EXPANSION_MAX {
        return Err(failed(Compression::Snappy, "a block claims more than Snappy can express"));
    }
    out.resize(at + length, 0);
    let written = snap::raw::Decoder::new().decompress(data, &mut out[at..]).map_err(broken)?;
    out.truncate(at + written);
    Ok(())
}
