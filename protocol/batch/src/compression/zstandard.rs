//! Zstandard, RFC 8878, decoded in one go.
//!
//! The streaming decoder would allocate the window that a frame asks for, up to 128 MiB for twenty hostile bytes; decoding
//! straight into the output needs no window, so that every level of every client is readable under the cap alone.

use super::{Compression, FIRST_STEP, failed};
use crate::BatchError;
use zstd::bulk::Decompressor;
use zstd::zstd_safe::get_frame_content_size;

/// Kafka's default level.
const LEVEL: i32 = 3;
/// How far a frame's claim of its own size is believed before anything is decoded.
const BELIEVED_RATIO: usize = 32;
/// How much larger the next attempt is when the output did not fit: at most a third of the work is done in vain.
const RETRY_FACTOR: usize = 4;

pub(super) fn compress(input: &[u8], out: &mut Vec<u8>) {
    let at = out.len();
    out.resize(at + zstd::zstd_safe::compress_bound(input.len()), 0);
    let length = zstd::bulk::compress_to_buffer(input, &mut out[at..], LEVEL)
        .expect("the space is what the encoder asks for");
    out.truncate(at + length);
}

/// The decoder's tables, made with the first use.
#[derive(Default)]
pub(super) struct State(Option<Decompressor<'static>>);

impl State {
    pub(super) fn decompress(
        &mut self,
        input: &[u8],
        cap: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), BatchError> {
        let codec = Compression::Zstd;
        let decoder = match &mut self.0 {
            Some(decoder) => decoder,
            empty => empty.insert(Decompressor::new().map_err(|error| failed(codec, error))?),
        };
        let believed = input.len().saturating_mul(BELIEVED_RATIO);
        let claimed =
            get_frame_content_size(input).ok().flatten().and_then(|size| usize::try_from(size).ok());
        let mut room = match claimed {
            Some(size) if size <= believed => size,
            _ => input.len().saturating_mul(RETRY_FACTOR),
        };
        room = room.max(FIRST_STEP).min(cap);
        loop {
            out.clear();
            out.reserve_exact(room);
            // A reused buffer may have more room than asked for: the cap is judged on the output.
            match decoder.decompress_to_buffer(input, out) {
                Ok(length) if length <= cap => return Ok(()),
                Ok(_) => return Err(BatchError::DecompressedTooLarge { codec, cap }),
                Err(error) if !too_small(&error) => return Err(failed(codec, error)),
                Err(_) if room >= cap => return Err(BatchError::DecompressedTooLarge { codec, cap }),
                Err(_) => room = room.saturating_mul(RETRY_FACTOR).min(cap),
            }
        }
    }
}

/// The crate passes the library's errors on as texts only.
fn too_small(error: &std::io::Error) -> bool {
    error.to_string().contains("too small")
}
