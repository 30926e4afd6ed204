//! Proves what the fold left open, log by log: external ranges are compared with their checksums, inline ones are
//! written to their segments, and everything accepted is synced.
//!
//! A log with little is spared that, since thousands of them would be as many files to create and sync before anything can
//! be served: the catalog of the new boot carries their bytes, and the first checkpoint writes them.

use super::journal::JournalFiles;
use super::replay::{Pending, PendingBytes, ReplayedLog};
use crate::error::Damage;
use crate::format::catalog::Carried;
use crate::format::segment_header::{DATA_START, SegmentHeader};
use crate::format::{BLOCK, names};
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
    /// Bytes for the next catalog.
    pub carried_bytes: u64,
    /// External bytes compared.
    pub verified_bytes: u64,
    /// Something acknowledged is missing or unreadable.
    pub damage: Option<Damage>,
}

/// The journals of all domains with the greatest sequence each is known to have synced.
pub type Journals = BTreeMap<u16, (JournalFiles, u64)>;

/// Proves one log. On return its state holds nothing that is not in its segments, synced, or to be carried by the catalog,
/// as far as `room` for that lasts.
pub async fn prove(
    reactor: &Reactor,
    directory: &Path,
    journals: &Journals,
    log: &mut ReplayedLog,
    room: &Cell<u64>,
) -> io::Result<Proven> {
    let mut proven = Proven::default();
    if is_to_be_carried(reactor, directory, log, room).await {
        log.carried = Some(carry(journals, log).await?);
        proven.carried_bytes = log.carried.as_ref().map_or(0, |carried| carried.bytes.len() as u64);
        return Ok(proven);
    }
    let mut open: Option<Segment> = None;
    while let Some(pending) = log.pending.pop_front() {
        let file = log.file_of(&pending).expect("ranges of released segments were dropped with them");
        if open.as_ref().is_none_or(|segment| segment.file_id != file) {
            finish(open.take()).await?;
            open = Some(Segment::open(reactor, directory, log, &pending, file).await?);
        }
        let segment = open.as_mut().expect("it was just opened");
        match &pending.bytes {
            PendingBytes::Inline(place) => {
                let (files, _) = &journals[&place.domain];
                let length = pending.appended.length as usize;
                let bytes = files.read(place.half, place.position, length).await?;
                segment.gather(pending.appended.position, &bytes).await?;
                proven.inline_bytes += bytes.len() as u64;
            }
            PendingBytes::Carried(bytes) => {
                segment.gather(pending.appended.position, bytes).await?;
                proven.inline_bytes += bytes.len() as u64;
            }
            PendingBytes::External { checksum, place } => {
                segment.write_gathered().await?;
                // It may have been written and not synced.
                segment.needs_sync = true;
                let found = segment.check(reactor, &pending, *checksum).await;
                let Err(reason) = found else {
                    proven.verified_bytes += pending.appended.length;
                    continue;
                };
                let acknowledged = place.sequence <= journals[&place.domain].1;
                if acknowledged || reason.unreadable {
                    proven.damage = Some(damage(log, &pending, reason.words));
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

struct CheckFailure {
    words: String,
    unreadable: bool,
}

/// A segment file while its ranges are proven; through the page cache, synced at the end. Most have a few small ranges,
/// perhaps thousands of files of them, so that every operation spared counts.
struct Segment {
    file_id: FileId,
    file: File,
    gathered: Vec<u8>,
    /// Where that goes in the file.
    gathered_at: u64,
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
    ) -> io::Result<Segment> {
        let path = names::segment(directory, file_id);
        let options = OpenOptions::new().read(true).write(true);
        let file = reactor.open(&path, options.create(true)).await?;
        let mut segment = Segment {
            file_id,
            file,
            gathered: Vec::new(),
            gathered_at: DATA_START + pending.appended.position,
            needs_sync: false,
        };
        // The front of the segment may still describe an earlier use of the file.
        if pending.appended.position == 0 {
            segment.gathered = segment_header(log, pending.segment).encode();
            segment.gathered_at = 0;
        }
        Ok(segment)
    }

    async fn gather(&mut self, position: u64, bytes: &[u8]) -> io::Result<()> {
        let at = DATA_START + position;
        let follows = at == self.gathered_at + self.gathered.len() as u64;
        if !follows || self.gathered.len() >= GATHER_MAX {
            self.write_gathered().await?;
            self.gathered_at = at;
        }
        self.gathered.extend_from_slice(bytes);
        Ok(())
    }

    async fn write_gathered(&mut self) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.gathered);
        let length = bytes.len() as u64;
        if length > 0 {
            self.file.write_at(bytes.into(), self.gathered_at).await?;
            self.needs_sync = true;
        }
        self.gathered_at += length;
        Ok(())
    }

    async fn finish(mut self) -> io::Result<()> {
        if !self.needs_sync {
            return match self.gathered.is_empty() {
                true => Ok(()),
                false => self.file.write_at_dsync(self.gathered.into(), self.gathered_at).await,
            };
        }
        self.write_gathered().await?;
        self.file.sync_data().await?;
        // The next writes are direct, the next reads too: what the cache holds would only be in the way.
        self.file.advise_dont_need(0..0).await.ok();
        Ok(())
    }

    async fn check(&self, reactor: &Reactor, pending: &Pending, checksum: u32) -> Result<(), CheckFailure> {
        let length = pending.appended.length as usize;
        let at = DATA_START + pending.appended.position;
        let (result, buffer) = self.file.read_at(reactor.buffer(length), at, length).await;
        match result {
            Ok(read) if read < length => {
                return Err(CheckFailure { words: "the file is shorter".to_owned(), unreadable: false });
            }
            Ok(_) => {}
            Err(error) => {
                return Err(CheckFailure { words: format!("cannot be read: {error}"), unreadable: true });
            }
        }
        let expected = Expected {
            base_offset: pending.appended.base_offset,
            end_offset: Some(pending.appended.end_offset),
            fields: Some((0, checksum)),
            epochs: &[],
            sparse: false,
        };
        check_batches(&buffer, &expected)
            .map_err(|failure| CheckFailure { words: failure.reason, unreadable: false })
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
