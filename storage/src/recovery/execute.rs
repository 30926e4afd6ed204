//! Proves what the fold left open, log by log: external ranges are compared with their checksums, inline ones are
//! written to their segments, and everything accepted is synced. Blocks are written whole, since the block that holds the end of
//! a log may be one that cannot be read.
//!
//! A log with little is spared that, since thousands of them would be as many files to create and sync before anything can
//! be served: the catalog of the new boot carries their bytes, and the first checkpoint writes them.

use super::journal::JournalFiles;
use super::replay::{Pending, PendingBytes, ReplayedLog};
use crate::error::Damage;
use crate::format::catalog::Carried;
use crate::format::segment_header::{DATA_START, SegmentHeader};
use crate::format::{BLOCK, block_ceiling, block_floor, names};
use crate::segment::{Expected, check_batches};
use crate::state::FileId;
use ringlog_model::Offset;
use ringlog_reactor::{File, OpenOptions, Reactor};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// Inline bytes gathered before they are written to a segment.
const GATHER_MAX: usize = 1 << 20;
/// The most a catalog carries of one log.
const CARRIED_MAX: u64 = 256 << 10;
/// The most it carries of all, each log counted with the memory it takes until it is written.
pub const CARRIED_TOTAL: u64 = 64 << 20;

/// What proving a log gave.
#[derive(Debug, Default)]
pub struct Proven {
    /// Inline bytes written to segments.
    pub inline_bytes: u64,
    /// External bytes compared.
    pub verified_bytes: u64,
    /// Something acknowledged is missing or unreadable.
    pub damage: Option<Damage>,
}

/// The journals of all domains with the greatest sequence each is known to have synced.
pub type Journals = BTreeMap<u16, (JournalFiles, u64)>;

/// Decides whether the next catalog carries what is pending of a log, and takes it, as far as `room` lasts.
pub async fn take_carried(
    reactor: &Reactor,
    directory: &Path,
    journals: &Journals,
    log: &mut ReplayedLog,
    room: &Cell<u64>,
) -> io::Result<u64> {
    if !is_to_be_carried(reactor, directory, log, room).await {
        return Ok(0);
    }
    let carried = carry(journals, log).await?;
    let bytes = carried.bytes.len() as u64;
    log.carried = Some(carried);
    Ok(bytes)
}

/// Proves one log. On return its state holds nothing that is not in its segments, synced, or carried by the next catalog.
pub async fn prove(
    reactor: &Reactor,
    directory: &Path,
    journals: &Journals,
    log: &mut ReplayedLog,
) -> io::Result<Proven> {
    let mut proven = Proven::default();
    let mut open: Option<Segment> = None;
    while let Some(pending) = log.pending.pop_front() {
        let file = log.file_of(&pending).expect("ranges of released segments were dropped with them");
        if open.as_ref().is_none_or(|segment| segment.file_id != file) {
            finish(open.take()).await?;
            open = Some(Segment::open(reactor, directory, log, &pending, file, &mut proven).await?);
        }
        let segment = open.as_mut().expect("it was just opened");
        match &pending.bytes {
            PendingBytes::Inline(place) => {
                let (files, _) = &journals[&place.domain];
                let length = pending.appended.length as usize;
                let bytes = files.read(place.half, place.position, length).await?;
                segment.gather(&bytes).await?;
                proven.inline_bytes += bytes.len() as u64;
            }
            PendingBytes::Carried(bytes) => {
                segment.gather(bytes).await?;
                proven.inline_bytes += bytes.len() as u64;
            }
            PendingBytes::External { checksum, end, place } => {
                let (files, durable) = &journals[&place.domain];
                let end = match end {
                    0 => Vec::new(),
                    _ => files.read(place.half, place.position, *end as usize).await?,
                };
                let Err(reason) = segment.check(reactor, &pending, *checksum, end).await? else {
                    proven.verified_bytes += pending.appended.length;
                    continue;
                };
                // What was never acknowledged may be there in part, or unreadable.
                if place.sequence <= *durable {
                    proven.damage = Some(damage(log, &pending, reason));
                }
                log.cut_before(&pending).map_err(io::Error::other)?;
                break;
            }
        }
    }
    finish(open).await?;
    if log.gap && proven.damage.is_none() {
        let segment = log.state.segments.back().map_or(log.state.end, |last| last.base_offset);
        let position = log.state.segments.back().map_or(0, |last| last.length);
        let reason = "an acknowledged journal entry is missing".to_owned();
        proven.damage = Some(Damage { log: log.state.log, segment, position: DATA_START + position, reason });
    }
    Ok(proven)
}

