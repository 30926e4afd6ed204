//! Blocks that were being written again: those that the last process put aside are mended if the loss of power left them
//! unreadable or torn, and those that recovery itself is about to write again are put aside.

use super::replay::{PendingBytes, ReplayedLog};
use crate::concurrent;
use crate::error::OpenError;
use crate::format::cover::{self, CoveredBlock};
use crate::format::names::{self, Kind};
use crate::format::segment_header::DATA_START;
use crate::format::{BLOCK, block_floor};
use crate::state::SegmentState;
use ringlog_model::LogId;
use ringlog_reactor::{DirectoryEntry, OpenOptions, Reactor};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Files looked at at the same time.
const AT_ONCE: usize = 64;

/// Blocks that `boot` put aside.
pub async fn read(
    reactor: &Reactor,
    directory: &Path,
    entries: &[DirectoryEntry],
    boot: u64,
) -> Result<Vec<CoveredBlock>, OpenError> {
    let mut blocks = Vec::new();
    for entry in entries {
        let Some(Kind::Cover(domain)) = entry.name.to_str().map(names::kind) else { continue };
        let path = names::cover(directory, domain);
        let failed = |source| OpenError::Io { action: "reading", path: path.clone(), source };
        let bytes = reactor.read_file(&path).await.map_err(failed)?;
        let (found, some) = cover::decode(&bytes)
            .map_err(|error| OpenError::Damaged { path: path.clone(), reason: error.to_string() })?;
        if found == boot {
            blocks.extend(some);
        }
    }
    Ok(blocks)
}

/// Mends those of the blocks that do not begin as they did. Returns how many did not.
pub async fn mend(
    reactor: &Reactor,
    directory: &Path,
    logs: &BTreeMap<LogId, ReplayedLog>,
    blocks: Vec<CoveredBlock>,
) -> io::Result<u64> {
    let blocks = blocks.into_iter().filter_map(|mut block| {
        let segment = segment_of(logs, &block)?;
        // What recovery does not accept need not be there.
        let length = segment.length.checked_sub(block.position)?.min(block.bytes.len() as u64);
        block.bytes.truncate(length as usize);
        (length > 0).then_some(block)
    });
    let mended = concurrent::for_each(reactor, AT_ONCE, blocks.collect::<Vec<_>>(), |block| {
        mend_one(reactor.clone(), directory.to_owned(), block)
    })
    .await;
    let mended = mended.into_iter().collect::<io::Result<Vec<_>>>()?;
    Ok(mended.into_iter().filter(|is_mended| *is_mended).count() as u64)
}

fn segment_of<'a>(logs: &'a BTreeMap<LogId, ReplayedLog>, block: &CoveredBlock) -> Option<&'a SegmentState> {
    let segments = &logs.get(&block.log)?.state.segments;
    let is_it = |segment: &&SegmentState| {
        let is_place = segment.file == block.file && segment.base_offset == block.base_offset;
        is_place && segment.incarnation == block.incarnation
    };
    segments.iter().find(is_it)
}

async fn mend_one(reactor: Reactor, directory: PathBuf, mut block: CoveredBlock) -> io::Result<bool> {
    let path = names::segment(&directory, block.file);
    let file = match reactor.open(&path, OpenOptions::new().read(true).write(true)).await {
        Ok(file) => file,
        // It is missed elsewhere.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let (at, length) = (DATA_START + block.position, block.bytes.len());
    let (result, found) = file.read_at(reactor.buffer(length), at, length).await;
    if result.is_ok_and(|read| read == length) && found[..] == block.bytes {
        return Ok(false);
    }
    tracing::warn!(log = %block.log, file = %block.file, position = at, "a torn block was mended");
    block.bytes.resize(BLOCK as usize, 0);
    file.write_at_dsync(block.bytes.into(), at).await?;
    file.advise_dont_need(0..0).await.ok();
    Ok(true)
}

/// Puts aside the blocks that bringing the pending ranges of these logs to their segments will write again.
pub async fn put_aside(
    reactor: &Reactor,
    directory: &Path,
    boot: u64,
    logs: impl Iterator<Item = &ReplayedLog>,
) -> io::Result<()> {
    let blocks: Vec<_> = logs.flat_map(written_again).collect();
    let read = concurrent::for_each(reactor, AT_ONCE, blocks, |block| {
        begin(reactor.clone(), directory.to_owned(), block)
    })
    .await;
    let blocks: Vec<_> = read.into_iter().flatten().collect();
    if blocks.is_empty() {
        return Ok(());
    }
    let bytes = cover::encode(boot, blocks.iter());
    reactor.write_file_durably(&names::cover(directory, 0), &bytes).await
}

/// Blocks of a log inside which a pending range of its segment begins that will be written there.
fn written_again(log: &ReplayedLog) -> Vec<CoveredBlock> {
    let mut blocks: Vec<CoveredBlock> = Vec::new();
    let mut seen = None;
    for pending in &log.pending {
        let is_first = seen.replace(pending.segment) != Some(pending.segment);
        let position = pending.appended.position;
        let is_written = !matches!(pending.bytes, PendingBytes::External { .. });
        let (true, true, false) = (is_first, is_written, position.is_multiple_of(BLOCK)) else { continue };
        let file = log.file_of(pending).expect("ranges of released segments were dropped with them");
        let segment = log.state.segments.iter().find(|segment| segment.file == file);
        blocks.push(CoveredBlock {
            log: log.state.log,
            base_offset: pending.segment,
            file,
            incarnation: segment.map_or(0, |segment| segment.incarnation),
            position: block_floor(position),
            bytes: vec![0; (position - block_floor(position)) as usize],
        });
    }
    blocks
}

/// Fills in what a block begins with; `None` if it cannot be read, which is found again and reported where it matters.
async fn begin(reactor: Reactor, directory: PathBuf, mut block: CoveredBlock) -> Option<CoveredBlock> {
    let path = names::segment(&directory, block.file);
    let file = reactor.open(&path, OpenOptions::new().read(true)).await.ok()?;
    let (at, length) = (DATA_START + block.position, block.bytes.len());
    let (result, found) = file.read_at(reactor.buffer(length), at, length).await;
    if result.ok()? < length {
        return None;
    }
    block.bytes.copy_from_slice(&found);
    Some(block)
}
