//! A segment file by itself: how far its batches are sound. How many of them count only the directory knows; an index
//! beside the file says at least how many did once.

use super::{Detail, Examination, read};
use crate::format::index_file;
use crate::format::segment_header::{DATA_START, SegmentHeader};
use crate::segment::{Expected, SegmentIndex, check_batches};
use ringlog_batch::{BatchHeader, HEADER_SIZE};
use ringlog_model::Offset;
use ringlog_reactor::{File, OpenOptions, Reactor};
use std::io;
use std::path::Path;

pub(super) async fn examine(
    reactor: &Reactor,
    path: &Path,
    detail: Detail,
    tell: &mut dyn FnMut(&str),
) -> io::Result<Examination> {
    let file = reactor.open(path, OpenOptions::new().read(true)).await?;
    let length = file.length().await?;
    let mut examination = Examination { kind: "segment", ..Examination::default() };
    let front = read(reactor, &file, 0, DATA_START.min(length)).await?;
    let header = match SegmentHeader::decode(&front) {
        Ok(header) => header,
        Err(error) => {
            examination.problems.push(format!("first block: {error}"));
            return Ok(examination);
        }
    };
    tell(&format!(
        "segment of log {}, {} partition {} (topic id {}), from offset {}, incarnation {}, file of {length} bytes",
        header.log,
        header.topic,
        header.partition.index,
        header.partition.topic,
        header.base_offset,
        header.incarnation
    ));
    let index = index_beside(reactor, path, &header).await;
    let (offset, sparse) = (header.base_offset, header.sparse);
    let mut walk = Walk { file: &file, length, position: 0, offset, sparse };
    loop {
        match walk.next(reactor).await? {
            Step::Batch(batch) => {
                examination.items += 1;
                if detail == Detail::Everything {
                    tell(&describe(&batch, walk.position - batch.size() as u64));
                }
            }
            Step::End(reason) => {
                judge(&walk, &reason, index.as_ref(), &mut examination);
                break;
            }
        }
    }
    examination.bytes = walk.position;
    let (position, offset) = (walk.position, walk.offset);
    tell(&format!("{} sound batches, {position} bytes, up to offset {offset}", examination.items));
    Ok(examination)
}

struct Walk<'a> {
    file: &'a File,
    length: u64,
    position: u64,
    offset: Offset,
    sparse: bool,
}

enum Step {
    Batch(BatchHeader),
    End(Ending),
}

enum Ending {
    /// No batch of this segment begins here.
    Nothing,
    /// A batch begins here that fails a check.
    Unsound(String),
}

impl Walk<'_> {
    async fn next(&mut self, reactor: &Reactor) -> io::Result<Step> {
        let at = DATA_START + self.position;
        let available = self.length.saturating_sub(at);
        let front = read(reactor, self.file, at, available.min(HEADER_SIZE as u64)).await?;
        let follows = |header: &BatchHeader| {
            header.base_offset == self.offset || (self.sparse && header.base_offset > self.offset)
        };
        let Some(header) = BatchHeader::parse(&front).ok().filter(follows) else {
            return Ok(Step::End(Ending::Nothing));
        };
        if header.size() as u64 > available {
            return Ok(Step::End(Ending::Unsound("it is longer than the file".to_owned())));
        }
        let bytes = match read(reactor, self.file, at, header.size() as u64).await {
            Ok(bytes) => bytes,
            Err(error) => return Ok(Step::End(Ending::Unsound(format!("it cannot be read: {error}")))),
        };
        let expected = Expected {
            base_offset: self.offset,
            end_offset: None,
            fields: None,
            sparse: self.sparse,
            epochs: &[],
        };
        if let Err(failure) = check_batches(&bytes, &expected) {
            return Ok(Step::End(Ending::Unsound(failure.reason)));
        }
        self.position += header.size() as u64;
        self.offset = header.next_offset();
        Ok(Step::Batch(header))
    }
}

/// The index beside the file, if it is sound and of this segment.
async fn index_beside(reactor: &Reactor, path: &Path, header: &SegmentHeader) -> Option<SegmentIndex> {
    let bytes = reactor.read_file(&path.with_extension("index")).await.ok()?;
    let (owner, index) = index_file::decode(&bytes).ok()?;
    (owner.log == header.log && owner.base_offset == header.base_offset).then_some(index)
}

fn judge(walk: &Walk<'_>, ending: &Ending, index: Option<&SegmentIndex>, examination: &mut Examination) {
    let (at, offset) = (DATA_START + walk.position, walk.offset);
    let covered = index.map_or(0, |index| index.end().position);
    if walk.position < covered {
        let reason = match ending {
            Ending::Nothing => "no batch begins there",
            Ending::Unsound(reason) => reason,
        };
        examination
            .problems
            .push(format!("offset {offset} at byte {at}: {reason}; its index reaches further"));
        return;
    }
    if let Ending::Unsound(reason) = ending {
        examination.problems.push(format!(
            "offset {offset} at byte {at}: {reason} (damaged, or a write that was never acknowledged)"
        ));
    }
}

fn describe(header: &BatchHeader, position: u64) -> String {
    format!(
        "  byte {}: offsets {}..={}, {} records, {} bytes, epoch {}, codec {:?}, max timestamp {}, producer {} epoch {} \
         sequence {}{}{}",
        DATA_START + position,
        header.base_offset,
        header.last_offset(),
        header.record_count,
        header.size(),
        header.leader_epoch,
        header.attributes.compression().ok(),
        header.max_timestamp.0,
        header.producer_id,
        header.producer_epoch,
        header.base_sequence.0,
        if header.is_transactional() { ", transactional" } else { "" },
        if header.is_control() { ", control" } else { "" },
    )
}