/// Whether the catalog carries what is pending of a log; takes the room for it.
async fn is_to_be_carried(reactor: &Reactor, directory: &Path, log: &ReplayedLog, room: &Cell<u64>) -> bool {
    let (Some(from), Some(last)) = (log.carriable_from(CARRIED_MAX), log.state.segments.back()) else {
        return false;
    };
    let memory = (last.length - from).max(BLOCK);
    if memory > room.get() {
        return false;
    }
    room.set(room.get() - memory);
    // What lies before it must be there for it to follow.
    let path = names::segment(directory, last.file);
    from == 0 || reactor.metadata(&path).await.is_ok_and(|found| found.length >= DATA_START + from)
}

async fn carry(journals: &Journals, log: &mut ReplayedLog) -> io::Result<Carried> {
    let first = log.pending.front().expect("something is pending");
    let base_offset = first.appended.base_offset;
    let mut gathered = Vec::new();
    for pending in std::mem::take(&mut log.pending) {
        match pending.bytes {
            PendingBytes::Carried(bytes) => gathered.extend_from_slice(&bytes),
            PendingBytes::Inline(place) => {
                let (files, _) = &journals[&place.domain];
                let length = pending.appended.length as usize;
                gathered.extend_from_slice(&files.read(place.half, place.position, length).await?);
            }
            PendingBytes::External { .. } => unreachable!("those are compared"),
        }
    }
    Ok(Carried { log: log.state.log, base_offset, bytes: gathered })
}

async fn finish(segment: Option<Segment>) -> io::Result<()> {
    match segment {
        Some(segment) => segment.finish().await,
        None => Ok(()),
    }
}

fn damage(log: &ReplayedLog, pending: &Pending, reason: String) -> Damage {
    let position = DATA_START + pending.appended.position;
    Damage { log: log.state.log, segment: pending.segment, position, reason }
}

/// A segment file while its ranges are proven; through the page cache, synced at the end. Most have a few small ranges,
/// perhaps thousands of files of them, so that every operation spared counts.
struct Segment {
    file_id: FileId,
    file: File,
    /// What is known of the file from some block on, up to where the next range begins.
    known: Vec<u8>,
    /// Where that block is in the file.
    known_at: u64,
    /// Not all of it is in the file.
    is_new: bool,
    /// There is something in the file that no sync of ours covers.
    needs_sync: bool,
}

impl Segment {
    async fn open(
        reactor: &Reactor,
        directory: &Path,
        log: &ReplayedLog,
        pending: &Pending,
        file_id: FileId,
        proven: &mut Proven,
    ) -> io::Result<Segment> {
        let path = names::segment(directory, file_id);
        let options = OpenOptions::new().read(true).write(true);
        let file = reactor.open(&path, options.create(true)).await?;
        let (mut known, mut known_at) = (Vec::new(), 0);
        let position = pending.appended.position;
        if position == 0 {
            // The front of the segment may still describe an earlier use of the file, or be unreadable.
            known = segment_header(log, pending.segment).encode();
        } else {
            known_at = DATA_START + block_floor(position);
            let length = (position - block_floor(position)) as usize;
            if let Err(reason) = read_exactly(reactor, &file, known_at, length, &mut known).await {
                // What follows is there all the same; a reader will find out about this block.
                proven.damage = Some(damage(log, pending, reason));
                known.resize(length, 0);
            }
        }
        Ok(Segment { file_id, file, known, known_at, is_new: position == 0, needs_sync: false })
    }

