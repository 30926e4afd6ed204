//! One entry of a journal group: a change of a log.
//!
//! ```text
//!  0 kind        u16
//!  2 steps       u16   versions it stands for (merged appends), at least 1
//!  4 length      u32   of what follows these 24 bytes
//!  8 log         u64
//! 16 version     u64   of the log after the change
//! 24 fields of the kind, then (inline append only) the batches
//! ```

use super::{BLOCK, Decoder, Encoder, FormatError};
use crate::LogConfig;
use crate::state::{Appended, Change, Compacted, FileId};
use ringlog_model::{
    Durability, LeaderEpoch, LogId, Offset, PartitionId, PartitionIndex, Timestamp, TopicId, Uuid,
};

/// Bytes before an entry's own fields.
pub const ENTRY_HEADER: usize = 24;
/// Bytes of the fields of an append before the batches.
pub const APPEND_FIELDS: usize = 48;

const CREATED: u16 = 1;
const DELETED: u16 = 2;
const SEGMENT_OPENED: u16 = 3;
const APPENDED_INLINE: u16 = 4;
const APPENDED_EXTERNAL: u16 = 5;
const TRUNCATED: u16 = 6;
const RESET: u16 = 7;
const START_MOVED: u16 = 8;
const CONFIGURED: u16 = 9;
const COMPACTED: u16 = 10;
const CLEANED: u16 = 11;
const APPENDED_EXTERNAL_BUT_END: u16 = 12;
const ATTACHED: u16 = 13;

/// Where the bytes of an append are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// The change has none.
    None,
    /// The batches themselves, in the journal.
    Inline(&'a [u8]),
    /// In the segment.
    External {
        /// Their [`batch_fields_checksum`](crate::segment::batch_fields_checksum).
        checksum: u32,
        /// Their last bytes, in the journal: those that do not fill a block of the segment. Empty if all are there.
        end: &'a [u8],
    },
}

/// An entry as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Which log.
    pub log: LogId,
    /// The log's version after it.
    pub version: u64,
    /// How many versions it stands for.
    pub steps: u16,
    /// What changed.
    pub change: Change,
    /// The batches, if any.
    pub payload: Payload<'a>,
}

/// Writes an entry that carries no batches itself.
pub fn encode(out: &mut Encoder, log: LogId, version: u64, change: &Change) {
    assert!(!matches!(change, Change::Appended(_)), "appends have functions of their own");
    let length_at = begin(out, kind_of(change), 1, log, version);
    encode_fields(out, change);
    end(out, length_at);
}

/// Begins an append whose batches follow in the journal; the caller adds `appended.length` bytes after it.
pub fn encode_inline_head(out: &mut Encoder, log: LogId, version: u64, steps: u16, appended: &Appended) {
    let length_at = begin(out, APPENDED_INLINE, steps, log, version);
    encode_appended(out, appended, 0);
    let length = APPEND_FIELDS as u64 + appended.length;
    patch_length(out, length_at, u32::try_from(length).expect("inline appends are far smaller than 4 GiB"));
}

/// Writes an append whose batches are in the segment but for the last `end` bytes; the caller adds these after it.
pub fn encode_external(
    out: &mut Encoder,
    log: LogId,
    version: u64,
    steps: u16,
    appended: &Appended,
    checksum: u32,
    end: usize,
) {
    let kind = if end == 0 { APPENDED_EXTERNAL } else { APPENDED_EXTERNAL_BUT_END };
    let length_at = begin(out, kind, steps, log, version);
    encode_appended(out, appended, checksum);
    patch_length(out, length_at, u32::try_from(APPEND_FIELDS + end).expect("less than a block"));
}

/// Reads the next entry.
pub fn decode<'a>(input: &mut Decoder<'a>) -> Result<Entry<'a>, FormatError> {
    let kind = input.u16()?;
    let steps = input.u16()?;
    let length = input.u32()? as usize;
    let log = LogId(input.u64()?);
    let version = input.u64()?;
    if steps == 0 || version < u64::from(steps) {
        return Err(FormatError::Value { field: "steps of an entry", value: u64::from(steps) });
    }
    let mut fields = Decoder::new(input.raw(length)?);
    let (change, payload) = match kind {
        APPENDED_INLINE => {
            let (appended, _) = decode_appended(&mut fields)?;
            let bytes = fields.raw(fields.remaining())?;
            if bytes.len() as u64 != appended.length {
                return Err(FormatError::Value {
                    field: "length of an inline append",
                    value: appended.length,
                });
            }
            (Change::Appended(appended), Payload::Inline(bytes))
        }
        APPENDED_EXTERNAL | APPENDED_EXTERNAL_BUT_END => {
            let (appended, checksum) = decode_appended(&mut fields)?;
            let end = fields.raw(fields.remaining())?;
            let is_end = match kind {
                APPENDED_EXTERNAL => end.is_empty(),
                _ => is_end_of(&appended, end.len() as u64),
            };
            if !is_end {
                let value = end.len() as u64;
                return Err(FormatError::Value { field: "length of an append's end", value });
            }
            (Change::Appended(appended), Payload::External { checksum, end })
        }
        _ => (decode_fields(kind, &mut fields)?, Payload::None),
    };
    fields.finish()?;
    Ok(Entry { log, version, steps, change, payload })
}

/// Whether so many bytes are what an append leaves of its last block.
fn is_end_of(appended: &Appended, length: u64) -> bool {
    let end = appended.position.checked_add(appended.length);
    length > 0 && length < appended.length && end.is_some_and(|end| end % BLOCK == length)
}

