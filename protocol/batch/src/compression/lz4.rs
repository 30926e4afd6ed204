//! LZ4 frames. Kafka's Java reader knows only independent blocks, so that is what is written.

use super::{Compression, read_capped};
use crate::BatchError;
use lz4_flex::frame::{BlockMode, BlockSize, FrameDecoder, FrameEncoder, FrameInfo};
use std::io::Write;

pub(super) fn compress(input: &[u8], out: &mut Vec<u8>) {
    let info = FrameInfo::new().block_mode(BlockMode::Independent).block_size(BlockSize::Max64KB);
    let mut encoder = FrameEncoder::with_frame_info(info, out);
    encoder.write_all(input).expect("writing to memory has no error of its own");
    encoder.finish().expect("writing to memory has no error of its own");
}

/// Besides the output, the decoder holds one block in and out: at most 4 MiB each (8 MiB in the legacy format).
pub(super) fn decompress(input: &[u8], cap: usize, out: &mut Vec<u8>) -> Result<(), BatchError> {
    read_capped(Compression::Lz4, FrameDecoder::new(input), cap, out)
}
