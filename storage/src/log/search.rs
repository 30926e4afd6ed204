//! Searches by time, walks over headers, and the scrub.

use super::core::{LogCore, Phase};
use super::locate::{self, Walk};
use crate::domain::verifier;
use crate::error::ReadError;
use crate::segment::live::LiveSegment;
use crate::segment::{Expected, check_batches, newest_record};
use ringlog_batch::{BatchView, Scratch};
use ringlog_model::{LeaderEpoch, Offset, Timestamp};
use std::rc::Rc;
use std::time::Duration;

/// Bound of the records of one batch once decoded.
const DECODED_MAX: usize = 256 << 20;
/// How long a check pauses between pieces.
const SCRUB_PAUSE: Duration = Duration::from_millis(5);

/// An answer to a search by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampHit {
    /// The record's offset.
    pub offset: Offset,
    /// Its timestamp.
    pub timestamp: Timestamp,
    /// The leader epoch of its batch.
    pub leader_epoch: LeaderEpoch,
}

/// The first record before `upto` whose timestamp is at least `timestamp`.
pub(crate) async fn find_by_timestamp(
    log: &LogCore,
    timestamp: Timestamp,
    upto: Offset,
) -> Result<Option<TimestampHit>, ReadError> {
    let start = log.start();
    for segment in candidates(log, upto, |largest| largest >= timestamp)? {
        locate::complete_index(log, &segment).await?;
        let floor = segment.index.borrow().floor_of_timestamp(timestamp);
        let mut walk = Walk::new(&segment, floor.position, floor.offset);
        while let Some((header, _)) = walk.peek().await? {
            if header.base_offset >= upto {
                return Ok(None);
            }
            if header.max_timestamp >= timestamp && header.last_offset() >= start {
                let bytes = walk.whole(&header).await?;
                let view = BatchView::parse(&bytes).map_err(|error| walk.damaged(&error.to_string()))?;
                view.verify_checksum().map_err(|error| walk.damaged(&error.to_string()))?;
                let mut scratch = Scratch::default();
                let found = view.first_at_or_after(timestamp, start, &mut scratch, DECODED_MAX);
                if let Some(found) = found.map_err(|error| walk.damaged(&error.to_string()))? {
                    return Ok((found.offset < upto).then_some(TimestampHit {
                        offset: found.offset,
                        timestamp: found.timestamp,
                        leader_epoch: header.leader_epoch,
                    }));
                }
            }
            walk.skip(&header);
        }
    }
    Ok(None)
}

/// The first record before `upto` that has the largest timestamp.
pub(crate) async fn find_max_timestamp(
    log: &LogCore,
    upto: Offset,
) -> Result<Option<TimestampHit>, ReadError> {
    let mut largest = Timestamp::NONE;
    for segment in candidates(log, upto, |_| true)? {
        let whole = segment_end(log, &segment).is_some_and(|end| end <= upto);
        if whole {
            largest = largest.max(segment_largest(log, &segment));
            continue;
        }
        // The limit lies inside: only the batches before it count.
        locate::complete_index(log, &segment).await?;
        let floor = segment.index.borrow().floor_of_offset(upto);
        largest = largest.max(floor.max_timestamp_before);
        let mut walk = Walk::new(&segment, floor.position, floor.offset);
        while let Some((header, _)) = walk.peek().await? {
            if header.last_offset() >= upto {
                break;
            }
            largest = largest.max(newest_record(&header));
            walk.skip(&header);
        }
    }
    if largest == Timestamp::NONE {
        return Ok(None);
    }
    find_by_timestamp(log, largest, upto).await
}

/// Calls `visit` with the header bytes of every batch from the one that holds `from` on.
pub(crate) async fn scan_headers(
    log: &LogCore,
    from: Offset,
    visit: &mut dyn FnMut(&[u8]),
) -> Result<(), ReadError> {
    let (start, end) = (log.start(), log.end());
    if from < start || from > end {
        return Err(ReadError::OutOfRange { offset: from, start, end });
    }
    let segments: Vec<_> = {
        let (state, live) = (log.state.borrow(), log.segments.borrow());
        let both = state.segments.iter().zip(live.iter());
        both.filter(|(segment, _)| segment.end_offset > from).map(|(_, live)| live.clone()).collect()
    };
    for segment in segments {
        let (position, offset) = locate::locate_offset(log, &segment, from.max(segment.base)).await?;
        let mut walk = Walk::new(&segment, position, offset);
        while let Some((header, bytes)) = walk.peek().await? {
            visit(&bytes);
            walk.skip(&header);
        }
    }
    Ok(())
}