fn kind_of(change: &Change) -> u16 {
    match change {
        Change::Created { .. } => CREATED,
        Change::Deleted => DELETED,
        Change::SegmentOpened { .. } => SEGMENT_OPENED,
        Change::Appended(_) => APPENDED_EXTERNAL,
        Change::Truncated { .. } => TRUNCATED,
        Change::Reset { .. } => RESET,
        Change::StartMoved { .. } => START_MOVED,
        Change::Configured { .. } => CONFIGURED,
        Change::Compacted(_) => COMPACTED,
        Change::Cleaned { .. } => CLEANED,
        Change::Attached { .. } => ATTACHED,
    }
}

fn begin(out: &mut Encoder, kind: u16, steps: u16, log: LogId, version: u64) -> usize {
    out.u16(kind);
    out.u16(steps);
    let length_at = out.bytes.len();
    out.u32(0);
    out.u64(log.0);
    out.u64(version);
    length_at
}

fn end(out: &mut Encoder, length_at: usize) {
    let length = out.bytes.len() - length_at - (ENTRY_HEADER - 4);
    patch_length(out, length_at, u32::try_from(length).expect("entries without batches are small"));
}

fn patch_length(out: &mut Encoder, length_at: usize, length: u32) {
    out.bytes[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
}

fn encode_appended(out: &mut Encoder, appended: &Appended, checksum: u32) {
    out.u64(appended.position);
    out.u64(appended.length);
    out.i64(appended.base_offset.0);
    out.i64(appended.end_offset.0);
    out.i64(appended.max_timestamp.0);
    out.i32(appended.leader_epoch.0);
    out.u32(checksum);
}

fn decode_appended(input: &mut Decoder<'_>) -> Result<(Appended, u32), FormatError> {
    let appended = Appended {
        position: input.u64()?,
        length: input.u64()?,
        base_offset: Offset(input.i64()?),
        end_offset: Offset(input.i64()?),
        max_timestamp: Timestamp(input.i64()?),
        leader_epoch: LeaderEpoch(input.i32()?),
    };
    Ok((appended, input.u32()?))
}

fn encode_fields(out: &mut Encoder, change: &Change) {
    match change {
        Change::Created { partition, topic, config } => {
            out.raw(&partition.topic.0.0);
            out.i32(partition.index.0);
            out.sized(topic.as_bytes());
            encode_config(out, config);
        }
        Change::Deleted | Change::Appended(_) => {}
        Change::SegmentOpened { created, file } => {
            out.i64(created.0);
            out.u64(file.0);
        }
        Change::Truncated { end, length, max_timestamp } => {
            out.i64(end.0);
            out.u64(*length);
            out.i64(max_timestamp.0);
        }
        Change::Reset { start } | Change::StartMoved { start } => out.i64(start.0),
        Change::Configured { config } => encode_config(out, config),
        Change::Compacted(compacted) => {
            out.i64(compacted.base_offset.0);
            out.i64(compacted.end_offset.0);
            out.u64(compacted.length);
            out.i64(compacted.max_timestamp.0);
            out.i64(compacted.created.0);
            out.u64(compacted.file.0);
        }
        Change::Cleaned { upto } => out.i64(upto.0),
        Change::Attached { upto, bytes } => {
            out.i64(upto.0);
            out.sized(bytes);
        }
    }
}

fn decode_fields(kind: u16, input: &mut Decoder<'_>) -> Result<Change, FormatError> {
    Ok(match kind {
        CREATED => Change::Created {
            partition: PartitionId {
                topic: TopicId(Uuid(input.bytes16()?)),
                index: PartitionIndex(input.i32()?),
            },
            topic: input.text()?,
            config: decode_config(input)?,
        },
        DELETED => Change::Deleted,
        SEGMENT_OPENED => {
            Change::SegmentOpened { created: Timestamp(input.i64()?), file: FileId(input.u64()?) }
        }
        TRUNCATED => Change::Truncated {
            end: Offset(input.i64()?),
            length: input.u64()?,
            max_timestamp: Timestamp(input.i64()?),
        },
        RESET => Change::Reset { start: Offset(input.i64()?) },
        START_MOVED => Change::StartMoved { start: Offset(input.i64()?) },
        CONFIGURED => Change::Configured { config: decode_config(input)? },
        COMPACTED => Change::Compacted(Compacted {
            base_offset: Offset(input.i64()?),
            end_offset: Offset(input.i64()?),
            length: input.u64()?,
            max_timestamp: Timestamp(input.i64()?),
            created: Timestamp(input.i64()?),
            file: FileId(input.u64()?),
        }),
        CLEANED => Change::Cleaned { upto: Offset(input.i64()?) },
        ATTACHED => Change::Attached { upto: Offset(input.i64()?), bytes: input.sized()?.to_vec() },
        other => return Err(FormatError::Value { field: "kind of an entry", value: u64::from(other) }),
    })
}

/// The choices of a topic: 24 bytes.
pub(super) fn encode_config(out: &mut Encoder, config: &LogConfig) {
    out.u64(config.segment_bytes);
    out.i64(config.segment_ms);
    out.u8(match config.durability {
        Durability::Fsync => 0,
        Durability::Written => 1,
    });
    out.raw(&[0; 7]);
}

pub(super) fn decode_config(input: &mut Decoder<'_>) -> Result<LogConfig, FormatError> {
    let segment_bytes = input.u64()?;
    let segment_ms = input.i64()?;
    let durability = match input.u8()? {
        0 => Durability::Fsync,
        1 => Durability::Written,
        other => return Err(FormatError::Value { field: "durability", value: u64::from(other) }),
    };
    input.raw(7)?;
    Ok(LogConfig { segment_bytes, segment_ms, durability })
}
