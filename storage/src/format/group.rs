//! The header of a journal group.
//!
//! ```text
//!  0 magic       8 bytes  "RLGROUP1"
//!  8 boot        u64      of the process that wrote it
//! 16 generation  u64      of the journal half, counted in the boot from 1
//! 24 sequence    u64      of the group, counted in the boot from 1
//! 32 durable     u64      greatest sequence known synced when this was written
//! 40 length      u32      of the body
//! 44 entries     u32
//! 48 domain      u16
//! 50 zero        6 bytes
//! 56 previous    u32      checksum of the group before, 0 for the first of a boot
//! 60 checksum    u32      CRC-32C of bytes 0..60 and the body
//! 64 body: entries
//! ```
//! The next group begins at the next multiple of 4,096 bytes. A block is never written twice in a generation.

use super::{Decoder, Encoder, FormatError, block_ceiling};
use ringlog_batch::{checksum, checksum_append};

/// Bytes of the header.
pub const GROUP_HEADER: usize = 64;
/// Bound of a group's body: what recovery holds in memory, and how far it looks for a group after a damaged one.
pub const BODY_MAX: usize = 8 << 20;

const MAGIC: &[u8; 8] = b"RLGROUP1";
const CHECKSUM_AT: usize = 60;

/// The fields of a group's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupHeader {
    /// Boot of the process that wrote it.
    pub boot: u64,
    /// Generation of the journal half.
    pub generation: u64,
    /// Number of the group in its boot and domain.
    pub sequence: u64,
    /// Greatest sequence known to be synced when this was written.
    pub durable: u64,
    /// Bytes of the body.
    pub length: u32,
    /// Entries in it.
    pub entries: u32,
    /// The commit domain.
    pub domain: u16,
    /// Checksum of the group before.
    pub previous: u32,
    /// Its own checksum.
    pub checksum: u32,
}

impl GroupHeader {
    /// Bytes it takes in the journal, padding included.
    #[must_use]
    pub fn extent(&self) -> u64 {
        block_ceiling(GROUP_HEADER as u64 + u64::from(self.length))
    }

    /// Reads a header. The checksum is not compared: see [`GroupHeader::verify`].
    pub fn decode(bytes: &[u8]) -> Result<GroupHeader, FormatError> {
        let mut input = Decoder::new(bytes);
        if input.raw(8)? != MAGIC {
            return Err(FormatError::Magic("journal group"));
        }
        let header = GroupHeader {
            boot: input.u64()?,
            generation: input.u64()?,
            sequence: input.u64()?,
            durable: input.u64()?,
            length: input.u32()?,
            entries: input.u32()?,
            domain: input.u16()?,
            previous: {
                input.raw(6)?;
                input.u32()?
            },
            checksum: input.u32()?,
        };
        if header.length as usize > BODY_MAX {
            return Err(FormatError::Value { field: "length of a group", value: u64::from(header.length) });
        }
        Ok(header)
    }

    /// Compares the checksum; `bytes` are header and body.
    pub fn verify(&self, bytes: &[u8]) -> Result<(), FormatError> {
        let needed = GROUP_HEADER + self.length as usize;
        let Some(whole) = bytes.get(..needed) else {
            return Err(FormatError::Truncated { needed, available: bytes.len() });
        };
        let computed = group_checksum(whole);
        if computed == self.checksum {
            Ok(())
        } else {
            Err(FormatError::Checksum { stored: self.checksum, computed })
        }
    }
}

/// Leaves room for the header at the front of a group under construction.
#[must_use]
pub fn begin_group() -> Encoder {
    Encoder { bytes: vec![0; GROUP_HEADER] }
}

/// Fills in the header in front of the body and returns the group's checksum. Length and checksum of `header` are
/// computed here, whatever it says.
pub fn seal_group(bytes: &mut [u8], header: &GroupHeader) -> u32 {
    let length = bytes.len() - GROUP_HEADER;
    assert!(length <= BODY_MAX, "the planner keeps groups below the bound");
    let mut out = Encoder::default();
    out.raw(MAGIC);
    out.u64(header.boot);
    out.u64(header.generation);
    out.u64(header.sequence);
    out.u64(header.durable);
    out.u32(length as u32);
    out.u32(header.entries);
    out.u16(header.domain);
    out.raw(&[0; 6]);
    out.u32(header.previous);
    bytes[..CHECKSUM_AT].copy_from_slice(&out.bytes);
    let checksum = group_checksum(bytes);
    bytes[CHECKSUM_AT..GROUP_HEADER].copy_from_slice(&checksum.to_le_bytes());
    checksum
}

fn group_checksum(bytes: &[u8]) -> u32 {
    checksum_append(checksum(&bytes[..CHECKSUM_AT]), &bytes[GROUP_HEADER..])
}
