//! Accepting batches: checked against the log's end, copied into the tail, queued for the next commit group.

use super::core::{LogCore, Phase};
use crate::domain::queue::QueuedAppend;
use crate::domain::{Domain, Running};
use crate::error::AppendError;
use crate::segment::batch_fields_checksum;
use crate::segment::live::{LiveSegment, SegmentStart};
use crate::state::{Appended, Change};
use ringlog_batch::{BatchError, BatchHeader, split_batches};
use ringlog_model::{LeaderEpoch, Offset, Timestamp};
use std::rc::Rc;

/// Largest append: positions of a segment stay below 2^32.
const APPEND_BYTES_MAX: usize = 2 << 30;

/// Whole batches to append, their base offsets and leader epochs already patched, CRCs already checked.
#[derive(Clone, Copy, Debug)]
pub struct AppendInput<'a> {
    /// Empty, or the header of the only batch, whose other bytes are in `bytes`: so that what a broker writes into the
    /// header does not cost a copy of the batch.
    pub head: &'a [u8],
    /// One or more batches, one after another.
    pub bytes: &'a [u8],
    /// The first batch's base offset: the log's end.
    pub base_offset: Offset,
    /// The last record's offset (inclusive).
    pub last_offset: Offset,
    /// The largest timestamp in it.
    pub max_timestamp: Timestamp,
    /// The leader epoch in all the batches.
    pub leader_epoch: LeaderEpoch,
}

impl<'a> AppendInput<'a> {
    fn length(&self) -> u64 {
        (self.head.len() + self.bytes.len()) as u64
    }

