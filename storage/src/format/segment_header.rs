//! The first block of a segment file. The catalog and the journal hold the truth; this is for people and tools that
//! look at one file alone.
//!
//! ```text
//!  0 magic        8 bytes  "RLSEGMT1"
//!  8 version      u32      1, or 2 if the segment is compacted: offsets may be missing between its batches
//! 12 checksum     u32      CRC-32C of bytes 0..12 and 16..length of the fields
//! 16 log          u64
//! 24 incarnation  u64      of the log when the segment was placed here
//! 32 base offset  i64
//! 40 created      i64      milliseconds since 1970
//! 48 topic id     16 bytes
//! 64 partition    i32
//! 68 topic name   u32 length, then UTF-8, at most 249 bytes
//! ```
//! Batches begin at byte 4,096.

use super::{BLOCK, Decoder, Encoder, FormatError, VERSION};
use ringlog_batch::{checksum, checksum_append};
use ringlog_model::{LogId, Offset, PartitionId, PartitionIndex, Timestamp, TopicId, Uuid};

/// Where batches begin in a segment file.
pub const DATA_START: u64 = BLOCK;

const MAGIC: &[u8; 8] = b"RLSEGMT1";
/// The version of a segment between whose batches offsets may be missing: who does not know it must not take that for
/// damage.
const SPARSE_VERSION: u32 = 2;
const TOPIC_MAX: usize = 249;

/// What the first block of a segment file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentHeader {
    /// The log.
    pub log: LogId,
    /// The log's incarnation when the segment was placed in this file.
    pub incarnation: u64,
    /// The segment's first offset.
    pub base_offset: Offset,
    /// Wall clock of its beginning.
    pub created: Timestamp,
    /// The partition.
    pub partition: PartitionId,
    /// The topic's name.
    pub topic: String,
    /// Whether offsets may be missing between batches: compaction took them.
    pub sparse: bool,
}

impl SegmentHeader {
    /// One block.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Encoder::default();
        out.raw(MAGIC);
        out.u32(if self.sparse { SPARSE_VERSION } else { VERSION });
        out.u32(0);
        out.u64(self.log.0);
        out.u64(self.incarnation);
        out.i64(self.base_offset.0);
        out.i64(self.created.0);
        out.raw(&self.partition.topic.0.0);
        out.i32(self.partition.index.0);
        let name = self.topic.as_bytes();
        // A longer name than Kafka allows is cut; nothing depends on it.
        out.sized(&name[..name.len().min(TOPIC_MAX)]);
        let checksum = header_checksum(&out.bytes);
        out.bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
        out.bytes.resize(BLOCK as usize, 0);
        out.bytes
    }

    /// Reads the first block.
    pub fn decode(bytes: &[u8]) -> Result<SegmentHeader, FormatError> {
        let mut input = Decoder::new(bytes);
        if input.raw(8)? != MAGIC {
            return Err(FormatError::Magic("segment"));
        }
        let version = input.u32()?;
        if version != VERSION && version != SPARSE_VERSION {
            return Err(FormatError::Version(version));
        }
        let stored = input.u32()?;
        let header = SegmentHeader {
            log: LogId(input.u64()?),
            incarnation: input.u64()?,
            base_offset: Offset(input.i64()?),
            created: Timestamp(input.i64()?),
            partition: PartitionId {
                topic: TopicId(Uuid(input.bytes16()?)),
                index: PartitionIndex(input.i32()?),
            },
            topic: String::from_utf8_lossy(input.sized()?).into_owned(),
            sparse: version == SPARSE_VERSION,
        };
        let computed = header_checksum(&bytes[..bytes.len() - input.remaining()]);
        if computed == stored { Ok(header) } else { Err(FormatError::Checksum { stored, computed }) }
    }
}

fn header_checksum(bytes: &[u8]) -> u32 {
    checksum_append(checksum(&bytes[..12]), &bytes[16..])
}
