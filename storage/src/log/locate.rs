//! Finding places in a segment: walking batch headers in memory or in the file, and completing the index on the way.

use super::core::LogCore;
use crate::error::{Damage, ReadError};
use crate::format::index_file;
use crate::format::segment_header::DATA_START;
use crate::format::{block_ceiling, block_floor};
use crate::segment::files::Mode;
use crate::segment::live::LiveSegment;
use bytes::Bytes;
use ringlog_batch::{BatchHeader, HEADER_SIZE};
use ringlog_model::Offset;
use std::io;
use std::rc::Rc;

/// Bytes of a file read at a time while walking.
const WINDOW: u64 = 64 << 10;
/// The same while completing an index.
const WIDE_WINDOW: u64 = 1 << 20;

/// Walks the batches of a segment from a known place.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    segment: &'a Rc<LiveSegment>,
    position: u64,
    offset: Offset,
    window_bytes: u64,
    window: (u64, Bytes),
}

impl<'a> Walk<'a> {
    pub(crate) fn new(segment: &'a Rc<LiveSegment>, position: u64, offset: Offset) -> Walk<'a> {
        Walk { segment, position, offset, window_bytes: WINDOW, window: (0, Bytes::new()) }
    }

    /// Where the next batch begins.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// The header of the next batch and its bytes; `None` at the segment's end. Does not move.
    pub(crate) async fn peek(&mut self) -> Result<Option<(BatchHeader, Bytes)>, ReadError> {
        let length = self.segment.length.get();
        if self.position >= length {
            return Ok(None);
        }
        let end = self.position + HEADER_SIZE as u64;
        if end > length {
            return Err(self.damaged("a batch is cut off"));
        }
        let bytes = self.bytes(self.position, end).await?;
        let header = BatchHeader::parse(&bytes).map_err(|error| self.damaged(&error.to_string()))?;
        let fits = header.size() as u64 <= length - self.position;
        let sparse = self.segment.header.sparse;
        let follows = header.base_offset == self.offset || (sparse && header.base_offset > self.offset);
        if !follows || header.next_offset() <= header.base_offset || !fits {
            return Err(self.damaged("the header of a batch does not fit its place"));
        }
        Ok(Some((header, bytes)))
    }

    /// Goes behind the batch that [`Walk::peek`] showed.
    pub(crate) fn skip(&mut self, header: &BatchHeader) {
        self.position += header.size() as u64;
        self.offset = header.next_offset();
    }

    /// All bytes of the batch that [`Walk::peek`] showed.
    pub(crate) async fn whole(&mut self, header: &BatchHeader) -> Result<Bytes, ReadError> {
        self.bytes(self.position, self.position + header.size() as u64).await
    }

    pub(crate) fn damaged(&self, reason: &str) -> ReadError {
        damaged(self.segment, self.position, reason)
    }

    async fn bytes(&mut self, from: u64, to: u64) -> Result<Bytes, ReadError> {
        let (start, window) = &self.window;
        if from >= *start && to <= start + window.len() as u64 {
            return Ok(window.slice((from - start) as usize..(to - start) as usize));
        }
        if from >= self.segment.in_memory_from() {
            let mut bytes = vec![0; (to - from) as usize];
            self.segment.tail.borrow().copy_to(from, &mut bytes);
            return Ok(bytes.into());
        }
        let wanted = to.max(from + self.window_bytes).min(self.segment.length.get());
        let bytes = read_range(self.segment, from, wanted).await?;
        self.window = (from, bytes.clone());
        Ok(bytes.slice(..(to - from) as usize))
    }
}

pub(crate) fn damaged(segment: &LiveSegment, position: u64, reason: &str) -> ReadError {
    ReadError::Damaged(Damage {
        log: segment.header.log,
        segment: segment.base,
        position: DATA_START + position,
        reason: reason.to_owned(),
    })
}

pub(crate) fn io_error(segment: &LiveSegment, source: io::Error) -> ReadError {
    ReadError::Io { file: crate::format::names::segment_name(segment.lease.file), source }
}

/// Reads `[from, to)` of a segment's batches, from the file and from memory where they are.
pub(crate) async fn read_range(segment: &Rc<LiveSegment>, from: u64, to: u64) -> Result<Bytes, ReadError> {
    let memory_from = segment.in_memory_from().clamp(from, to);
    let in_memory = segment.tail.borrow().slices(memory_from, to);
    if memory_from == from {
        return Ok(join(in_memory));
    }
    let files = &segment.context.files;
    let file = files.get(segment.lease.file, Mode::Direct, false).await;
    let file = file.map_err(|error| io_error(segment, error))?;
    let reactor = &segment.context.reactor;
    let from_file = read_aligned(reactor, &file, DATA_START + from, DATA_START + memory_from).await;
    let mut parts = vec![from_file.map_err(|error| io_error(segment, error))?];
    parts.extend(in_memory);
    Ok(join(parts))
}

/// Reads `[from, to)` of a file in whole blocks.
pub(crate) async fn read_aligned(
    reactor: &ringlog_reactor::Reactor,
    file: &ringlog_reactor::File,
    from: u64,
    to: u64,
) -> io::Result<Bytes> {
    let (start, end) = (block_floor(from), block_ceiling(to));
    let length = (end - start) as usize;
    let (result, buffer) = file.read_at(reactor.disk_buffer(length), start, length).await;
    if result? as u64 + start < to {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(buffer.freeze().slice((from - start) as usize..(to - start) as usize))
}

fn join(mut parts: Vec<Bytes>) -> Bytes {
    if parts.len() == 1 {
        return parts.pop().unwrap_or_default();
    }
    let length = parts.iter().map(Bytes::len).sum();
    let mut joined = Vec::with_capacity(length);
    parts.iter().for_each(|part| joined.extend_from_slice(part));
    joined.into()
}

/// Where the batch that holds `offset` begins: position and base offset. `offset` lies in the segment or is its end. If
/// compaction took the offset, where the next batch begins, with `offset` itself.
pub(crate) async fn locate_offset(
    log: &LogCore,
    segment: &Rc<LiveSegment>,
    offset: Offset,
) -> Result<(u64, Offset), ReadError> {
    let known = segment.index.borrow().end();
    if known.offset <= offset && known.position < segment.length.get() {
        complete_index(log, segment).await?;
    }
    let end = segment.index.borrow().end();
    if end.offset == offset {
        return Ok((end.position, offset));
    }
    let floor = segment.index.borrow().floor_of_offset(offset);
    let mut walk = Walk::new(segment, floor.position, floor.offset);
    while let Some((header, _)) = walk.peek().await? {
        if header.next_offset() > offset {
            return Ok((walk.position(), header.base_offset.min(offset)));
        }
        walk.skip(&header);
    }
    if segment.header.sparse {
        return Ok((walk.position(), offset));
    }
    Err(walk.damaged("an offset of the segment is not found in it"))
}

/// Brings the index up to the segment's end: from its file, and by walking what that does not cover.
pub(crate) async fn complete_index(log: &LogCore, segment: &Rc<LiveSegment>) -> Result<(), ReadError> {
    if !segment.index_loaded.replace(true) {
        load_index(log, segment).await;
    }
    loop {
        let end = segment.index.borrow().end();
        let mut walk = Walk::new(segment, end.position, end.offset);
        walk.window_bytes = WIDE_WINDOW;
        while let Some((header, bytes)) = walk.peek().await? {
            // Somebody else may complete it at the same time.
            if segment.index.borrow().end().position != walk.position() {
                break;
            }
            segment.index.borrow_mut().add(&header, &bytes);
            walk.skip(&header);
        }
        if segment.index.borrow().end().position >= segment.length.get() {
            return Ok(());
        }
    }
}

async fn load_index(log: &LogCore, segment: &Rc<LiveSegment>) {
    let path = segment.context.files.index_path(segment.lease.file);
    let bytes = match segment.context.reactor.read_file(&path).await {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "an index is not read; it is made again");
            return;
        }
    };
    match index_file::decode(&bytes) {
        Ok((owner, index)) => {
            let fits = owner == crate::domain::sealer::owner(segment)
                && index.end().position <= segment.length.get()
                && index.end().offset <= log.end();
            let ahead = index.end().position > segment.index.borrow().end().position;
            if fits && ahead {
                *segment.index.borrow_mut() = index;
            }
        }
        Err(error) => tracing::warn!(path = %path.display(), %error, "an index is damaged; it is made again"),
    }
}
