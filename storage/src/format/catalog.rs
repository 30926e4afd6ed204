//! Catalog and checkpoint: the states of logs in one checksummed file, replaced as a whole.
//!
//! ```text
//!  0 magic       8 bytes  "RLCATLG1" (catalog) or "RLCHKPT1" (checkpoint)
//!  8 version     u32      3 (a catalog with carried bytes) or 2
//! 12 domain      u16      (checkpoint; 0 in a catalog)
//! 14 flags       u16      bit 0: written by an orderly shutdown
//! 16 boot        u64      the boot whose beginning (catalog) or part (checkpoint) it describes
//! 24 generation  u64      (checkpoint) everything in the journal up to this generation is contained
//! 32 next        u64      (catalog) least log id never used; (checkpoint) last group of that generation
//! 40 logs        u64      how many states follow
//! 48 deleted     u64      (checkpoint) how many ids of logs deleted since the catalog follow the states
//!                         (catalog, since version 3) how many logs' carried bytes follow the states
//! 56 length      u64      bytes of the body
//! 64 checksum    u32      CRC-32C of bytes 0..64 and the body
//! 68 zero        4 bytes
//! 72 body
//! ```

use super::snapshot::{self, Attachment};
use super::{Decoder, Encoder, FormatError};
use crate::state::LogState;
use ringlog_batch::{checksum, checksum_append};
use ringlog_model::{LogId, Offset};

const CATALOG: &[u8; 8] = b"RLCATLG1";
const CHECKPOINT: &[u8; 8] = b"RLCHKPT1";
/// The version of what is written; version 1, which knew nothing of compaction, is read too.
const VERSION: u32 = 2;
/// The version of a catalog with carried bytes.
const CARRYING: u32 = 3;
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

/// The end of a log that travelled in a journal and was not brought to its segment when the boot began: its last segment
/// is to get it with the first checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The log.
    pub log: LogId,
    /// Base offset of its first batch. Its last is the log's last.
    pub base_offset: Offset,
    /// The batches.
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
            deleted,
        })
    }
}

/// Builds a catalog or a checkpoint log by log, so that no second copy of all states is needed.
#[derive(Debug)]
pub struct CatalogWriter {
    out: Encoder,
    header: Header,
    version: u32,
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
        let header = Header { boot, next: next_log, ..Header::default() };
        CatalogWriter { out: Encoder { bytes: vec![0; HEADER] }, header, version: VERSION, magic: CATALOG }
    }

    /// A checkpoint of `domain` that contains its journal up to `generation`, whose last group is `sequence`.
    #[must_use]
    pub fn checkpoint(boot: u64, domain: u16, generation: u64, sequence: u64, clean: bool) -> CatalogWriter {
        let flags = if clean { CLEAN } else { 0 };
        let header = Header { boot, domain, generation, next: sequence, flags, ..Header::default() };
        CatalogWriter { out: Encoder { bytes: vec![0; HEADER] }, header, version: VERSION, magic: CHECKPOINT }
    }

    /// Adds a log; in ascending order of ids, before any deleted one.
    pub fn log(&mut self, state: &LogState, attachment: Option<&Attachment>) {
        assert!(self.header.deleted == 0, "states come before deleted ids");
        snapshot::encode(&mut self.out, state, attachment);
        self.header.logs += 1;
    }

    /// Adds a log whose state was encoded before.
    pub fn encoded_log(&mut self, snapshot: &[u8]) {
        assert!(self.header.deleted == 0, "states come before deleted ids");
        self.out.raw(snapshot);
        self.header.logs += 1;
    }

    /// Adds the id of a deleted log.
    pub fn deleted(&mut self, log: LogId) {
        self.out.u64(log.0);
        self.header.deleted += 1;
    }

    /// Adds the end of a log that is not in its segment; in ascending order of ids, behind all states of a catalog.
    pub fn carried(&mut self, log: LogId, base_offset: Offset, bytes: &[u8]) {
        assert!(self.magic == CATALOG, "what a checkpoint speaks of is in the segments");
        self.version = CARRYING;
        self.out.u64(log.0);
        self.out.i64(base_offset.0);
        self.out.sized(bytes);
        self.header.deleted += 1;
    }

    /// The whole file.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        let body = self.out.bytes.len() - HEADER;
        let mut front = Encoder::default();
        front.raw(self.magic);
        front.u32(self.version);
        front.u16(self.header.domain);
        front.u16(self.header.flags);
        front.u64(self.header.boot);
        front.u64(self.header.generation);
        front.u64(self.header.next);
        front.u64(self.header.logs);
        front.u64(self.header.deleted);
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
    if !(1..=CARRYING).contains(&version) {
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
    let count = if header.version >= CARRYING { header.deleted } else { 0 };
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
