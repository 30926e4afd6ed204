//! A segment while the store runs: what of it is in memory, written and synced.
//!
//! ```text
//! synced <= written <= length          (bytes of batches)
//! tail.valid_from <= written           (memory is given up only behind what is written)
//! ```

use super::cover::Cover;
use super::files::{Lease, Mode, SegmentFiles};
use super::index::SegmentIndex;
use super::tail::{CHUNK_MAX, Tail};
use crate::format::segment_header::{DATA_START, SegmentHeader};
use crate::format::{BLOCK, block_ceiling, block_floor};
use crate::log::rolling::IndexCount;
use crate::read_pace::ReadPace;
use crate::space::{Space, is_full};
use crate::state::{LogState, SegmentState};
use bytes::Bytes;
use ringlog_model::Offset;
use ringlog_reactor::local::Semaphore;
use ringlog_reactor::{File, Reactor, TailBuffer};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::rc::{Rc, Weak};
use std::sync::Arc;

/// Chunks kept for new bytes, as a part of what tails may hold: partitions that are written alike all need one at the same time.
const SPARE_SHARE: u64 = 2;
/// Chunks made ready before they are needed.
const READY: usize = 4;
/// Chunks that are looked at at a time when memory is given up.
const LOOKED_AT: usize = 256;
/// Bytes of one write that nobody waits for.
const BEHIND_BYTES: u64 = 256 << 10;
/// Bytes of such writes at the same time: what somebody waits for meets no more of them in front of it.
pub(crate) const BEHIND_AT_ONCE: u64 = 512 << 10;
/// From how many bytes on a file is made longer ahead of time, when less than this part of it is left, or a quarter.
const GROWN_EARLY_FROM: u64 = 16 << 20;
const GROWN_EARLY_BY: u64 = 16 << 20;
/// Parts of one write: below the system's bound of vectors (1,024).
const PARTS_MAX: usize = 512;

/// What all segments of a domain share.
#[derive(Debug)]
pub(crate) struct SegmentContext {
    pub(crate) reactor: Reactor,
    pub(crate) files: SegmentFiles,
    pub(crate) space: Space,
    /// A file was created since the directory was synced last.
    pub(crate) directory_dirty: Cell<u64>,
    pub(crate) directory_synced: Cell<u64>,
    pub(crate) directory_turn: Semaphore,
    /// Blocks of writes that nobody waits for.
    pub(crate) behind: Semaphore,
    pub(crate) cover: Cover,
    pub(crate) read_pace: Arc<ReadPace>,
    /// Files that are made longer before they must be: one at a time.
    pub(crate) growing: Semaphore,
    pub(crate) memory: TailMemory,
}

/// Memory held by tails, and who took it in which order.
#[derive(Debug)]
pub(crate) struct TailMemory {
    bytes: Cell<u64>,
    bytes_max: u64,
    order: RefCell<VecDeque<Weak<LiveSegment>>>,
    /// Chunks that were given up, to be filled again: memory that the system need not clear. And some made ready.
    spare: RefCell<Vec<TailBuffer>>,
    is_making_ready: Cell<bool>,
}

impl TailMemory {
    pub(crate) fn new(bytes_max: u64) -> TailMemory {
        TailMemory {
            bytes: Cell::new(0),
            bytes_max,
            order: RefCell::default(),
            spare: RefCell::default(),
            is_making_ready: Cell::new(false),
        }
    }

