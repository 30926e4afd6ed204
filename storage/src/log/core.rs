//! The inside of a log: its state, its live segments, its marks.

use crate::config::LogConfig;
use crate::directory::RecoveredLog;
use crate::format::segment_header::SegmentHeader;
use crate::format::snapshot::Attachment;
use crate::log::hints::PositionHints;
use crate::log::rolling::Rolling;
use crate::segment::files::Lease;
use crate::segment::live::{LiveSegment, SegmentContext, SegmentStart};
use crate::state::{LogState, SegmentState};
use crate::store::Marks;
use ringlog_model::{LogId, Offset};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

/// What a log lets happen to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Everything.
    Open,
    /// A truncation is under way: reads only.
    Busy,
    /// Nothing.
    Deleted,
}

/// Batches that were given to a commit group and are not durable yet.
#[derive(Debug)]
pub(crate) struct Outstanding {
    /// The group.
    pub(crate) sequence: u64,
    /// One past the last record.
    pub(crate) end_offset: Offset,
    /// The segment, with the end of the bytes, if they are written beside the journal.
    pub(crate) external: Option<(Rc<LiveSegment>, u64)>,
}

/// A log of this domain.
#[derive(Debug)]
pub(crate) struct LogCore {
    pub(crate) id: LogId,
    pub(crate) state: RefCell<LogState>,
    /// One for each segment of the state.
    pub(crate) segments: RefCell<VecDeque<Rc<LiveSegment>>>,
    pub(crate) marks: Cell<Marks>,
    pub(crate) attachment: RefCell<Option<Attachment>>,
    /// How far an attachment reaches that a recovery is sure to find. A checkpoint may have written a newer one down.
    pub(crate) attachment_recorded: Cell<Offset>,
    pub(crate) phase: Cell<Phase>,
    pub(crate) hints: RefCell<PositionHints>,
    /// In the order of offsets.
    pub(crate) outstanding: RefCell<VecDeque<Outstanding>>,
    /// Something of it is not durable.
    pub(crate) is_moving: Cell<bool>,
    /// The log's newest item in the commit queue.
    pub(crate) last_item: Cell<Option<u64>>,
    /// The item that was the last one when a checkpoint took the log's state: nothing may be added to it.
    pub(crate) whole_upto: Cell<Option<u64>>,
    /// How long files stay that it lets go of, nanoseconds.
    pub(crate) file_delete_delay: Cell<u64>,
    pub(crate) rolling: Cell<Rolling>,
}

impl LogCore {
    pub(crate) fn recovered(context: &Rc<SegmentContext>, log: RecoveredLog) -> Rc<LogCore> {
        let core = LogCore::new(log.state);
        core.attachment_recorded.set(log.attachment.as_ref().map_or(Offset::ZERO, |(upto, _)| *upto));
        *core.attachment.borrow_mut() = log.attachment;
        let last = core.state.borrow().segments.len().saturating_sub(1);
        let state = core.state.borrow();
        let live = state.segments.iter().enumerate().map(|(index, segment)| {
            let carried = if index == last { log.carried.as_slice() } else { &[] };
            let length = segment.length - carried.len() as u64;
            let start = SegmentStart {
                length,
                // The file of an empty segment may never have been made.
                allocated: (length == 0).then_some(0),
                limit: state.config.segment_bytes,
                sealed: index < last,
            };
            let lease = Arc::new(Lease::new(segment.file));
            let live = LiveSegment::new(context.clone(), lease, core.header(segment), start);
            live.append(carried);
            live
        });
        let live: VecDeque<_> = live.collect();
        drop(state);
        *core.segments.borrow_mut() = live;
        Rc::new(core)
    }

    pub(crate) fn created(state: LogState) -> Rc<LogCore> {
        Rc::new(LogCore::new(state))
    }

    fn new(state: LogState) -> LogCore {
        let marks = Marks { written: state.end, flushed: state.end };
        LogCore {
            id: state.log,
            state: RefCell::new(state),
            segments: RefCell::default(),
            marks: Cell::new(marks),
            attachment: RefCell::default(),
            attachment_recorded: Cell::new(Offset::ZERO),
            phase: Cell::new(Phase::Open),
            hints: RefCell::default(),
            outstanding: RefCell::default(),
            is_moving: Cell::new(false),
            last_item: Cell::new(None),
            whole_upto: Cell::new(None),
            file_delete_delay: Cell::new(0),
            rolling: Cell::default(),
        }
    }

