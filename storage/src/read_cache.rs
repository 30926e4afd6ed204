//! What readers behind the tail read: pieces of segment files in memory, read directly, a little ahead of readers that
//! go through a file in order.
//!
//! ```text
//!          |   piece   |   piece   |   piece   |   piece   |
//!   slice        [=============]
//!   read         |-----|-------|   |- - - - - ahead - - - -|
//! ```
//! Direct reads leave the page cache alone: they cost no more than sending from it, do not disturb the writes, and need
//! no file thread. What one reader has read, others find here for a moment; what is read again later is worth the page
//! cache (see [`Way`](crate::log::Way)).

use crate::error::ReadError;
use crate::format::names;
use crate::format::segment_header::DATA_START;
use crate::format::{BLOCK, block_ceiling, block_floor};
use crate::log::FileSlice;
use crate::segment::files::Lease;
use bytes::Bytes;
use ringlog_reactor::local::Notify;
use ringlog_reactor::{BufferShelf, Reactor};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::rc::{Rc, Weak as WeakRc};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Bytes of a read: large enough for the device's full rate with a few in flight, small enough that the first bytes of a
/// response do not wait long.
const PIECE: u64 = 512 << 10;
/// How far it reads ahead of a reader that goes in order.
const AHEAD: u64 = 4 * PIECE;
/// Pieces kept at most; responses being sent may hold some more.
const PIECES_MAX: usize = 64;
/// Reads under way at most that nobody waits for yet: a response of very many partitions must not ask for all of them at
/// once.
const EARLY_MAX: usize = 32;
/// A part that is less than this share of its piece is copied out: a response of many small parts would otherwise keep
/// many times its size in memory while it is sent.
const COPIED_SHARE: usize = 4;
/// Unused memory kept for the next pieces.
const UNUSED_MAX: usize = 16;
/// A piece that nobody asked for since the sweep before goes with the next one.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// The pieces of one shard. Clones share them.
#[derive(Clone, Debug)]
pub struct ReadCache {
    inner: Rc<Inner>,
}

#[derive(Debug)]
struct Inner {
    reactor: Reactor,
    memory: BufferShelf,
    /// The one used longest ago first.
    pieces: RefCell<VecDeque<Piece>>,
    /// Pieces that are being read.
    under_way: Rc<Cell<usize>>,
    sweeps: Cell<u64>,
    is_sweeping: Cell<bool>,
}

#[derive(Debug)]
struct Piece {
    /// Weak: it does not keep a retired file from being used again. As long as it exists no other lease has its address.
    lease: Weak<Lease>,
    incarnation: u64,
    /// Positions in the file.
    start: u64,
    end: u64,
    /// The number of sweeps when it was used last.
    used: u64,
    /// Whether a reader has asked for it: until then it is not given up for others.
    was_wanted: bool,
    reading: Rc<Reading>,
}

#[derive(Default)]
struct Reading {
    outcome: RefCell<Option<Result<Bytes, (io::ErrorKind, String)>>>,
    done: Notify,
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(if self.outcome.borrow().is_some() { "done" } else { "under way" })
    }
}

/// A part of a slice whose bytes are there, or on their way.
pub(crate) struct Arriving {
    reading: Rc<Reading>,
    /// Of the piece's bytes.
    from: usize,
    to: usize,
}

impl ReadCache {
    /// For the readers of one shard.
    #[must_use]
    pub fn new(reactor: &Reactor) -> ReadCache {
        let inner = Inner {
            reactor: reactor.clone(),
            memory: BufferShelf::new(PIECE as usize, UNUSED_MAX),
            pieces: RefCell::default(),
            under_way: Rc::default(),
            sweeps: Cell::new(0),
            is_sweeping: Cell::new(false),
        };
        ReadCache { inner: Rc::new(inner) }
    }

    /// The same as [`ReadCache::begin`] for a slice that is waited for later, unless much is under way already.
    pub(crate) fn begin_early(&self, slice: &FileSlice) {
        let pieces = (slice.length / PIECE) as usize + 2;
        if self.inner.under_way.get() + pieces <= EARLY_MAX {
            drop(self.begin(slice));
        }
    }

    /// Begins to read what of a slice is not there, and what is likely to be asked for next.
    pub(crate) fn begin(&self, slice: &FileSlice) -> Vec<Arriving> {
        let (from, to) = (slice.position, slice.position + slice.length);
        let in_order = from <= DATA_START || self.inner.holds(slice, from - 1);
        let mut arriving = Vec::with_capacity((slice.length / PIECE) as usize + 2);
        let mut at = from;
        while at < to {
            let end = piece_end(at).min(to);
            arriving.push(self.inner.wanted(slice, at, end));
            at = end;
        }
        if in_order {
            self.inner.read_ahead(slice, to);
        }
        if !self.inner.is_sweeping.replace(true) {
            self.inner.reactor.spawn(sweep(Rc::downgrade(&self.inner))).detach();
        }
        arriving
    }

    /// Waits for a part.
    pub(crate) async fn arrive(&self, part: Arriving, slice: &FileSlice) -> Result<Bytes, ReadError> {
        let Arriving { reading, from, to } = part;
        loop {
            let done = reading.done.notified();
            match &*reading.outcome.borrow() {
                Some(Ok(bytes)) if (to - from) * COPIED_SHARE < bytes.len() => {
                    return Ok(Bytes::copy_from_slice(&bytes[from..to]));
                }
                Some(Ok(bytes)) => return Ok(bytes.slice(from..to)),
                Some(Err((kind, message))) => {
                    self.forget(slice);
                    let source = io::Error::new(*kind, message.clone());
                    return Err(ReadError::Io { file: names::segment_name(slice.lease.file), source });
                }
                None => {}
            }
            done.await;
        }
    }

