//! Looks at one file of a data directory without opening the directory: for `ringlog log inspect` and `verify`, and for
//! people with a damaged disk. Reads only, takes no lock, believes nothing.

mod segment;

use crate::format::catalog::{Carried, Catalog, Checkpoint};
use crate::format::entry::{self, Payload};
use crate::format::group::{GROUP_HEADER, GroupHeader};
use crate::format::names::{self, Kind};
use crate::format::snapshot::Attachment;
use crate::format::{BLOCK, Decoder, FormatError, cover, index_file};
use crate::state::{Change, LogState};
use ringlog_reactor::{File, OpenOptions, Reactor};
use std::io;
use std::path::Path;

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// One line for the file, and what is wrong.
    Summary,
    /// Every batch, entry, segment.
    Everything,
}

/// What was found in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examination {
    /// What kind of file it is.
    pub kind: &'static str,
    /// Batches, groups, entries or logs, whatever the file holds.
    pub items: u64,
    /// Bytes that were understood.
    pub bytes: u64,
    /// What is wrong. Empty for a sound file.
    pub problems: Vec<String>,
}

/// Examines the file at `path`; what kind it is, its name says. `tell` is given lines of text.
pub async fn examine(
    reactor: &Reactor,
    path: &Path,
    detail: Detail,
    tell: &mut dyn FnMut(&str),
) -> io::Result<Examination> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    match names::kind(name) {
        Kind::Segment(_) => segment::examine(reactor, path, detail, tell).await,
        Kind::Index(_) => Ok(index(&reactor.read_file(path).await?, detail, tell)),
        Kind::Journal(..) => journal(reactor, path, detail, tell).await,
        Kind::Checkpoint(_) => Ok(checkpoint(&reactor.read_file(path).await?, detail, tell)),
        Kind::Cover(_) => Ok(cover(&reactor.read_file(path).await?, detail, tell)),
        Kind::Other if name == names::CATALOG => Ok(catalog(&reactor.read_file(path).await?, detail, tell)),
        Kind::Other => {
            let problem = format!("{name}: not a segment, index, journal, checkpoint, cover or catalog");
            Ok(Examination { kind: "other file", problems: vec![problem], ..Examination::default() })
        }
    }
}

fn damaged(kind: &'static str, error: &FormatError) -> Examination {
    Examination { kind, problems: vec![error.to_string()], ..Examination::default() }
}

fn catalog(bytes: &[u8], detail: Detail, tell: &mut dyn FnMut(&str)) -> Examination {
    match Catalog::decode(bytes) {
        Ok(catalog) => {
            let Catalog { boot, next_log, logs, carried } = &catalog;
            tell(&format!("catalog of boot {boot}: {} logs, next log id {next_log}", logs.len()));
            states(logs, detail, tell);
            ends(carried, detail, tell);
            Examination {
                kind: "catalog",
                items: logs.len() as u64,
                bytes: bytes.len() as u64,
                problems: Vec::new(),
            }
        }
        Err(error) => damaged("catalog", &error),
    }
}

fn checkpoint(bytes: &[u8], detail: Detail, tell: &mut dyn FnMut(&str)) -> Examination {
    match Checkpoint::decode(bytes) {
        Ok(checkpoint) => {
            let Checkpoint { boot, domain, generation, sequence, clean, logs, carried, deleted } =
                &checkpoint;
            let end = if *clean { ", after an orderly shutdown" } else { "" };
            tell(&format!(
                "checkpoint of boot {boot}, domain {domain}: contains the journal up to generation {generation}, group \
                 {sequence}{end}; {} logs changed, {} deleted",
                logs.len(),
                deleted.len()
            ));
            states(logs, detail, tell);
            ends(carried, detail, tell);
            let (items, bytes) = (logs.len() as u64, bytes.len() as u64);
            Examination { kind: "checkpoint", items, bytes, problems: Vec::new() }
        }
        Err(error) => damaged("checkpoint", &error),
    }
}

fn ends(all: &[Carried], detail: Detail, tell: &mut dyn FnMut(&str)) {
    for carried in all.iter().filter(|_| detail != Detail::Summary) {
        tell(&format!("  carries the last {} bytes of log {}", carried.bytes.len(), carried.log));
    }
}

fn cover(bytes: &[u8], detail: Detail, tell: &mut dyn FnMut(&str)) -> Examination {
    match cover::decode(bytes) {
        Ok((boot, blocks)) => {
            tell(&format!("beginnings of {} blocks that boot {boot} was about to write again", blocks.len()));
            for block in blocks.iter().filter(|_| detail != Detail::Summary) {
                let (name, bytes) = (names::segment_name(block.file), block.bytes.len());
                tell(&format!("  log {}: {bytes} bytes at {} of {name}", block.log, block.position));
            }
            let (items, bytes) = (blocks.len() as u64, bytes.len() as u64);
            Examination { kind: "cover", items, bytes, problems: Vec::new() }
        }
        Err(error) => damaged("cover", &error),
    }
}