    /// Whether it holds nothing, not even for what may come.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.get() == 0 && self.spare.borrow().is_empty()
    }

    fn spare_max(&self) -> usize {
        (self.bytes_max / SPARE_SHARE / CHUNK_MAX) as usize
    }

    fn freed(&self, bytes: u64) {
        self.bytes.set(self.bytes.get() - bytes);
    }

    /// Gives up the oldest written chunks until the bound is met or only unwritten ones are left.
    pub(crate) fn evict(&self) {
        let mut rounds = self.order.borrow().len().min(LOOKED_AT);
        while self.bytes.get() > self.bytes_max && rounds > 0 {
            rounds -= 1;
            let Some(weak) = self.order.borrow_mut().pop_front() else { return };
            let Some(segment) = weak.upgrade() else { continue };
            let make = |capacity| segment.context.reactor.tail_buffer(capacity);
            let evicted = segment.tail.borrow_mut().evict_front(segment.written.get(), make);
            match evicted {
                Some((chunk, left)) => {
                    self.freed(chunk.capacity() as u64 - left);
                    self.keep(chunk);
                    if left > 0 {
                        self.order.borrow_mut().push_back(weak);
                    }
                }
                None if segment.tail_is_empty() => {}
                None => self.order.borrow_mut().push_back(weak),
            }
        }
    }

    fn keep(&self, mut chunk: TailBuffer) {
        let mut spare = self.spare.borrow_mut();
        if chunk.capacity() as u64 == CHUNK_MAX && spare.len() < self.spare_max() && chunk.reclaim() {
            spare.push(chunk);
        }
    }

    fn make(&self, reactor: &Reactor, capacity: usize) -> TailBuffer {
        let spare = if capacity as u64 == CHUNK_MAX { self.spare.borrow_mut().pop() } else { None };
        spare.unwrap_or_else(|| reactor.tail_buffer(capacity))
    }

    /// Gives up the chunks kept for new bytes.
    pub(crate) fn drop_spare(&self) {
        self.spare.borrow_mut().clear();
    }
}

/// A segment of a log of this domain.
#[derive(Debug)]
pub(crate) struct LiveSegment {
    pub(crate) context: Rc<SegmentContext>,
    pub(crate) base: Offset,
    pub(crate) lease: Arc<Lease>,
    pub(crate) tail: RefCell<Tail>,
    pub(crate) index: RefCell<SegmentIndex>,
    /// How large Kafka's index of it would be.
    pub(crate) index_count: Cell<IndexCount>,
    /// Whether an index file was looked for.
    pub(crate) index_loaded: Cell<bool>,
    pub(crate) header: SegmentHeader,
    /// Of the state's segment: an index of another one is void.
    pub(crate) incarnation: Cell<u64>,
    /// Wall clock (ms) from which its age counts: its first append, since it may have been opened long before. After a
    /// restart, its opening.
    pub(crate) began: Cell<i64>,
    /// Bytes of batches.
    pub(crate) length: Cell<u64>,
    pub(crate) written: Cell<u64>,
    pub(crate) synced: Cell<u64>,
    /// Length of the file, once known.
    allocated: Cell<Option<u64>>,
    /// Bytes of batches it may hold by its log's choice.
    limit: u64,
    /// Sealed, its bytes synced, its tail not needed for reading.
    pub(crate) sealed: Cell<bool>,
    /// When all of it was found whole in this life, nanoseconds: then it is served without being checked again.
    pub(crate) verified: Cell<Option<u64>>,
    /// Its log has let go of it: nothing of it needs to be written any more.
    pub(crate) released: Cell<bool>,
    /// The change that let go of it: until that is durable, recovery may find the log with it.
    released_by: Cell<Option<u64>>,
    /// It is in the queue of those written behind the appends.
    pub(crate) is_behind: Cell<bool>,
    /// A task makes its file longer, or it is as long as it will be.
    is_growing: Cell<bool>,
    /// It has given back what was allocated ahead.
    is_trimmed: Cell<bool>,
    /// A task is about to write its new appends.
    pub(crate) is_early: Cell<bool>,
    /// How often it was shortened: a sync begun before says nothing about what came after.
    shortened: Cell<u64>,
    /// The end of what is written when it was inside a block and that block was put aside: see [`Cover`].
    pub(crate) covered: Cell<Option<u64>>,
    /// The furthest of what somebody waits for: one write takes all of it.
    wanted: Cell<u64>,
    writing: Semaphore,
    syncing: Semaphore,
}

/// How far a write is to get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Into a file that means nothing yet.
    Copied,
    /// Into the file.
    Written,
    /// Onto the disk.
    Synced,
}

/// Where a segment stands when the store takes it up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SegmentStart {
    /// Bytes of batches already in the file.
    pub(crate) length: u64,
    /// Length of the file if known: a recycled or a new one.
    pub(crate) allocated: Option<u64>,
    /// Bytes of batches it may hold.
    pub(crate) limit: u64,
    /// Whether more may be appended.
    pub(crate) sealed: bool,
}

