//! Read plans: what to read, decided at once; where it lies may then be read or sent at leisure.

use super::core::{LogCore, Phase};
use super::hints::PositionHint;
use super::locate::{self, Walk};
use crate::error::{Damage, ReadError};
use crate::format::names;
use crate::format::segment_header::DATA_START;
use crate::read_cache::ReadCache;
use crate::read_pace::ReadPace;
use crate::segment::files::{Lease, Mode};
use crate::segment::live::LiveSegment;
use crate::segment::{Checker, Expected, Failure, check_batches};
use bytes::Bytes;
use ringlog_model::{LeaderEpoch, LogId, Offset};
use ringlog_reactor::{Reactor, SharedFile};
use std::rc::Rc;
use std::sync::Arc;

/// A part of a read plan.
#[derive(Clone, Debug)]
pub enum Slice {
    /// In memory.
    Memory(Bytes),
    /// In a segment file.
    File(FileSlice),
}

/// Bytes of a segment file. The file is not used again while this exists.
#[derive(Clone, Debug)]
pub struct FileSlice {
    /// The file, open for the slice's way.
    pub file: SharedFile,
    /// First byte.
    pub position: u64,
    /// Bytes.
    pub length: u64,
    /// How it is to be read.
    pub way: Way,
    /// Whether all of it was found whole since the store was started.
    pub verified: bool,
    /// One past the last byte that is in the file.
    pub(crate) ahead_to: u64,
    pub(crate) incarnation: u64,
    pub(crate) lease: Arc<Lease>,
    pub(crate) pace: Arc<ReadPace>,
}

/// How bytes of a file get to a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By direct reads into memory. What is read once leaves no trace in the page cache, and the active segment is never
    /// read through it: that would get in the way of its writes.
    Direct,
    /// From the page cache with `send_file`: for sealed segments that were found whole and are read again and again.
    Cached,
}

/// Whole batches to read: holds the files it refers to, so that none is reused meanwhile. `Send`.
#[derive(Clone, Debug, Default)]
pub struct ReadPlan {
    /// The parts, in order. Together they are whole batches.
    pub slices: Vec<Slice>,
    /// The first batch's base offset. At most the offset asked for; that offset, if compaction took its record.
    pub base_offset: Offset,
    /// One past the last offset covered.
    pub end_offset: Offset,
    origin: Origin,
}

/// What the batches of a plan must be, for the checks.
#[derive(Clone, Debug, Default)]
struct Origin {
    log: LogId,
    segment: Offset,
    position: u64,
    sparse: bool,
    epochs: Vec<(LeaderEpoch, Offset)>,
}

impl ReadPlan {
    /// Bytes of all slices.
    #[must_use]
    pub fn length(&self) -> u64 {
        let length = |slice: &Slice| match slice {
            Slice::Memory(bytes) => bytes.len() as u64,
            Slice::File(file) => file.length,
        };
        self.slices.iter().map(length).sum()
    }

