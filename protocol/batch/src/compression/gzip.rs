//! Gzip, RFC 1952.

use super::{Compression, read_capped};
use crate::BatchError;
use std::io::Write;

pub(super) fn compress(input: &[u8], out: &mut Vec<u8>) {
    let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::default());
    encoder
        .write_all(input)
        .and_then(|()| encoder.try_finish())
        .expect("writing to memory has no error of its own");
}

pub(super) fn decompress(input: &[u8], cap: usize, out: &mut Vec<u8>) -> Result<(), BatchError> {
    read_capped(Compression::Gzip, flate2::bufread::MultiGzDecoder::new(input), cap, out)
}