impl LiveSegment {
    pub(crate) fn new(
        context: Rc<SegmentContext>,
        lease: Arc<Lease>,
        header: SegmentHeader,
        start: SegmentStart,
    ) -> Rc<LiveSegment> {
        Rc::new(LiveSegment {
            context,
            base: header.base_offset,
            lease,
            tail: RefCell::default(),
            index: RefCell::new(SegmentIndex::new(header.base_offset)),
            index_count: Cell::default(),
            index_loaded: Cell::new(start.length == 0),
            incarnation: Cell::new(header.incarnation),
            began: Cell::new(header.created.0),
            header,
            length: Cell::new(start.length),
            written: Cell::new(start.length),
            synced: Cell::new(start.length),
            allocated: Cell::new(start.allocated),
            limit: start.limit,
            sealed: Cell::new(start.sealed),
            verified: Cell::new(None),
            released: Cell::new(false),
            released_by: Cell::new(None),
            is_behind: Cell::new(false),
            is_early: Cell::new(false),
            is_growing: Cell::new(false),
            is_trimmed: Cell::new(false),
            shortened: Cell::new(0),
            covered: Cell::new(None),
            wanted: Cell::new(start.length),
            writing: Semaphore::new(1),
            syncing: Semaphore::new(1),
        })
    }

    /// Takes bytes at its end.
    pub(crate) fn append(self: &Rc<Self>, bytes: &[u8]) {
        let position = self.length.get();
        let memory = &self.context.memory;
        let make = |capacity| memory.make(&self.context.reactor, capacity);
        let (grown, chunks) = self.tail.borrow_mut().append(make, position, bytes);
        memory.bytes.set(memory.bytes.get() + grown);
        for _ in 0..chunks {
            memory.order.borrow_mut().push_back(Rc::downgrade(self));
        }
        if grown >= CHUNK_MAX {
            self.context.make_ready();
        }
        self.length.set(position + bytes.len() as u64);
    }

    /// The first position in memory; the length if nothing is.
    pub(crate) fn in_memory_from(&self) -> u64 {
        self.tail.borrow().valid_from(self.length.get())
    }

    fn tail_is_empty(&self) -> bool {
        self.in_memory_from() >= self.length.get()
    }

