//! Changes of a log other than appends.

use super::core::{LogCore, Phase};
use super::locate::{self, Walk};
use crate::config::LogConfig;
use crate::domain::Domain;
use crate::domain::checkpoint::flush_segments;
use crate::error::{LogError, ReadError, StoreFault};
use crate::segment::live::LiveSegment;
use crate::segment::newest_record;
use crate::state::Change;
use crate::store::Marks;
use ringlog_model::{Offset, Timestamp};
use std::rc::Rc;

/// Bound of what an owner may leave with a log.
const ATTACHMENT_BYTES_MAX: usize = 1 << 20;
/// An attachment takes at most this part of a half of the journal. The halves are smaller than usual after a start on a full
/// disk: then it waits for the checkpoint, because moving the start is what gives space back.
const ATTACHMENT_SHARE: u64 = 8;

/// See [`Log::truncate`](crate::Log::truncate).
pub(crate) async fn truncate(
    domain: &Rc<Domain>,
    log: &Rc<LogCore>,
    end: Offset,
) -> Result<Offset, LogError> {
    let busy = Busy::begin(domain, log)?;
    check_inside(log, end)?;
    if end == log.end() {
        return Ok(end);
    }
    settle(domain, log).await?;
    let segment = log.segment_of(end).ok_or(LogError::Closed)?;
    let (position, base) =
        locate::locate_offset(log, &segment, end).await.map_err(|error| refused(domain, error))?;
    if base < log.start() {
        // The batch that holds the start goes too: nothing is left.
        return begin_anew(domain, log, log.start(), busy).await;
    }
    let (length, max_timestamp) =
        kept(log, &segment, position).await.map_err(|error| refused(domain, error))?;
    let number = domain.apply(log, Change::Truncated { end: base, length, max_timestamp });
    log.follow_state();
    log.marks.set(Marks { written: base, flushed: base });
    drop_attachment_beyond(log, base);
    domain.until_recorded(number).await?;
    drop(busy);
    Ok(base)
}

/// See [`Log::reset`](crate::Log::reset).
pub(crate) async fn reset(domain: &Rc<Domain>, log: &Rc<LogCore>, start: Offset) -> Result<(), LogError> {
    let busy = Busy::begin(domain, log)?;
    settle(domain, log).await?;
    begin_anew(domain, log, start, busy).await.map(|_| ())
}

/// See [`Log::advance_start`](crate::Log::advance_start).
pub(crate) fn advance_start(domain: &Domain, log: &Rc<LogCore>, start: Offset) -> Result<(), LogError> {
    check_open(domain, log)?;
    if start < log.start() || (start == log.start() && !log.state.borrow().has_segments_below(start)) {
        return Ok(());
    }
    check_inside(log, start)?;
    record_attachment(domain, log, start);
    domain.apply(log, Change::StartMoved { start });
    log.follow_state();
    Ok(())
}

/// Writes down, ahead of the change that gives records up, what the owner knows of them: until the next checkpoint it would be in
/// memory only, and nobody could learn it from the log any more.
fn record_attachment(domain: &Domain, log: &Rc<LogCore>, start: Offset) {
    let recorded = log.attachment_recorded.get();
    let newer = log.attachment.borrow().clone().filter(|(upto, _)| recorded < start && recorded < *upto);
    let Some((upto, bytes)) = newer else { return };
    if bytes.len() as u64 > domain.journal.borrow().half_bytes() / ATTACHMENT_SHARE {
        tracing::debug!(log = %log.id, bytes = bytes.len(), "the journal is too small for an attachment");
        return;
    }
    domain.apply(log, Change::Attached { upto, bytes });
    log.attachment_recorded.set(upto);
}

/// See [`Log::roll`](crate::Log::roll).
pub(crate) fn roll(domain: &Domain, log: &Rc<LogCore>) -> Result<(), LogError> {
    check_open(domain, log)?;
    if log.active().is_some_and(|active| active.length.get() > 0) {
        super::append::open_segment(domain, log);
    }
    Ok(())
}

/// See [`Log::until_durable`](crate::Log::until_durable).
pub(crate) async fn until_durable(domain: &Domain, log: &LogCore) -> Result<(), LogError> {
    if let Some(last) = log.last_item.get() {
        domain.until_recorded(last).await?;
    }
    Ok(())
}

/// See [`Log::set_config`](crate::Log::set_config).
pub(crate) fn set_config(domain: &Domain, log: &Rc<LogCore>, config: LogConfig) -> Result<(), LogError> {
    check_open(domain, log)?;
    domain.apply(log, Change::Configured { config });
    Ok(())
}