    /// Each batch's header, with bytes that begin with it.
    fn headers(&self) -> impl Iterator<Item = Result<(BatchHeader, &'a [u8]), BatchError>> + use<'a> {
        let (head, length) = (self.head, self.length());
        let alone = (!head.is_empty()).then(|| match BatchHeader::parse(head) {
            Ok(header) if header.size() as u64 == length => Ok((header, head)),
            Ok(header) => Err(BatchError::Truncated { needed: header.size(), available: length as usize }),
            Err(error) => Err(error),
        });
        let rest = if head.is_empty() { self.bytes } else { &[] };
        alone
            .into_iter()
            .chain(split_batches(rest).map(|batch| batch.map(|batch| (*batch.header(), batch.bytes()))))
    }
}

/// See [`Log::append`](crate::Log::append).
pub(crate) fn append(
    domain: &Rc<Domain>,
    log: &Rc<LogCore>,
    input: AppendInput<'_>,
) -> Result<(), AppendError> {
    admit(domain, log, &input)?;
    check(log, &input)?;
    let segment = segment_for(domain, log, input.length());
    let appended = Appended {
        position: segment.length.get(),
        length: input.length(),
        base_offset: input.base_offset,
        end_offset: input.last_offset.plus(1),
        max_timestamp: input.max_timestamp,
        leader_epoch: input.leader_epoch,
    };
    let version = {
        let mut state = log.state.borrow_mut();
        state.apply(&Change::Appended(appended), 1).expect("the append was checked against this state");
        state.version
    };
    let idle = domain.context.memory.is_empty();
    if segment.length.get() == 0 {
        segment.began.set(domain.reactor.wall_millis());
    }
    segment.append(input.head);
    segment.append(input.bytes);
    index(&segment, &appended, &input);
    segment.index_count.set(segment.index_count.get().with(appended.length, &log.rolling.get()));
    queue(domain, log, &segment, appended, version, &input);
    domain.checkpoints.borrow_mut().dirty.insert(log.id);
    domain.unflushed.set(domain.unflushed.get() + appended.length);
    domain.begin_moving(log);
    if appended.length >= domain.config.external_bytes_min as u64 {
        domain.write_early(log, &segment);
    }
    domain.work.notify_all();
    if idle {
        domain.sealing.notify_all();
    }
    Ok(())
}

fn admit(domain: &Domain, log: &LogCore, input: &AppendInput<'_>) -> Result<(), AppendError> {
    if let Some(fault) = domain.fault() {
        return Err(AppendError::Failed(fault));
    }
    if log.phase.get() != Phase::Open || domain.running.get() != Running::Yes {
        return Err(AppendError::Closed);
    }
    if domain.context.space.is_full() {
        return Err(AppendError::DiskFull);
    }
    if input.length() > APPEND_BYTES_MAX as u64 {
        return Err(AppendError::TooLarge(input.length() as usize));
    }
    let unflushed = domain.unflushed.get();
    // One that is larger than the bound by itself must still get through.
    if unflushed > 0 && unflushed + input.length() > domain.config.unflushed_bytes_max {
        return Err(AppendError::Backpressure);
    }
    Ok(())
}

fn check(log: &LogCore, input: &AppendInput<'_>) -> Result<(), AppendError> {
    let state = log.state.borrow();
    if input.base_offset != state.end {
        return Err(AppendError::NotAtEnd { found: input.base_offset, end: state.end });
    }
    if state.epochs.last().is_some_and(|&(known, _)| input.leader_epoch < known) {
        return Err(AppendError::Malformed(format!("leader epoch {} goes back", input.leader_epoch)));
    }
    let mut next = input.base_offset;
    for batch in input.headers() {
        let (header, _) = batch.map_err(|error| AppendError::Malformed(error.to_string()))?;
        let fits = header.base_offset == next
            && header.next_offset() > next
            && header.leader_epoch == input.leader_epoch;
        if !fits {
            return Err(AppendError::Malformed(format!(
                "a batch at offset {} where {next} is due",
                header.base_offset
            )));
        }
        next = header.next_offset();
    }
    if next != input.last_offset.plus(1) {
        return Err(AppendError::Malformed(format!("the batches end before offset {next}")));
    }
    Ok(())
}

/// The segment that takes `length` more bytes: a new one when the last is full or old.
fn segment_for(domain: &Domain, log: &Rc<LogCore>, length: u64) -> Rc<LiveSegment> {
    let active = log.active();
    if let Some(active) = &active
        && !is_due(domain, log, active, length)
    {
        return active.clone();
    }
    open_segment(domain, log)
}

/// Begins a segment at the log's end; the one before is sealed.
pub(crate) fn open_segment(domain: &Domain, log: &Rc<LogCore>) -> Rc<LiveSegment> {
    let active = log.active();
    let created = Timestamp(domain.reactor.wall_millis());
    let (lease, allocated) = domain.pool.take();
    domain.apply(log, Change::SegmentOpened { created, file: lease.file });
    let header = {
        let state = log.state.borrow();
        let opened = state.segments.back().expect("a segment was just opened").clone();
        drop(state);
        log.header(&opened)
    };
    let start = SegmentStart {
        length: 0,
        allocated: Some(allocated.unwrap_or(0)),
        limit: log.config().segment_bytes,
        sealed: false,
    };
    let segment = LiveSegment::new(domain.context.clone(), lease, header, start);
    log.segments.borrow_mut().push_back(segment.clone());
    if let Some(full) = active {
        domain.to_seal.borrow_mut().push_back((log.clone(), full.base));
        domain.sealing.notify_all();
    }
    segment
}

fn is_due(domain: &Domain, log: &LogCore, active: &LiveSegment, length: u64) -> bool {
    let held = active.length.get();
    let age = domain.reactor.wall_millis() - active.began.get();
    held > 0
        && (held + length > log.config().segment_bytes
            || age > log.segment_age_max()
            || active.index_count.get().is_full(&log.rolling.get()))
}

fn index(segment: &LiveSegment, appended: &Appended, input: &AppendInput<'_>) {
    let mut index = segment.index.borrow_mut();
    // After a restart the index of the active segment is completed when somebody needs it.
    if index.end().position != appended.position {
        return;
    }
    for (header, bytes) in input.headers().flatten() {
        index.add(&header, bytes);
    }
}

fn queue(
    domain: &Domain,
    log: &Rc<LogCore>,
    segment: &Rc<LiveSegment>,
    appended: Appended,
    version: u64,
    input: &AppendInput<'_>,
) {
    let add = |before, (_, bytes): (BatchHeader, &[u8])| batch_fields_checksum(before, bytes);
    let mut queue = domain.queue.borrow_mut();
    if let Some((joined_version, joined)) = queue.joinable(log, segment, &appended) {
        *joined_version = version;
        joined.steps += 1;
        joined.appended.length += appended.length;
        joined.appended.end_offset = appended.end_offset;
        joined.appended.max_timestamp = joined.appended.max_timestamp.max(appended.max_timestamp);
        joined.checksum = input.headers().flatten().fold(joined.checksum, add);
        return;
    }
    let checksum = input.headers().flatten().fold(0, add);
    queue.push_append(log, version, QueuedAppend { segment: segment.clone(), appended, steps: 1, checksum });
}