    /// What is true of it; `None` once it was given up or another took its place.
    pub(crate) fn of<'a>(&self, state: &'a LogState) -> Option<&'a SegmentState> {
        let index = state.segments.binary_search_by_key(&self.base, |segment| segment.base_offset).ok()?;
        let found = &state.segments[index];
        (found.file == self.lease.file && found.incarnation == self.incarnation.get()).then_some(found)
    }

    /// Gives up memory of what is written.
    pub(crate) fn drop_written_tail(&self) {
        if self.written.get() == self.length.get() {
            let freed = self.tail.borrow_mut().clear();
            self.context.memory.freed(freed);
        }
    }

    /// Writes everything up to `target` into the file, unless the log lets go of the segment meanwhile. Writes of one
    /// segment follow each other, since they may share a block. On a full disk it waits for space until the store is to
    /// stop.
    pub(crate) async fn write_upto(self: &Rc<Self>, target: u64) -> io::Result<()> {
        self.write_patiently(target, Reach::Written).await
    }

    /// The same in pieces and not too much at once, so that what is written for somebody who waits gets its turn in between.
    pub(crate) async fn write_behind_upto(self: &Rc<Self>, target: u64) -> io::Result<()> {
        while self.written.get() < target && !self.released.get() {
            let piece = block_floor(self.written.get() + BEHIND_BYTES).min(target);
            match self.write_piece(piece).await {
                Err(error) if self.waits_for_space(&error).await => {}
                outcome => outcome?,
            }
        }
        Ok(())
    }

    async fn write_piece(self: &Rc<Self>, target: u64) -> io::Result<()> {
        let blocks = target.saturating_sub(self.written.get()).div_ceil(BLOCK);
        let _room = self.context.behind.acquire(blocks as usize).await;
        let _turn = self.writing.acquire(1).await;
        self.write_once(target, Reach::Written).await
    }

    /// The same for what it holds now, as far as that is whole blocks.
    pub(crate) async fn write_behind(self: &Rc<Self>) -> io::Result<()> {
        let whole = block_floor(self.length.get());
        // A truncation may have come meanwhile.
        self.write_behind_upto(whole.min(self.length.get())).await
    }

    /// The same, synced with the write itself if nothing before lacks a sync: one operation for the device instead of two.
    pub(crate) async fn write_synced_upto(self: &Rc<Self>, target: u64) -> io::Result<()> {
        self.wanted.set(self.wanted.get().max(target));
        self.write_patiently(target, Reach::Synced).await
    }

    async fn write_patiently(self: &Rc<Self>, target: u64, reach: Reach) -> io::Result<()> {
        if self.written.get() >= target {
            return Ok(());
        }
        let _turn = self.writing.acquire(1).await;
        while !self.released.get() {
            match self.write_once(target, reach).await {
                Err(error) if self.waits_for_space(&error).await => {}
                outcome => return outcome,
            }
        }
        Ok(())
    }

    /// If an error says that the disk is full: gives up what there is to give up and waits until there may be space. False
    /// if it is another one, or the store is to stop.
    async fn waits_for_space(&self, error: &io::Error) -> bool {
        let space = &self.context.space;
        if !is_full(error) || space.is_closing() {
            return false;
        }
        space.give_up_reserve(&self.context.files).await;
        space.looked_at_again().await;
        true
    }

    /// The same without waiting: on a full disk it fails.
    pub(crate) async fn try_write_upto(self: &Rc<Self>, target: u64) -> io::Result<()> {
        if self.written.get() >= target {
            return Ok(());
        }
        let _turn = self.writing.acquire(1).await;
        self.write_once(target, Reach::Copied).await
    }

    async fn write_once(self: &Rc<Self>, target: u64, reach: Reach) -> io::Result<()> {
        if reach != Reach::Copied && self.written.get() < target {
            self.context.cover.cover([self.clone()]).await?;
        }
        let from = self.written.get();
        let wanted = if reach == Reach::Synced { self.wanted.get() } else { target };
        let to = wanted.min(self.length.get());
        if from >= target.min(to) {
            return Ok(());
        }
        let file = self.open_for_writing(to).await?;
        let prefix = self.missing_prefix(&file, from).await?;
        let mut parts = self.tail.borrow().write_parts(&self.context.reactor, from, to, &prefix);
        let mut at = DATA_START + block_floor(from);
        if from == 0 {
            parts.insert(0, self.header_block());
            at = 0;
        }
        let covers = reach == Reach::Synced && self.synced.get() == from;
        while !parts.is_empty() {
            let later = parts.split_off(parts.len().min(PARTS_MAX));
            let length: usize = parts.iter().map(Bytes::len).sum();
            if covers {
                file.write_all_at_dsync(parts, at).await?;
            } else {
                file.write_all_at(parts, at).await?;
            }
            at += length as u64;
            parts = later;
        }
        // A truncation waits for writes, so nothing was taken away meanwhile.
        debug_assert_eq!(self.written.get(), from);
        self.written.set(to);
        if covers {
            self.context.sync_directory().await?;
            self.synced.set(self.synced.get().max(to));
        }
        if reach != Reach::Copied {
            self.grow_soon();
        }
        Ok(())
    }

    /// Makes a large file longer before a write must wait for that. Logs that are written alike would all come to their ends
    /// in the same moment, and a file system makes one longer after the other.
    fn grow_soon(self: &Rc<Self>) {
        let allocated = self.allocated.get().unwrap_or(0);
        let left = allocated.saturating_sub(DATA_START + self.written.get());
        let is_due = allocated >= GROWN_EARLY_FROM && left < (allocated / 4).min(GROWN_EARLY_BY);
        if !is_due || self.context.space.is_full() || self.is_growing.replace(true) {
            return;
        }
        let segment = self.clone();
        let grow = async move {
            let _one = segment.context.growing.acquire(1).await;
            let _turn = segment.writing.acquire(1).await;
            match segment.grow().await {
                Ok(is_longer) => segment.is_growing.set(!is_longer),
                Err(error) => {
                    tracing::debug!(file = %segment.lease.file, %error, "not made longer ahead of time")
                }
            }
        };
        self.context.reactor.spawn(grow).detach();
    }

    async fn grow(&self) -> io::Result<bool> {
        let Some(allocated) = self.allocated.get().filter(|_| !self.released.get() && !self.is_trimmed.get())
        else {
            return Ok(false);
        };
        let file = self.context.files.get(self.lease.file, Mode::Direct, false).await?;
        let limit = block_ceiling(DATA_START + self.limit);
        let grown = self.context.space.grow(&file, allocated, limit).await?;
        self.allocated.set(Some(grown));
        Ok(grown > allocated)
    }

    /// The change of that number lets go of it.
    pub(crate) fn release(&self, number: u64) {
        self.released.set(true);
        self.released_by.set(Some(number));
    }

    /// Whether its log has let go of it for good: all changes before `recorded` are durable.
    pub(crate) fn is_gone(&self, recorded: u64) -> bool {
        self.released_by.get().is_some_and(|number| number < recorded)
    }

    /// Whether everything up to `upto` is synced, as far as the log still has it.
    pub(crate) fn has_synced(&self, upto: u64) -> bool {
        self.synced.get() >= upto || self.released.get()
    }

    /// Syncs what is written, and the directory if the file is new.
    pub(crate) async fn sync(&self) -> io::Result<()> {
        self.sync_upto(self.written.get()).await
    }

    /// Syncs at least what is written up to `upto`. One sync of a segment at a time: who waits for its turn may find that
    /// the one before has done its work.
    pub(crate) async fn sync_upto(&self, upto: u64) -> io::Result<()> {
        if self.has_synced(upto) {
            return Ok(());
        }
        let _turn = self.syncing.acquire(1).await;
        if self.has_synced(upto) {
            return Ok(());
        }
        let (written, shortened) = (self.written.get(), self.shortened.get());
        let file = self.context.files.get(self.lease.file, Mode::Direct, false).await?;
        file.sync_data().await?;
        self.context.sync_directory().await?;
        if self.shortened.get() == shortened {
            self.synced.set(self.synced.get().max(written));
        }
        Ok(())
    }

    /// Forgets everything from `length` on. The caller has seen to it that all was written and nothing is in flight.
    pub(crate) fn shorten(&self, length: u64, incarnation: u64) {
        self.incarnation.set(incarnation);
        let freed = self.tail.borrow_mut().clear();
        self.context.memory.freed(freed);
        self.length.set(length);
        self.wanted.set(length);
        self.written.set(length);
        self.synced.set(length);
        self.shortened.set(self.shortened.get() + 1);
        self.covered.set(None);
        self.is_growing.set(false);
        self.is_trimmed.set(false);
        self.sealed.set(false);
        self.verified.set(None);
        self.index.borrow_mut().rewind(length);
    }

    /// Gives back what was allocated beyond the bytes, if that is much.
    pub(crate) async fn trim(&self) -> io::Result<()> {
        let needed = block_ceiling(DATA_START + self.length.get());
        let _turn = self.writing.acquire(1).await;
        self.is_trimmed.set(true);
        let file = self.context.files.get(self.lease.file, Mode::Direct, false).await?;
        let allocated = file.length().await?;
        if allocated > needed + (1 << 20) {
            file.truncate(needed).await?;
            self.allocated.set(Some(needed));
        }
        Ok(())
    }

    async fn open_for_writing(&self, to: u64) -> io::Result<File> {
        let files = &self.context.files;
        let create = self.allocated.get() == Some(0);
        let file = files.get(self.lease.file, Mode::Direct, create).await?;
        if create {
            self.context.directory_dirty.set(self.context.directory_dirty.get() + 1);
        }
        let allocated = match self.allocated.get() {
            Some(allocated) => allocated,
            None => file.length().await?,
        };
        let needed = block_ceiling(DATA_START + to);
        let allocated = if needed > allocated {
            let limit = block_ceiling(DATA_START + self.limit);
            self.context.space.allocate(&file, files, allocated, needed, limit).await?
        } else {
            allocated
        };
        self.allocated.set(Some(allocated));
        Ok(file)
    }

    /// Whether what is written ends inside a block that must be put aside before it is written again.
    pub(crate) fn needs_cover(&self) -> bool {
        let written = self.written.get();
        !written.is_multiple_of(BLOCK) && self.covered.get() != Some(written) && !self.released.get()
    }

    /// What the block of `end`, inside what is written, holds before it.
    pub(crate) async fn written_part_of_block(&self, end: u64) -> io::Result<Vec<u8>> {
        let start = block_floor(end);
        let in_memory = self.tail.borrow().valid_from(self.length.get()) <= start;
        if in_memory {
            let mut bytes = vec![0; (end - start) as usize];
            self.tail.borrow().copy_to(start, &mut bytes);
            return Ok(bytes);
        }
        let file = self.context.files.get(self.lease.file, Mode::Direct, false).await?;
        self.missing_prefix(&file, end).await
    }

    /// What of the log's end a checkpoint keeps, because it does not fill a block; the position of its first byte.
    pub(crate) fn end_in_memory(&self) -> (u64, Vec<u8>) {
        let length = self.length.get();
        let from = block_floor(length).max(self.written.get().min(length));
        let mut bytes = vec![0; (length - from) as usize];
        self.tail.borrow().copy_to(from, &mut bytes);
        (from, bytes)
    }

    /// The bytes between the start of `from`'s block and `from`, if they are in the file only.
    async fn missing_prefix(&self, file: &File, from: u64) -> io::Result<Vec<u8>> {
        let start = block_floor(from);
        if start == from || self.tail.borrow().valid_from(from) <= start {
            return Ok(Vec::new());
        }
        let buffer = self.context.reactor.disk_buffer(BLOCK as usize);
        let (result, buffer) = file.read_at(buffer, DATA_START + start, BLOCK as usize).await;
        if (result? as u64) < from - start {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(buffer[..(from - start) as usize].to_vec())
    }

    fn header_block(&self) -> Bytes {
        let mut block = self.context.reactor.disk_buffer(BLOCK as usize);
        block.extend_from_slice(&self.header.encode());
        block.freeze()
    }
}

