//! Catalog and checkpoint: the states of logs in one checksummed file, replaced as a whole.
//!
//! ```text
//!  0 magic       8 bytes  "RLCATLG1" (catalog) or "RLCHKPT1" (checkpoint)
//!  8 version     u32      5
//! 12 domain      u16      (checkpoint; 0 in a catalog)
//! 14 flags       u16      bit 0: written by an orderly shutdown
//! 16 boot        u64      the boot whose beginning (catalog) or part (checkpoint) it describes
//! 24 generation  u64      (checkpoint) everything in the journal up to this generation is contained
//! 32 next        u64      (catalog) least log id never used; (checkpoint) last group of that generation
//! 40 logs        u64      how many states follow
//! 48 deleted     u64      (checkpoint) how many logs were deleted since the catalog
//!                         (catalog of version 3) how many logs it carries bytes of
//! 56 length      u64      bytes of the body
//! 64 checksum    u32      CRC-32C of bytes 0..64 and the body
//! 68 zero        4 bytes
//! 72 body                 the states; how many logs it carries bytes of (u64; not before version 4) and for each of them the log
//!                         (u64), an offset (i64) and the bytes; the ids of deleted logs
//! ```

use super::snapshot::{self, Attachment};
use super::{Decoder, Encoder, FormatError};
use crate::state::LogState;
use ringlog_batch::{checksum, checksum_append};
use ringlog_model::{LogId, Offset};

const CATALOG: &[u8; 8] = b"RLCATLG1";
const CHECKPOINT: &[u8; 8] = b"RLCHKPT1";
/// The version of what is written. Read are also 1, which knew nothing of compaction, 2, which carried nothing, 3, of which
/// only catalogs carried something, and 4, which is the same but for the journals that belong to it.
const VERSION: u32 = 5;
/// The version of which only a catalog may carry bytes.
const CARRYING: u32 = 3;
/// The first version of which both do.
const BOTH_CARRYING: u32 = 4;
const HEADER: usize = 72;
const CHECKSUM_AT: usize = 64;
const CLEAN: u16 = 1;

/// The state of all logs at the beginning of a boot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// The boot it begins.
    pub boot: u64,
    /// Least log id never used.
    pub next_log: u64,
    /// The logs, ascending by id.
    pub logs: Vec<(LogState, Option<Attachment>)>,
    /// What of them is not in their segments, ascending by id.
    pub carried: Vec<Carried>,
}

/// The end of a log that is not in its segment: what was in a journal only when the boot began, or bytes that do not fill a
/// block of the segment yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The log.
    pub log: LogId,
    /// An offset of its last segment, for people: where the bytes begin, or the log's last one.
    pub base_offset: Offset,
    /// The last bytes of the log's last segment.
    pub bytes: Vec<u8>,
}

/// The states of the logs of one domain that changed since the catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// The boot it belongs to.
    pub boot: u64,
    /// Its domain.
    pub domain: u16,
    /// Everything in the journal up to this generation is contained.
    pub generation: u64,
    /// Sequence of the last group of that generation.
    pub sequence: u64,
    /// Written by an orderly shutdown: the journal holds nothing more.
    pub clean: bool,
    /// Logs that changed, ascending by id.
    pub logs: Vec<(LogState, Option<Attachment>)>,
    /// What of them is not in their segments, ascending by id.
    pub carried: Vec<Carried>,
    /// Logs deleted since the catalog.
    pub deleted: Vec<LogId>,
}

impl Catalog {
    /// Its bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = CatalogWriter::catalog(self.boot, self.next_log);
        for (state, attachment) in &self.logs {
            writer.log(state, attachment.as_ref());
        }
        for carried in &self.carried {
            writer.carried(carried.log, carried.base_offset, &carried.bytes);
        }
        writer.finish()
    }

    /// Reads its bytes.
    pub fn decode(bytes: &[u8]) -> Result<Catalog, FormatError> {
        let (header, mut body) = open(bytes, CATALOG, "catalog")?;
        let logs = decode_logs(&mut body, &header)?;
        let carried = decode_carried(&mut body, &header, &logs)?;
        body.finish()?;
        Ok(Catalog { boot: header.boot, next_log: header.next, logs, carried })
    }
}

impl Checkpoint {
    /// Reads its bytes.
    pub fn decode(bytes: &[u8]) -> Result<Checkpoint, FormatError> {
        let (header, mut body) = open(bytes, CHECKPOINT, "checkpoint")?;
        let logs = decode_logs(&mut body, &header)?;
        let carried = match header.version {
            BOTH_CARRYING.. => decode_carried(&mut body, &header, &logs)?,
            _ => Vec::new(),
        };
        let mut deleted = Vec::new();
        for _ in 0..header.deleted {
            deleted.push(LogId(body.u64()?));
        }
        body.finish()?;
        Ok(Checkpoint {
            boot: header.boot,
            domain: header.domain,
            generation: header.generation,
            sequence: header.next,
            clean: header.flags & CLEAN != 0,
            logs,
            carried,
            deleted,
        })
    }
}

/// Builds a catalog or a checkpoint log by log, so that no second copy of all states is needed.
#[derive(Debug)]
pub struct CatalogWriter {
    out: Encoder,
    carried: Encoder,
    carried_logs: u64,
    deleted: Vec<LogId>,
    header: Header,
    magic: &'static [u8; 8],
}

#[derive(Debug, Default)]
struct Header {
    version: u32,
    domain: u16,
    flags: u16,
    boot: u64,
    generation: u64,
    next: u64,
    logs: u64,
    deleted: u64,
}

