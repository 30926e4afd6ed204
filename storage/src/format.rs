//! The bytes on disk, version 1: see `docs/format.md`. Pure: bytes in, values out.

pub mod catalog;
pub mod codec;
pub mod cover;
pub mod entry;
pub mod group;
pub mod identity;
pub mod index_file;
pub mod names;
pub mod segment_header;
pub mod snapshot;

pub use codec::{Decoder, Encoder, FormatError};

/// The version of everything here. Another version is refused, never guessed at.
pub const VERSION: u32 = 1;

/// Unit of direct writes: a multiple of every block size and direct I/O alignment we know of.
pub const BLOCK: u64 = 4096;

/// `value` rounded up to whole blocks.
#[must_use]
pub fn block_ceiling(value: u64) -> u64 {
    value.div_ceil(BLOCK) * BLOCK
}

/// `value` rounded down to whole blocks.
#[must_use]
pub fn block_floor(value: u64) -> u64 {
    value - value % BLOCK
}