/// See [`Log::attach`](crate::Log::attach).
pub(crate) fn attach(domain: &Domain, log: &LogCore, upto: Offset, bytes: Vec<u8>) {
    assert!(upto <= log.end(), "an attachment describes what is there");
    if bytes.len() > ATTACHMENT_BYTES_MAX {
        tracing::warn!(log = %log.id, bytes = bytes.len(), "an attachment is too large to be kept");
        return;
    }
    *log.attachment.borrow_mut() = Some((upto, bytes));
    domain.checkpoints.borrow_mut().dirty.insert(log.id);
}

/// Deletes a log that is out of the domain's map already.
pub(crate) async fn delete(domain: &Rc<Domain>, log: &Rc<LogCore>) -> Result<(), LogError> {
    log.phase.set(Phase::Deleted);
    domain.end_moving(log);
    let number = domain.apply(log, Change::Deleted);
    log.segments.borrow_mut().clear();
    domain.until_recorded(number).await?;
    Ok(())
}

async fn begin_anew(
    domain: &Rc<Domain>,
    log: &Rc<LogCore>,
    start: Offset,
    busy: Busy,
) -> Result<Offset, LogError> {
    let number = domain.apply(log, Change::Reset { start });
    log.follow_state();
    log.marks.set(Marks { written: start, flushed: start });
    *log.attachment.borrow_mut() = None;
    log.attachment_recorded.set(Offset::ZERO);
    domain.until_recorded(number).await?;
    drop(busy);
    Ok(start)
}

/// Everything accepted is durable, and in the segments.
async fn settle(domain: &Rc<Domain>, log: &Rc<LogCore>) -> Result<(), StoreFault> {
    let accepted = domain.queue.borrow().next_number();
    if let Some(last) = accepted.checked_sub(1) {
        domain.until_durable(last).await?;
    }
    let flushed = flush_segments(log).await;
    flushed.map(drop).map_err(|(file, error)| domain.fail("flushing segment", &file.to_string(), &error))
}

/// What remains of the segment that becomes the last when the log ends at `position` of `segment`: bytes and largest
/// timestamp.
async fn kept(
    log: &LogCore,
    segment: &Rc<LiveSegment>,
    position: u64,
) -> Result<(u64, Timestamp), ReadError> {
    if position == 0 {
        let state = log.state.borrow();
        let before = state.segments.iter().rev().find(|found| found.base_offset < segment.base);
        return Ok(before.map_or((0, Timestamp::NONE), |found| (found.length, found.max_timestamp)));
    }
    let floor = segment.index.borrow().floor_of_position(position);
    let mut largest = floor.max_timestamp_before;
    let mut walk = Walk::new(segment, floor.position, floor.offset);
    while walk.position() < position {
        let Some((header, _)) = walk.peek().await? else { break };
        largest = largest.max(newest_record(&header));
        walk.skip(&header);
    }
    Ok((position, largest))
}

/// What was attached speaks of records that are gone.
fn drop_attachment_beyond(log: &LogCore, end: Offset) {
    let mut attachment = log.attachment.borrow_mut();
    if attachment.as_ref().is_some_and(|(upto, _)| *upto > end) {
        *attachment = None;
        log.attachment_recorded.set(Offset::ZERO);
    }
}

fn check_open(domain: &Domain, log: &LogCore) -> Result<(), LogError> {
    if let Some(fault) = domain.fault() {
        return Err(LogError::Failed(fault));
    }
    if log.phase.get() == Phase::Open { Ok(()) } else { Err(LogError::Closed) }
}

fn check_inside(log: &LogCore, offset: Offset) -> Result<(), LogError> {
    let (start, end) = (log.start(), log.end());
    if offset < start || offset > end {
        return Err(LogError::OutOfRange { offset, start, end });
    }
    Ok(())
}

fn refused(domain: &Domain, error: ReadError) -> LogError {
    match error {
        ReadError::Damaged(damage) => LogError::Damaged(damage),
        ReadError::Io { file, source } => LogError::Failed(domain.fail("reading segment", &file, &source)),
        ReadError::Closed | ReadError::OutOfRange { .. } => LogError::Closed,
    }
}

/// Appends are refused while it lives.
struct Busy(Rc<LogCore>);

impl Busy {
    fn begin(domain: &Domain, log: &Rc<LogCore>) -> Result<Busy, LogError> {
        check_open(domain, log)?;
        log.phase.set(Phase::Busy);
        Ok(Busy(log.clone()))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if self.0.phase.get() == Phase::Busy {
            self.0.phase.set(Phase::Open);
        }
    }
}