    /// What the first block of a segment's file says.
    pub(crate) fn header(&self, segment: &SegmentState) -> SegmentHeader {
        let state = self.state.borrow();
        SegmentHeader {
            log: self.id,
            incarnation: segment.incarnation,
            base_offset: segment.base_offset,
            created: segment.created,
            partition: state.partition,
            topic: state.topic.clone(),
            sparse: segment.sparse,
        }
    }

    pub(crate) fn end(&self) -> Offset {
        self.state.borrow().end
    }

    pub(crate) fn start(&self) -> Offset {
        self.state.borrow().start
    }

    pub(crate) fn config(&self) -> LogConfig {
        self.state.borrow().config
    }

    /// See [`Log::segment_age_max`](crate::Log::segment_age_max).
    pub(crate) fn segment_age_max(&self) -> i64 {
        let state = self.state.borrow();
        let base = state.segments.back().map_or(state.end, |last| last.base_offset);
        self.rolling.get().age_max(state.config.segment_ms, state.partition, base)
    }

    /// The segment that takes the appends.
    pub(crate) fn active(&self) -> Option<Rc<LiveSegment>> {
        self.segments.borrow().back().cloned()
    }

    /// The segment that holds `offset`.
    pub(crate) fn segment_of(&self, offset: Offset) -> Option<Rc<LiveSegment>> {
        let index = self.state.borrow().segment_index(offset)?;
        self.segments.borrow().get(index).cloned()
    }

    /// Segments that hold bytes which are not in their files.
    pub(crate) fn dirty_segments(&self) -> Vec<Rc<LiveSegment>> {
        let dirty = |segment: &&Rc<LiveSegment>| segment.synced.get() < segment.length.get();
        self.segments.borrow().iter().filter(dirty).cloned().collect()
    }

    /// Removes the live segments that the state no longer has, and shortens the last to what it has.
    pub(crate) fn follow_state(&self) {
        let state = self.state.borrow();
        let mut segments = self.segments.borrow_mut();
        segments.retain(|live| state.segments.iter().any(|segment| segment.base_offset == live.base));
        debug_assert_eq!(segments.len(), state.segments.len());
        if let (Some(live), Some(segment)) = (segments.back(), state.segments.back())
            && live.incarnation.get() != segment.incarnation
        {
            live.shorten(segment.length, segment.incarnation);
        }
        self.hints.borrow_mut().clear();
    }

    /// Moves the marks as far as the journal (greatest sequences written and synced) and the segments allow; whether
    /// they moved. A log's batches become durable in their order, whatever other logs of the same groups still wait for. What was
    /// in a segment that the log has let go of counts when that is durable (changes before `recorded` are): until then
    /// recovery would miss it, and end the log before it.
    pub(crate) fn settle(&self, journal_written: u64, journal_synced: u64, recorded: u64) -> bool {
        let before = self.marks.get();
        let mut after = before;
        let mut outstanding = self.outstanding.borrow_mut();
        let is_written = |batches: &&Outstanding| {
            let external = batches.external.as_ref();
            batches.sequence <= journal_written
                && external
                    .is_none_or(|(segment, upto)| segment.written.get() >= *upto || segment.is_gone(recorded))
        };
        if let Some(last) = outstanding.iter().take_while(is_written).last() {
            after.written = after.written.max(last.end_offset);
        }
        while let Some(first) = outstanding.front() {
            let external = first.external.as_ref();
            let in_segment = external
                .is_none_or(|(segment, upto)| segment.synced.get() >= *upto || segment.is_gone(recorded));
            if first.sequence > journal_synced || !in_segment {
                break;
            }
            after.flushed = first.end_offset;
            outstanding.pop_front();
        }
        after.written = after.written.max(after.flushed);
        assert!(after.flushed <= after.written && after.written <= self.end(), "flushed <= written <= end");
        self.marks.set(after);
        after != before
    }
}
