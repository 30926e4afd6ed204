//! Copies of blocks of segments, made before the blocks are written again: a device may leave a block that it was writing
//! when the power failed unreadable. One file of a domain, replaced as a whole.
//!
//! ```text
//!  0 magic       8 bytes  "RLCOVER1"
//!  8 version     u32      1
//! 12 checksum    u32      CRC-32C of bytes 0..12 and 16..
//! 16 boot        u64      of the process that wrote it; to another one it means nothing
//! 24 count       u64      blocks
//! 32 blocks: log u64, base offset i64 and incarnation u64 of the segment, its file u64, position u64 (of batches, on a block),
//!    bytes (u32 length): what the block begins with
//! ```

use super::{BLOCK, Decoder, Encoder, FormatError};
use crate::state::FileId;
use ringlog_batch::{checksum, checksum_append};
use ringlog_model::{LogId, Offset};

const MAGIC: &[u8; 8] = b"RLCOVER1";
const VERSION: u32 = 1;
const CHECKSUM_AT: usize = 12;

/// The beginning of a block of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveredBlock {
    /// The log.
    pub log: LogId,
    /// The segment's first offset: the file may have been another segment's of the log before.
    pub base_offset: Offset,
    /// The segment's incarnation: under another one its bytes may be others.
    pub incarnation: u64,
    /// The segment's file.
    pub file: FileId,
    /// Where the block begins in the segment's batches.
    pub position: u64,
    /// What it begins with, less than a block.
    pub bytes: Vec<u8>,
}

/// The bytes of the file.
#[must_use]
pub fn encode<'a>(boot: u64, blocks: impl ExactSizeIterator<Item = &'a CoveredBlock>) -> Vec<u8> {
    let mut out = Encoder::default();
    out.raw(MAGIC);
    out.u32(VERSION);
    out.u32(0);
    out.u64(boot);
    out.u64(blocks.len() as u64);
    for block in blocks {
        out.u64(block.log.0);
        out.i64(block.base_offset.0);
        out.u64(block.incarnation);
        out.u64(block.file.0);
        out.u64(block.position);
        out.sized(&block.bytes);
    }
    let sum = checksum_of(&out.bytes);
    out.bytes[CHECKSUM_AT..CHECKSUM_AT + 4].copy_from_slice(&sum.to_le_bytes());
    out.bytes
}

/// The boot and the blocks.
pub fn decode(bytes: &[u8]) -> Result<(u64, Vec<CoveredBlock>), FormatError> {
    let mut input = Decoder::new(bytes);
    if input.raw(8)? != MAGIC {
        return Err(FormatError::Magic("cover"));
    }
    let version = input.u32()?;
    if version != VERSION {
        return Err(FormatError::Version(version));
    }
    let stored = input.u32()?;
    let computed = checksum_of(bytes);
    if computed != stored {
        return Err(FormatError::Checksum { stored, computed });
    }
    let boot = input.u64()?;
    let count = input.u64()?;
    let mut blocks = Vec::new();
    for _ in 0..count {
        let block = CoveredBlock {
            log: LogId(input.u64()?),
            base_offset: Offset(input.i64()?),
            incarnation: input.u64()?,
            file: FileId(input.u64()?),
            position: input.u64()?,
            bytes: input.sized()?.to_vec(),
        };
        if !block.position.is_multiple_of(BLOCK)
            || block.bytes.is_empty()
            || block.bytes.len() as u64 >= BLOCK
        {
            return Err(FormatError::Value { field: "position of a covered block", value: block.position });
        }
        blocks.push(block);
    }
    input.finish()?;
    Ok((boot, blocks))
}

fn checksum_of(bytes: &[u8]) -> u32 {
    checksum_append(checksum(&bytes[..CHECKSUM_AT]), bytes.get(CHECKSUM_AT + 4..).unwrap_or_default())
}