impl CatalogWriter {
    /// A catalog that begins `boot`.
    #[must_use]
    pub fn catalog(boot: u64, next_log: u64) -> CatalogWriter {
        CatalogWriter::new(Header { boot, next: next_log, ..Header::default() }, CATALOG)
    }

    /// A checkpoint of `domain` that contains its journal up to `generation`, whose last group is `sequence`.
    #[must_use]
    pub fn checkpoint(boot: u64, domain: u16, generation: u64, sequence: u64, clean: bool) -> CatalogWriter {
        let flags = if clean { CLEAN } else { 0 };
        let header = Header { boot, domain, generation, next: sequence, flags, ..Header::default() };
        CatalogWriter::new(header, CHECKPOINT)
    }

    fn new(header: Header, magic: &'static [u8; 8]) -> CatalogWriter {
        let (out, carried) = (Encoder { bytes: vec![0; HEADER] }, Encoder::default());
        CatalogWriter { out, carried, carried_logs: 0, deleted: Vec::new(), header, magic }
    }

    /// Adds a log; in ascending order of ids.
    pub fn log(&mut self, state: &LogState, attachment: Option<&Attachment>) {
        snapshot::encode(&mut self.out, state, attachment);
        self.header.logs += 1;
    }

    /// Adds a log whose state was encoded before.
    pub fn encoded_log(&mut self, snapshot: &[u8]) {
        self.out.raw(snapshot);
        self.header.logs += 1;
    }

    /// Adds the id of a deleted log.
    pub fn deleted(&mut self, log: LogId) {
        self.deleted.push(log);
    }

    /// Adds the end of a log that is not in its segment; in ascending order of ids.
    pub fn carried(&mut self, log: LogId, base_offset: Offset, bytes: &[u8]) {
        self.carried.u64(log.0);
        self.carried.i64(base_offset.0);
        self.carried.sized(bytes);
        self.carried_logs += 1;
    }

    /// The whole file.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.out.u64(self.carried_logs);
        self.out.raw(&self.carried.bytes);
        self.deleted.iter().for_each(|log| self.out.u64(log.0));
        let body = self.out.bytes.len() - HEADER;
        let mut front = Encoder::default();
        front.raw(self.magic);
        front.u32(VERSION);
        front.u16(self.header.domain);
        front.u16(self.header.flags);
        front.u64(self.header.boot);
        front.u64(self.header.generation);
        front.u64(self.header.next);
        front.u64(self.header.logs);
        front.u64(self.deleted.len() as u64);
        front.u64(body as u64);
        assert!(front.bytes.len() == CHECKSUM_AT);
        front.u32(checksum_append(checksum(&front.bytes), &self.out.bytes[HEADER..]));
        front.u32(0);
        self.out.bytes[..HEADER].copy_from_slice(&front.bytes);
        self.out.bytes
    }
}

fn open<'a>(
    bytes: &'a [u8],
    magic: &[u8; 8],
    name: &'static str,
) -> Result<(Header, Decoder<'a>), FormatError> {
    let mut input = Decoder::new(bytes);
    if input.raw(8)? != magic {
        return Err(FormatError::Magic(name));
    }
    let version = input.u32()?;
    if !(1..=VERSION).contains(&version) {
        return Err(FormatError::Version(version));
    }
    let header = Header {
        version,
        domain: input.u16()?,
        flags: input.u16()?,
        boot: input.u64()?,
        generation: input.u64()?,
        next: input.u64()?,
        logs: input.u64()?,
        deleted: input.u64()?,
    };
    let length = input.u64()?;
    let stored = input.u32()?;
    input.u32()?;
    if length != input.remaining() as u64 {
        return Err(FormatError::Value { field: "length", value: length });
    }
    let computed = checksum_append(checksum(&bytes[..CHECKSUM_AT]), &bytes[HEADER..]);
    if computed != stored {
        return Err(FormatError::Checksum { stored, computed });
    }
    Ok((header, input))
}

fn decode_logs(
    body: &mut Decoder<'_>,
    header: &Header,
) -> Result<Vec<(LogState, Option<Attachment>)>, FormatError> {
    let mut logs: Vec<(LogState, Option<Attachment>)> = Vec::new();
    for _ in 0..header.logs {
        let log = snapshot::decode(body, header.version)?;
        if logs.last().is_some_and(|(last, _)| last.log >= log.0.log) {
            return Err(FormatError::Value { field: "order of log ids", value: log.0.log.0 });
        }
        logs.push(log);
    }
    Ok(logs)
}

fn decode_carried(
    body: &mut Decoder<'_>,
    header: &Header,
    logs: &[(LogState, Option<Attachment>)],
) -> Result<Vec<Carried>, FormatError> {
    let mut all: Vec<Carried> = Vec::new();
    let count = match header.version {
        BOTH_CARRYING.. => body.u64()?,
        CARRYING => header.deleted,
        _ => 0,
    };
    for _ in 0..count {
        let (log, base_offset) = (LogId(body.u64()?), Offset(body.i64()?));
        let bytes = body.sized()?.to_vec();
        let found = logs.binary_search_by_key(&log, |(state, _)| state.log);
        let last = found.ok().and_then(|index| logs[index].0.segments.back());
        let fits = last.is_some_and(|last| {
            let is_inside = last.base_offset <= base_offset && base_offset < last.end_offset;
            is_inside && !bytes.is_empty() && bytes.len() as u64 <= last.length
        });
        if !fits || all.last().is_some_and(|before| before.log >= log) {
            return Err(FormatError::Value { field: "log of carried bytes", value: log.0 });
        }
        all.push(Carried { log, base_offset, bytes });
    }
    Ok(all)
}