impl SegmentContext {
    /// Sees to it that the next chunks are memory that was touched: the system clears it when it is touched first, in large
    /// pieces, and everybody on this shard would wait for that.
    fn make_ready(self: &Rc<Self>) {
        let memory = &self.memory;
        let wanted = READY.min(memory.spare_max());
        if memory.spare.borrow().len() >= wanted || memory.is_making_ready.replace(true) {
            return;
        }
        let context = self.clone();
        let making = async move {
            while context.memory.spare.borrow().len() < wanted {
                let chunk = context.reactor.run_blocking(touched_chunk).await;
                context.memory.spare.borrow_mut().push(chunk);
            }
            context.memory.is_making_ready.set(false);
        };
        self.reactor.spawn(making).detach();
    }

    /// Makes the creation of files durable. One sync at a time covers all files that were created before it.
    pub(crate) async fn sync_directory(&self) -> io::Result<()> {
        let wanted = self.directory_dirty.get();
        if self.directory_synced.get() >= wanted {
            return Ok(());
        }
        let _turn = self.directory_turn.acquire(1).await;
        let dirty = self.directory_dirty.get();
        if self.directory_synced.get() < wanted {
            self.reactor.sync_directory(&self.files.segments_path()).await?;
            self.directory_synced.set(self.directory_synced.get().max(dirty));
        }
        Ok(())
    }
}

fn touched_chunk() -> TailBuffer {
    let mut chunk = TailBuffer::with_capacity(CHUNK_MAX as usize);
    chunk.append_zeroes(CHUNK_MAX as usize);
    chunk.reclaim();
    chunk
}

impl Drop for LiveSegment {
    fn drop(&mut self) {
        let freed = self.tail.borrow_mut().clear();
        self.context.memory.freed(freed);
    }
}