    /// Gives up what it has of a file: it was found damaged, or could not be read.
    pub(crate) fn forget(&self, slice: &FileSlice) {
        self.inner.pieces.borrow_mut().retain(|piece| !piece.is_of(slice));
    }
}

impl Inner {
    fn holds(&self, slice: &FileSlice, position: u64) -> bool {
        self.pieces.borrow().iter().any(|piece| piece.is_of(slice) && piece.covers(position, position + 1))
    }

    /// `[from, to)` lies in one piece of the file.
    fn wanted(&self, slice: &FileSlice, from: u64, to: u64) -> Arriving {
        let mut pieces = self.pieces.borrow_mut();
        let found = pieces.iter().position(|piece| piece.is_of(slice) && piece.covers(from, to));
        let mut piece = match found.and_then(|index| pieces.remove(index)) {
            Some(piece) => piece,
            None => {
                if pieces.len() >= PIECES_MAX {
                    pieces.pop_front();
                }
                self.read(slice, from)
            }
        };
        (piece.was_wanted, piece.used) = (true, self.sweeps.get());
        let offset = piece.start;
        let reading = piece.reading.clone();
        pieces.push_back(piece);
        Arriving { reading, from: (from - offset) as usize, to: (to - offset) as usize }
    }

    fn read_ahead(&self, slice: &FileSlice, from: u64) {
        let until = (from + AHEAD).min(slice.ahead_to);
        let mut at = from;
        while at < until {
            let end = piece_end(at).min(slice.ahead_to);
            if !self.holds(slice, end - 1) {
                let mut pieces = self.pieces.borrow_mut();
                if pieces.len() >= PIECES_MAX {
                    // Only what was of use to somebody makes room for what may be of use.
                    let Some(index) = pieces.iter().position(|piece| piece.was_wanted) else { return };
                    pieces.remove(index);
                }
                let piece = self.read(slice, at);
                pieces.push_back(piece);
            }
            at = end;
        }
    }

    /// Reads from `from`'s block to the end of the piece, or of what the file has.
    fn read(&self, slice: &FileSlice, from: u64) -> Piece {
        let (start, end) = (block_floor(from), piece_end(from).min(slice.ahead_to));
        let reading = Rc::new(Reading::default());
        let file = self.reactor.adopt_file(slice.file.clone());
        let (memory, outcome, lease) = (self.memory.clone(), reading.clone(), slice.lease.clone());
        let (reactor, pace) = (self.reactor.clone(), slice.pace.clone());
        let under_way = self.under_way.clone();
        under_way.set(under_way.get() + 1);
        let read = async move {
            let length = (block_ceiling(end) - start) as usize;
            let blocks = length as u64 / BLOCK;
            let turn = pace.turn(reactor.now_nanos(), blocks);
            if let Some(turn) = turn {
                reactor.sleep_until(turn).await;
            }
            let begun = reactor.now_nanos();
            let (result, buffer) = file.read_at(memory.take(), start, length).await;
            if turn.is_some() {
                pace.took(blocks, reactor.now_nanos().saturating_sub(begun));
            }
            let result = match result {
                Ok(read) if start + read as u64 >= end => Ok(buffer.freeze()),
                Ok(_) => Err((io::ErrorKind::UnexpectedEof, "the file ends too early".to_owned())),
                Err(error) => Err((error.kind(), error.to_string())),
            };
            // The file was not to be used again while it was read.
            drop(lease);
            under_way.set(under_way.get() - 1);
            *outcome.outcome.borrow_mut() = Some(result);
            outcome.done.notify_all();
        };
        self.reactor.spawn(read).detach();
        Piece {
            lease: Arc::downgrade(&slice.lease),
            incarnation: slice.incarnation,
            start,
            end,
            used: self.sweeps.get(),
            was_wanted: false,
            reading,
        }
    }
}

impl Piece {
    fn is_of(&self, slice: &FileSlice) -> bool {
        std::ptr::eq(self.lease.as_ptr(), Arc::as_ptr(&slice.lease)) && self.incarnation == slice.incarnation
    }

    fn covers(&self, from: u64, to: u64) -> bool {
        self.start <= from && to <= self.end
    }
}

/// One past the last position of the piece that a position lies in.
fn piece_end(position: u64) -> u64 {
    (position / PIECE + 1) * PIECE
}

/// Gives up what is not used any more; ends when nothing is left.
async fn sweep(inner: WeakRc<Inner>) {
    loop {
        let Some(reactor) = inner.upgrade().map(|inner| inner.reactor.clone()) else { return };
        reactor.sleep(SWEEP_EVERY).await;
        let Some(inner) = inner.upgrade() else { return };
        let sweeps = inner.sweeps.get();
        inner.pieces.borrow_mut().retain(|piece| piece.used == sweeps);
        inner.sweeps.set(sweeps + 1);
        if inner.pieces.borrow().is_empty() {
            inner.memory.clear();
            inner.is_sweeping.set(false);
            return;
        }
    }
}