    async fn gather(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.known.len() >= GATHER_MAX {
            self.write_whole_blocks().await?;
        }
        self.known.extend_from_slice(bytes);
        self.is_new = true;
        Ok(())
    }

    async fn write_whole_blocks(&mut self) -> io::Result<()> {
        let whole = block_floor(self.known.len() as u64);
        let rest = self.known.split_off(whole as usize);
        let bytes = std::mem::replace(&mut self.known, rest);
        if self.is_new && whole > 0 {
            self.file.write_at(bytes.into(), self.known_at).await?;
            self.needs_sync = true;
        }
        self.known_at += whole;
        Ok(())
    }

    async fn finish(mut self) -> io::Result<()> {
        if self.is_new {
            // What lies behind the end means nothing.
            self.known.resize(block_ceiling(self.known.len() as u64) as usize, 0);
            let (bytes, at) = (std::mem::take(&mut self.known).into(), self.known_at);
            if !self.needs_sync {
                return self.file.write_at_dsync(bytes, at).await;
            }
            self.file.write_at(bytes, at).await?;
        }
        if self.needs_sync {
            self.file.sync_data().await?;
            // The next writes are direct, the next reads too: what the cache holds would only be in the way.
            self.file.advise_dont_need(0..0).await.ok();
        }
        Ok(())
    }

    /// Compares a range that lies in the file but for its `end` with its checksum; the file holds what is known before it,
    /// as far as that shares a block with it, since the block was written as a whole.
    async fn check(
        &mut self,
        reactor: &Reactor,
        pending: &Pending,
        checksum: u32,
        end: Vec<u8>,
    ) -> io::Result<Result<(), String>> {
        self.write_whole_blocks().await?;
        // It may have been written and not synced.
        self.needs_sync = true;
        let before = self.known.len();
        let mut bytes = Vec::new();
        let length = before + pending.appended.length as usize - end.len();
        if let Err(reason) = read_exactly(reactor, &self.file, self.known_at, length, &mut bytes).await {
            return Ok(Err(reason));
        }
        if bytes[..before] != self.known {
            return Ok(Err("something else stands before it in its block".to_owned()));
        }
        bytes.extend_from_slice(&end);
        let expected = Expected {
            base_offset: pending.appended.base_offset,
            end_offset: Some(pending.appended.end_offset),
            fields: Some((0, checksum)),
            epochs: &[],
            sparse: false,
        };
        if let Err(failure) = check_batches(&bytes[before..], &expected) {
            return Ok(Err(failure.reason));
        }
        let whole = block_floor(bytes.len() as u64);
        self.known_at += whole;
        self.known = bytes.split_off(whole as usize);
        self.is_new = !end.is_empty();
        Ok(Ok(()))
    }
}

async fn read_exactly(
    reactor: &Reactor,
    file: &File,
    at: u64,
    length: usize,
    bytes: &mut Vec<u8>,
) -> Result<(), String> {
    if length == 0 {
        return Ok(());
    }
    let (result, buffer) = file.read_at(reactor.buffer(length), at, length).await;
    match result {
        Ok(read) if read < length => Err("the file is shorter".to_owned()),
        Ok(_) => {
            bytes.extend_from_slice(&buffer);
            Ok(())
        }
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}

fn segment_header(log: &ReplayedLog, base: Offset) -> SegmentHeader {
    let state = &log.state;
    let found = state.segments.iter().find(|segment| segment.base_offset == base);
    SegmentHeader {
        log: state.log,
        incarnation: state.incarnation,
        base_offset: base,
        created: found.map_or_else(Default::default, |segment| segment.created),
        partition: state.partition,
        topic: state.topic.clone(),
        sparse: found.is_some_and(|segment| segment.sparse),
    }
}
