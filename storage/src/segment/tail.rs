//! The end of a segment in memory: source of its writes and cache for readers at the tail.
//!
//! ```text
//!            valid_from                      end
//!  chunk 0   |  chunk 1          chunk 2     |
//!  [zeros....bytes][bytes......][bytes.......   room ]
//!  ^ starts on a block
//! ```
//! Positions count bytes of batches from the segment's first; position 0 is on a block of the file, so a chunk that
//! starts on a block has its bytes aligned in memory as in the file. After the chunks were given up, the next one
//! begins inside a block: the bytes before are zeros here and must be read from the file when the block is written.

use crate::format::{BLOCK, block_ceiling, block_floor};
use bytes::Bytes;
use ringlog_reactor::{Reactor, TailBuffer};
use std::collections::VecDeque;

/// Smallest chunk: what a partition with few records costs.
const CHUNK_MIN: u64 = 4 << 10;
/// Largest chunk: what must be shared or free as a whole.
pub(crate) const CHUNK_MAX: u64 = 1 << 20;

/// The chunks of a segment.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    chunks: VecDeque<Chunk>,
}

#[derive(Debug)]
struct Chunk {
    start: u64,
    /// Zeros in front that stand for bytes not in memory.
    skip: u64,
    buffer: TailBuffer,
}

impl Chunk {
    fn end(&self) -> u64 {
        self.start + self.buffer.filled() as u64
    }

    fn slice(&self, from: u64, to: u64) -> Bytes {
        self.buffer.slice((from - self.start) as usize..(to - self.start) as usize)
    }
}

impl Tail {
    /// Appends at `position`, the segment's end; returns the bytes of memory that were added.
    pub(crate) fn append(
        &mut self,
        make: impl Fn(usize) -> TailBuffer,
        mut position: u64,
        mut bytes: &[u8],
    ) -> (u64, usize) {
        debug_assert!(self.chunks.back().is_none_or(|last| last.end() == position));
        let (mut grown, mut chunks) = (0, 0);
        while !bytes.is_empty() {
            if self.chunks.back().is_none_or(|last| last.buffer.remaining() == 0) {
                grown += self.add_chunk(&make, position, bytes.len() as u64);
                chunks += 1;
            }
            let last = self.chunks.back_mut().expect("there is one with room");
            let (now, later) = bytes.split_at(bytes.len().min(last.buffer.remaining()));
            last.buffer.append(now);
            position += now.len() as u64;
            bytes = later;
        }
        (grown, chunks)
    }

    fn add_chunk(&mut self, make: &impl Fn(usize) -> TailBuffer, position: u64, wanted: u64) -> u64 {
        let start = block_floor(position);
        let skip = position - start;
        let doubled = self.chunks.back().map_or(CHUNK_MIN, |last| 2 * last.buffer.capacity() as u64);
        let capacity = block_ceiling(skip + wanted).max(doubled).min(CHUNK_MAX);
        let mut buffer = make(capacity as usize);
        buffer.append_zeroes(skip as usize);
        self.chunks.push_back(Chunk { start, skip, buffer });
        capacity
    }

    /// The first position in memory; `end` if there is none.
    pub(crate) fn valid_from(&self, end: u64) -> u64 {
        self.chunks.front().map_or(end, |first| first.start + first.skip)
    }

    /// Shares the bytes of a range that lies in memory.
    pub(crate) fn slices(&self, from: u64, to: u64) -> Vec<Bytes> {
        let mut slices = Vec::new();
        let mut at = from;
        let first = self.chunks.partition_point(|chunk| chunk.end() <= from);
        for chunk in self.chunks.iter().skip(first) {
            if at >= to {
                break;
            }
            let until = chunk.end().min(to);
            slices.push(chunk.slice(at, until));
            at = until;
        }
        debug_assert!(at >= to, "the range lies in memory");
        slices
    }

    /// Copies bytes of a range that lies in memory to the front of `target`.
    pub(crate) fn copy_to(&self, from: u64, target: &mut [u8]) {
        let mut done = 0;
        let first = self.chunks.partition_point(|chunk| chunk.end() <= from);
        for chunk in self.chunks.iter().skip(first) {
            if done == target.len() {
                break;
            }
            let start = (from + done as u64 - chunk.start) as usize;
            let available = &chunk.buffer.as_slice()[start..];
            let count = available.len().min(target.len() - done);
            target[done..done + count].copy_from_slice(&available[..count]);
            done += count;
        }
        debug_assert_eq!(done, target.len(), "the range lies in memory");
    }

    /// Gives up the first chunk if all of it is before `written`, or all but a part of a block: that moves to a chunk of its
    /// own, whose capacity is returned as well.
    pub(crate) fn evict_front(
        &mut self,
        written: u64,
        make: impl Fn(usize) -> TailBuffer,
    ) -> Option<(TailBuffer, u64)> {
        let first = self.chunks.front()?;
        let (start, end) = (block_floor(written), first.end());
        if end <= written {
            return self.chunks.pop_front().map(|chunk| (chunk.buffer, 0));
        }
        let is_little = end - start < BLOCK && first.start + first.skip <= start;
        if !is_little || first.buffer.capacity() as u64 == CHUNK_MIN {
            return None;
        }
        let mut buffer = make(CHUNK_MIN as usize);
        buffer.append(&first.buffer.as_slice()[(start - first.start) as usize..]);
        let chunk = Chunk { start, skip: 0, buffer };
        self.chunks.pop_front().map(|evicted| {
            self.chunks.push_front(chunk);
            (evicted.buffer, CHUNK_MIN)
        })
    }

    /// Gives up everything; returns the bytes of memory.
    pub(crate) fn clear(&mut self) -> u64 {
        self.chunks.drain(..).map(|chunk| chunk.buffer.capacity() as u64).sum()
    }

    /// The parts of a direct write of `[from, to)`, from the block of `from` on: whole blocks are shared, the last
    /// partial one is copied and padded, so that it may be continued in memory meanwhile. `prefix` are the bytes of
    /// the first block that are not in memory.
    pub(crate) fn write_parts(&self, reactor: &Reactor, from: u64, to: u64, prefix: &[u8]) -> Vec<Bytes> {
        let mut parts = Vec::new();
        let mut at = block_floor(from);
        if !prefix.is_empty() {
            let until = (at + BLOCK).min(to);
            parts.push(self.copied_block(reactor, at, until, prefix));
            at = until;
        }
        let whole = block_floor(to);
        if at < whole {
            parts.extend(self.slices(at, whole));
            at = whole;
        }
        if at < to {
            parts.push(self.copied_block(reactor, at, to, &[]));
        }
        parts
    }

    fn copied_block(&self, reactor: &Reactor, start: u64, to: u64, prefix: &[u8]) -> Bytes {
        let mut block = [0; BLOCK as usize];
        block[..prefix.len()].copy_from_slice(prefix);
        self.copy_to(start + prefix.len() as u64, &mut block[prefix.len()..(to - start) as usize]);
        let mut buffer = reactor.disk_buffer(BLOCK as usize);
        buffer.extend_from_slice(&block);
        buffer.freeze()
    }
}