fn states(logs: &[(LogState, Option<Attachment>)], detail: Detail, tell: &mut dyn FnMut(&str)) {
    if detail == Detail::Summary {
        return;
    }
    for (state, attachment) in logs {
        tell(&format!(
            "  log {} {} partition {} (topic id {}): offsets {}..{}, version {}, incarnation {}, {} bytes{}",
            state.log,
            state.topic,
            state.partition.index,
            state.partition.topic,
            state.start,
            state.end,
            state.version,
            state.incarnation,
            state.bytes(),
            attachment.as_ref().map_or(String::new(), |(upto, bytes)| format!(
                ", attachment of {} bytes up to {upto}",
                bytes.len()
            )),
        ));
        for (epoch, first) in &state.epochs {
            tell(&format!("    epoch {epoch} from offset {first}"));
        }
        for segment in &state.segments {
            let name = names::segment_name(segment.file);
            let (base, end) = (segment.base_offset, segment.end_offset);
            tell(&format!("    segment {base}..{end}: {} bytes in {name}", segment.length));
        }
    }
}

fn index(bytes: &[u8], detail: Detail, tell: &mut dyn FnMut(&str)) -> Examination {
    match index_file::decode(bytes) {
        Ok((owner, index)) => {
            let end = index.end();
            tell(&format!(
                "index of log {}, segment at {}, incarnation {}: covers {} bytes up to offset {}",
                owner.log, owner.base_offset, owner.incarnation, end.position, end.offset
            ));
            if detail == Detail::Everything {
                for entry in index.entries() {
                    tell(&format!("  offset {} at {}", entry.offset, entry.position));
                }
            }
            let (items, bytes) = (index.entries().len() as u64, bytes.len() as u64);
            Examination { kind: "segment index", items, bytes, problems: Vec::new() }
        }
        Err(error) => damaged("segment index", &error),
    }
}

/// Reads at most `length` bytes.
async fn read(reactor: &Reactor, file: &File, position: u64, length: u64) -> io::Result<Vec<u8>> {
    let (result, buffer) = file.read_at(reactor.buffer(length as usize), position, length as usize).await;
    result?;
    Ok(buffer.to_vec())
}

async fn journal(
    reactor: &Reactor,
    path: &Path,
    detail: Detail,
    tell: &mut dyn FnMut(&str),
) -> io::Result<Examination> {
    let file = reactor.open(path, OpenOptions::new().read(true)).await?;
    let length = file.length().await?;
    let mut examination = Examination { kind: "journal", ..Examination::default() };
    let (mut position, mut before): (u64, Option<GroupHeader>) = (0, None);
    while position < length {
        let block = read(reactor, &file, position, BLOCK.min(length - position)).await?;
        let header = GroupHeader::decode(&block).ok();
        let follows = header.is_some_and(|header| {
            before.is_none_or(|before| header.boot == before.boot && header.sequence == before.sequence + 1)
        });
        let Some(header) = header.filter(|_| follows) else { break };
        let bytes = read(reactor, &file, position, header.extent().min(length - position)).await?;
        if let Err(error) = header.verify(&bytes) {
            let what =
                format!("group {} at byte {position}: {error} (or it was never finished)", header.sequence);
            examination.problems.push(what);
            break;
        }
        let GroupHeader { sequence, generation, boot, domain, durable, .. } = header;
        if before.is_none() {
            tell(&format!(
                "journal of boot {boot}, domain {domain}, generation {generation}, from group {sequence} on"
            ));
        }
        if detail == Detail::Everything {
            tell(&format!(
                "  group {sequence} at byte {position}: {} entries, durable {durable}",
                header.entries
            ));
        }
        let body = &bytes[GROUP_HEADER..GROUP_HEADER + header.length as usize];
        if let Err(error) = entries(body, header.entries, detail, tell) {
            examination.problems.push(format!("group {sequence} at byte {position}: {error}"));
        }
        examination.items += 1;
        position += header.extent();
        before = Some(header);
    }
    examination.bytes = position;
    tell(&format!(
        "{} groups, {position} bytes; what lies behind is of earlier generations",
        examination.items
    ));
    Ok(examination)
}

fn entries(body: &[u8], count: u32, detail: Detail, tell: &mut dyn FnMut(&str)) -> Result<(), FormatError> {
    let mut input = Decoder::new(body);
    for _ in 0..count {
        let entry = entry::decode(&mut input)?;
        if detail == Detail::Everything {
            let bytes = match entry.payload {
                Payload::None => "",
                Payload::Inline(_) => " (inline)",
                Payload::External { .. } => " (in the segment)",
            };
            let change = match &entry.change {
                Change::Attached { upto, bytes } => format!("Attached {} bytes up to {upto}", bytes.len()),
                change => format!("{change:?}"),
            };
            tell(&format!("    log {} version {}: {change}{bytes}", entry.log, entry.version));
        }
    }
    input.finish()
}