    /// Whether there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slices.is_empty()
    }

    /// Reads everything into memory. What comes from a file is checked: every batch's CRC, its offsets, its epoch.
    pub async fn load(self, reactor: &Reactor) -> Result<Vec<Bytes>, ReadError> {
        let mut parts = Vec::with_capacity(self.slices.len());
        let mut from_file = false;
        for slice in &self.slices {
            match slice {
                Slice::Memory(bytes) => parts.push(bytes.clone()),
                Slice::File(slice) => {
                    from_file = true;
                    parts.push(slice.read(reactor, slice.position, slice.length).await?);
                }
            }
        }
        if !from_file {
            return Ok(parts);
        }
        // A batch may lie half in the file and half in memory: checked, and given, as one piece.
        if parts.len() > 1 {
            parts = vec![parts.concat().into()];
        }
        let expected = self.expected();
        check_batches(&parts[0], &expected)
            .map_err(|failure| self.damaged(failure.position as u64, failure.reason))?;
        Ok(parts)
    }

    /// Begins to read what [`ReadPlan::prepare`] will wait for, so that several plans are read at a time; not all of very many.
    pub fn begin(&self, reads: &ReadCache) {
        for slice in &self.slices {
            if let Slice::File(slice) = slice
                && slice.way == Way::Direct
            {
                reads.begin_early(slice);
            }
        }
    }

    /// Reads into memory what is to be read directly, and checks it unless that was done before in this life. What then
    /// remains may be sent with `send_file`; rot that comes after its check is the client's to notice, by the CRC of the
    /// batch.
    pub async fn prepare(self, reads: &ReadCache) -> Result<ReadPlan, ReadError> {
        let read = |slice: &Slice| matches!(slice, Slice::File(slice) if slice.way == Way::Direct);
        if !self.slices.iter().any(read) {
            return Ok(self);
        }
        let unverified = |slice: &Slice| matches!(slice, Slice::File(slice) if !slice.verified);
        let mut checker = self.slices.iter().any(unverified).then(|| Checker::new(self.expected()));
        let mut slices = Vec::with_capacity(self.slices.len() + 4);
        for slice in &self.slices {
            match slice {
                Slice::File(file) if file.way == Way::Direct => {
                    for part in reads.begin(file) {
                        let bytes = reads.arrive(part, file).await?;
                        if let Some(checker) = &mut checker {
                            checker.take(&bytes).map_err(|failure| self.refuse(reads, failure))?;
                        }
                        slices.push(Slice::Memory(bytes));
                    }
                }
                Slice::Memory(bytes) => {
                    if let Some(checker) = &mut checker {
                        checker.take(bytes).map_err(|failure| self.refuse(reads, failure))?;
                    }
                    slices.push(slice.clone());
                }
                Slice::File(_) => slices.push(slice.clone()),
            }
        }
        if let Some(checker) = checker {
            checker.finish().map_err(|failure| self.refuse(reads, failure))?;
        }
        self.note_history();
        Ok(ReadPlan { slices, ..self })
    }

    fn note_history(&self) {
        for slice in &self.slices {
            if let Slice::File(slice) = slice {
                let from = slice.position - DATA_START;
                slice.lease.history.note_checked(slice.incarnation, from, from + slice.length);
                slice.lease.history.note_read(slice.length);
            }
        }
    }

    /// What is found damaged is read again when it is asked for again.
    fn refuse(&self, reads: &ReadCache, failure: Failure) -> ReadError {
        for slice in &self.slices {
            if let Slice::File(slice) = slice {
                reads.forget(slice);
            }
        }
        self.damaged(failure.position as u64, failure.reason)
    }

    fn expected(&self) -> Expected<'_> {
        Expected {
            base_offset: self.base_offset,
            end_offset: Some(self.end_offset),
            fields: None,
            sparse: self.origin.sparse,
            epochs: &self.origin.epochs,
        }
    }

    fn damaged(&self, position: u64, reason: String) -> ReadError {
        let Origin { log, segment, position: start, .. } = self.origin;
        ReadError::Damaged(Damage { log, segment, position: DATA_START + start + position, reason })
    }
}

impl FileSlice {
    /// Reads part of it, whole blocks at a time if the file is direct.
    async fn read(&self, reactor: &Reactor, position: u64, length: u64) -> Result<Bytes, ReadError> {
        let file = reactor.adopt_file(self.file.clone());
        let failed = |source| ReadError::Io { file: names::segment_name(self.lease.file), source };
        locate::read_aligned(reactor, &file, position, position + length).await.map_err(failed)
    }
}

/// See [`Log::plan_read`](crate::Log::plan_read).
pub(crate) async fn plan_read(
    log: &LogCore,
    from: Offset,
    max_bytes: u64,
    upto: Offset,
    at_least_one: bool,
) -> Result<ReadPlan, ReadError> {
    let mut from = from;
    loop {
        let (start, end) = (log.start(), log.end());
        if log.phase.get() == Phase::Deleted {
            return Err(ReadError::Closed);
        }
        if from < start || upto > end || from > upto {
            return Err(ReadError::OutOfRange { offset: from, start, end });
        }
        let Some(segment) = log.segment_of(from).filter(|_| from < upto) else {
            return Ok(ReadPlan { base_offset: from, end_offset: from, ..ReadPlan::default() });
        };
        let incarnation = log.state.borrow().incarnation;
        let request = Request { from, max_bytes, upto, at_least_one };
        let planned = plan_in_segment(log, &segment, &request).await;
        // A truncation or compaction on the way may have changed the bytes under it: then it is planned anew.
        if log.state.borrow().incarnation != incarnation {
            continue;
        }
        match planned? {
            Planned::Some(plan, hint) => {
                log.hints.borrow_mut().remember(hint);
                return Ok(plan);
            }
            // Compaction took the rest of this segment.
            Planned::NothingBehind(end) if end < upto => from = end,
            Planned::NothingBehind(_) | Planned::Nothing => {
                return Ok(ReadPlan { base_offset: from, end_offset: from, ..ReadPlan::default() });
            }
        }
    }
}

struct Request {
    from: Offset,
    max_bytes: u64,
    upto: Offset,
    at_least_one: bool,
}

/// What a segment has to give to a read.
enum Planned {
    /// These batches; and where they end.
    Some(ReadPlan, PositionHint),
    /// Nothing within the bounds.
    Nothing,
    /// Nothing from the offset to its end, which is here.
    NothingBehind(Offset),
}

/// A place in a segment where a batch begins.
#[derive(Clone, Copy)]
struct Place {
    position: u64,
    offset: Offset,
}