/// Checks everything that is in files, pausing between pieces; returns the bytes checked.
pub(crate) async fn verify(log: &LogCore) -> Result<u64, ReadError> {
    let segments: Vec<_> = log.segments.borrow().iter().cloned().collect();
    let mut checked = 0;
    for segment in segments {
        let incarnation = segment.incarnation.get();
        let outcome = verify_segment(log, &segment, Scope::All, || SCRUB_PAUSE).await;
        // A segment that was truncated or given up meanwhile says nothing.
        let same = segment.incarnation.get() == incarnation && segment_end(log, &segment).is_some();
        if same && log.phase.get() != Phase::Deleted {
            checked += outcome?;
        }
    }
    Ok(checked)
}

/// What of a segment is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everything.
    All,
    /// What no reader has checked in this life.
    Unchecked,
}

/// Checks what of a segment is in its file; returns the bytes that are whole.
pub(crate) async fn verify_segment(
    log: &LogCore,
    segment: &Rc<LiveSegment>,
    scope: Scope,
    pause: impl Fn() -> Duration,
) -> Result<u64, ReadError> {
    locate::complete_index(log, segment).await?;
    let epochs = log.state.borrow().epochs.clone();
    let flushed = segment.synced.get();
    let mut at = segment.index.borrow().floor_of_position(0);
    while at.position < flushed {
        let next = {
            let index = segment.index.borrow();
            let further = index.ceiling_of_position(at.position + verifier::PIECE);
            if further.position > flushed { index.ceiling_of_position(at.position + 1) } else { further }
        };
        // The last entries of the active segment may be ahead of what is flushed.
        if next.position > flushed {
            break;
        }
        let checked = segment.lease.history.checked_upto(segment.incarnation.get());
        if scope == Scope::Unchecked && checked >= next.position {
            at = next;
            continue;
        }
        let bytes = file_range(segment, at.position, next.position).await?;
        let expected = Expected {
            base_offset: at.offset,
            end_offset: Some(next.offset),
            fields: Some((at.checksum_before, next.checksum_before)),
            sparse: segment.header.sparse,
            epochs: if at.offset >= log.start() { &epochs } else { &[] },
        };
        check_batches(&bytes, &expected).map_err(|failure| {
            locate::damaged(segment, at.position + failure.position as u64, &failure.reason)
        })?;
        at = next;
        segment.context.reactor.sleep(pause()).await;
    }
    Ok(at.position)
}

/// Reads from the file even what memory has: the file is what is to be checked.
async fn file_range(segment: &Rc<LiveSegment>, from: u64, to: u64) -> Result<bytes::Bytes, ReadError> {
    use crate::format::segment_header::DATA_START;
    let files = &segment.context.files;
    let file = files.get(segment.lease.file, crate::segment::files::Mode::Direct, false).await;
    let file = file.map_err(|error| locate::io_error(segment, error))?;
    let read =
        locate::read_aligned(&segment.context.reactor, &file, DATA_START + from, DATA_START + to).await;
    read.map_err(|error| locate::io_error(segment, error))
}

/// The segments before `upto` whose largest timestamp is wanted.
fn candidates(
    log: &LogCore,
    upto: Offset,
    wanted: impl Fn(Timestamp) -> bool,
) -> Result<Vec<Rc<LiveSegment>>, ReadError> {
    if log.phase.get() == Phase::Deleted {
        return Err(ReadError::Closed);
    }
    let state = log.state.borrow();
    let live = log.segments.borrow();
    let both = state.segments.iter().zip(live.iter());
    let chosen = both.filter(|(segment, _)| segment.base_offset < upto && wanted(segment.max_timestamp));
    Ok(chosen.map(|(_, live)| live.clone()).collect())
}

fn segment_end(log: &LogCore, segment: &LiveSegment) -> Option<Offset> {
    let state = log.state.borrow();
    segment.of(&state).map(|found| found.end_offset)
}

fn segment_largest(log: &LogCore, segment: &LiveSegment) -> Timestamp {
    let state = log.state.borrow();
    segment.of(&state).map_or(Timestamp::NONE, |found| found.max_timestamp)
}
