//! The index beside a segment file.
//!
//! ```text
//!  0 magic        8 bytes  "RLINDEX1"
//!  8 version      u32      1
//! 12 checksum     u32      CRC-32C of bytes 0..12 and 16..
//! 16 log          u64
//! 24 incarnation  u64      of the segment; an index of another one is void
//! 32 base offset  i64
//! 40 interval     u64      least distance between entries, bytes
//! 48 count        u64      entries, the end included
//! 56 entries of 28 bytes: offset i64, position u64, max timestamp before i64, checksum before u32
//! ```
//! The last entry is the end: what the index covers. A segment may have grown beyond it.

use super::{Decoder, Encoder, FormatError, VERSION};
use crate::segment::{IndexEntry, SegmentIndex};
use ringlog_batch::{checksum, checksum_append};
use ringlog_model::{LogId, Offset, Timestamp};

const MAGIC: &[u8; 8] = b"RLINDEX1";
const ENTRY: usize = 28;

/// Which segment an index is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexOwner {
    /// The log.
    pub log: LogId,
    /// The segment's incarnation.
    pub incarnation: u64,
    /// The segment's base offset.
    pub base_offset: Offset,
}

/// The file's bytes.
#[must_use]
pub fn encode(owner: IndexOwner, index: &SegmentIndex) -> Vec<u8> {
    let mut out = Encoder::default();
    out.raw(MAGIC);
    out.u32(VERSION);
    out.u32(0);
    out.u64(owner.log.0);
    out.u64(owner.incarnation);
    out.i64(owner.base_offset.0);
    out.u64(index.interval());
    out.u64(index.entries().len() as u64 + 1);
    for entry in index.entries().iter().chain([&index.end()]) {
        out.i64(entry.offset.0);
        out.u64(entry.position);
        out.i64(entry.max_timestamp_before.0);
        out.u32(entry.checksum_before);
    }
    let checksum = file_checksum(&out.bytes);
    out.bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
    out.bytes
}

/// Reads the file's bytes.
pub fn decode(bytes: &[u8]) -> Result<(IndexOwner, SegmentIndex), FormatError> {
    let mut input = Decoder::new(bytes);
    if input.raw(8)? != MAGIC {
        return Err(FormatError::Magic("segment index"));
    }
    let version = input.u32()?;
    if version != VERSION {
        return Err(FormatError::Version(version));
    }
    let stored = input.u32()?;
    let computed = file_checksum(bytes);
    if stored != computed {
        return Err(FormatError::Checksum { stored, computed });
    }
    let owner =
        IndexOwner { log: LogId(input.u64()?), incarnation: input.u64()?, base_offset: Offset(input.i64()?) };
    let interval = input.u64()?;
    let count = input.u64()?;
    if count == 0 || count.checked_mul(ENTRY as u64) != Some(input.remaining() as u64) {
        return Err(FormatError::Value { field: "entries of an index", value: count });
    }
    let mut entries = (0..count).map(|_| decode_entry(&mut input)).collect::<Result<Vec<_>, _>>()?;
    let end = entries.pop().expect("there is at least one");
    let index = SegmentIndex::from_parts(entries, interval, end)
        .ok_or(FormatError::Value { field: "order of an index", value: count })?;
    Ok((owner, index))
}

fn decode_entry(input: &mut Decoder<'_>) -> Result<IndexEntry, FormatError> {
    Ok(IndexEntry {
        offset: Offset(input.i64()?),
        position: input.u64()?,
        max_timestamp_before: Timestamp(input.i64()?),
        checksum_before: input.u32()?,
    })
}

fn file_checksum(bytes: &[u8]) -> u32 {
    checksum_append(checksum(&bytes[..12]), &bytes[16..])
}