async fn plan_in_segment(
    log: &LogCore,
    segment: &Rc<LiveSegment>,
    request: &Request,
) -> Result<Planned, ReadError> {
    let first = place_of(log, segment, request.from).await?;
    let end = segment_end(log, segment);
    if first.position >= end.position {
        return Ok(Planned::NothingBehind(end.offset));
    }
    let bound = if request.upto >= end.offset { end } else { place_of(log, segment, request.upto).await? };
    let limit = first.position.saturating_add(request.max_bytes);
    let last = if bound.position <= limit {
        bound
    } else {
        cut_at(log, segment, first, bound, limit, request).await?
    };
    if last.position <= first.position {
        return Ok(Planned::Nothing);
    }
    let hint = PositionHint { segment: segment.base, offset: last.offset, position: last.position };
    let slices = slices(segment, first.position, last.position).await?;
    let origin = Origin {
        log: log.id,
        segment: segment.base,
        position: first.position,
        sparse: segment.header.sparse,
        epochs: epochs_between(log, first.offset, last.offset),
    };
    let plan = ReadPlan { slices, base_offset: first.offset, end_offset: last.offset, origin };
    Ok(Planned::Some(plan, hint))
}

async fn place_of(log: &LogCore, segment: &Rc<LiveSegment>, offset: Offset) -> Result<Place, ReadError> {
    let known = log.hints.borrow().position(segment.base, offset);
    if let Some(position) = known {
        return Ok(Place { position, offset });
    }
    if offset == segment.base {
        return Ok(Place { position: 0, offset });
    }
    let (position, offset) = locate::locate_offset(log, segment, offset).await?;
    Ok(Place { position, offset })
}

fn segment_end(log: &LogCore, segment: &LiveSegment) -> Place {
    let state = log.state.borrow();
    let found = segment.of(&state);
    // A segment that was retired meanwhile gives nothing more.
    found.map_or(Place { position: 0, offset: segment.base }, |found| Place {
        position: found.length,
        offset: found.end_offset,
    })
}

/// The last place before `limit` bytes are exceeded; behind one batch at least if that is asked for.
async fn cut_at(
    log: &LogCore,
    segment: &Rc<LiveSegment>,
    first: Place,
    bound: Place,
    limit: u64,
    request: &Request,
) -> Result<Place, ReadError> {
    if segment.index.borrow().end().position < limit.min(bound.position) {
        locate::complete_index(log, segment).await?;
    }
    let floor = segment.index.borrow().floor_of_position(limit);
    if floor.position > first.position {
        return Ok(Place { position: floor.position, offset: floor.offset });
    }
    let mut walk = Walk::new(segment, first.position, first.offset);
    let mut last = first;
    while let Some((header, _)) = walk.peek().await? {
        walk.skip(&header);
        let fits = walk.position() <= limit || (request.at_least_one && last.position == first.position);
        if !fits || walk.position() > bound.position {
            break;
        }
        last = Place { position: walk.position(), offset: header.next_offset() };
    }
    Ok(last)
}

async fn slices(segment: &Rc<LiveSegment>, from: u64, to: u64) -> Result<Vec<Slice>, ReadError> {
    let memory_from = segment.in_memory_from().clamp(from, to);
    let in_memory = segment.tail.borrow().slices(memory_from, to);
    let mut slices = Vec::new();
    if memory_from > from {
        let (incarnation, history) = (segment.incarnation.get(), &segment.lease.history);
        let checked = history.checked_upto(incarnation) >= memory_from;
        let verified = segment.verified.get().is_some() || checked;
        let was_read = history.bytes_read() >= segment.length.get();
        let (way, mode) = if segment.sealed.get() && verified && was_read {
            (Way::Cached, Mode::Cached)
        } else {
            (Way::Direct, Mode::Direct)
        };
        let file = segment.context.files.get(segment.lease.file, mode, false).await;
        let file = file.map_err(|error| locate::io_error(segment, error))?;
        slices.push(Slice::File(FileSlice {
            file: file.share(),
            position: DATA_START + from,
            length: memory_from - from,
            way,
            verified,
            ahead_to: DATA_START + segment.in_memory_from(),
            incarnation,
            lease: segment.lease.clone(),
            pace: segment.context.read_pace.clone(),
        }));
    }
    slices.extend(in_memory.into_iter().map(Slice::Memory));
    Ok(slices)
}

/// The epochs in force between two offsets.
fn epochs_between(log: &LogCore, from: Offset, to: Offset) -> Vec<(LeaderEpoch, Offset)> {
    let state = log.state.borrow();
    let first = state.epochs.partition_point(|&(_, begin)| begin <= from).saturating_sub(1);
    state.epochs[first..].iter().copied().take_while(|&(_, begin)| begin < to).collect()
}
