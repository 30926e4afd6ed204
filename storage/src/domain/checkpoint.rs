//! Empties a full journal half: what its groups speak of goes into segments and into the checkpoint file. A block of a segment
//! is written when it is full; the last bytes of a log, which do not fill one, go into the checkpoint file.
//!
//! The checkpoint holds every log that changed since the catalog. States are taken as they are now, ahead of the half
//! that is emptied; the journal's entries that they contain already are passed over by their versions.

use super::{Domain, Running};
use crate::concurrent;
use crate::error::StoreFault;
use crate::format::Encoder;
use crate::format::catalog::CatalogWriter;
use crate::format::snapshot::{self, Attachment};
use crate::log::core::{LogCore, Phase};
use crate::segment::live::LiveSegment;
use crate::space::is_full;
use crate::state::{FileId, LogState};
use ringlog_model::{LogId, Offset};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::rc::Rc;

/// Logs flushed at the same time: few while the journal has room, since every group meanwhile waits for their writes and syncs;
/// else many.
const FLUSHED_AT_LEISURE: usize = 2;
const FLUSHED_AT_ONCE: usize = 32;
/// Logs after which it is looked again which of the two it is.
const LOOKED_AGAIN_AFTER: usize = 64;
/// Logs whose blocks are put aside together, if need be.
const COVERED_AT_ONCE: usize = 4096;
/// The most that a checkpoint keeps of the ends of logs; those of others go to their segments.
const ENDS_MAX: usize = 32 << 20;

/// What the checkpointer knows between checkpoints.
#[derive(Debug, Default)]
pub(crate) struct CheckpointState {
    /// Logs changed since the last checkpoint began.
    pub(crate) dirty: BTreeSet<LogId>,
    /// Encoded states of the logs changed since the catalog, as of the last checkpoint.
    snapshots: BTreeMap<LogId, Vec<u8>>,
    /// What of them is not in their segments: an offset in it and the bytes.
    ends: BTreeMap<LogId, (Offset, Vec<u8>)>,
    /// Bytes of all of them.
    ends_bytes: usize,
    /// Logs deleted since the catalog.
    deleted: BTreeSet<LogId>,
}

pub(crate) async fn run(domain: Rc<Domain>) {
    while domain.is_alive() {
        let more = domain.checkpointing.notified();
        let due = {
            let journal = domain.journal.borrow();
            (journal.checkpointed + 1 < journal.generation)
                .then_some((journal.generation - 1, journal.last_of_full))
        };
        let Some((generation, sequence)) = due else {
            more.await;
            continue;
        };
        if checkpoint(&domain, generation, sequence).await.is_err() {
            return;
        }
        domain.journal.borrow_mut().checkpointed = generation;
        domain.metrics.checkpoints.add(1);
        domain.checkpointing.notify_all();
        domain.preparing.notify_all();
        domain.context.memory.evict();
    }
}

/// Everything in memory is written down once more, for the next open to have nothing to replay. The queue is empty and
/// all groups are synced.
pub(crate) async fn final_checkpoint(domain: &Rc<Domain>) -> Result<(), StoreFault> {
    let (generation, sequence) = {
        let journal = domain.journal.borrow();
        (journal.generation, journal.last_sequence())
    };
    checkpoint(domain, generation, sequence).await
}

async fn checkpoint(domain: &Rc<Domain>, generation: u64, sequence: u64) -> Result<(), StoreFault> {
    let dirty = std::mem::take(&mut domain.checkpoints.borrow_mut().dirty);
    want_attachments(domain, &dirty);
    let rest = if domain.running.get() == Running::Yes { Rest::Kept } else { Rest::Written };
    let dirty: Vec<_> = dirty.into_iter().collect();
    let mut flushed = Vec::new();
    for some in dirty.chunks(COVERED_AT_ONCE) {
        let logs: Vec<_> = some.iter().filter_map(|id| domain.logs.borrow().get(id).cloned()).collect();
        domain.cover_ends(&logs, rest).await?;
        for few in some.chunks(LOOKED_AGAIN_AFTER) {
            let is_hurried = domain.running.get() != Running::Yes || domain.journal.borrow().is_pressed();
            let limit = if is_hurried { FLUSHED_AT_ONCE } else { FLUSHED_AT_LEISURE };
            let few = concurrent::for_each(&domain.reactor, limit, few.to_vec(), |id| {
                let domain = domain.clone();
                async move {
                    let log = domain.logs.borrow().get(&id).cloned();
                    match log {
                        Some(log) => (id, flush(&domain, &log, rest).await),
                        None => (id, Ok(None)),
                    }
                }
            });
            flushed.extend(few.await);
        }
    }
    let path = domain.checkpoint_path();
    for (id, outcome) in flushed {
        let snapshot =
            outcome.map_err(|(file, error)| domain.fail("flushing segment", &file.to_string(), &error))?;
        domain.checkpoints.borrow_mut().take(id, snapshot);
    }
    let clean = domain.running.get() != Running::Yes;
    let boot = domain.directory.shared.boot;
    let writer = CatalogWriter::checkpoint(boot, domain.number, generation, sequence, clean);
    let bytes = domain.checkpoints.borrow().encode(writer);
    let space = &domain.context.space;
    let mut written = domain.reactor.write_file_durably(&path, &bytes).await;
    if written.as_ref().is_err_and(is_full) {
        space.give_up_reserve(&domain.context.files).await;
        written = domain.reactor.write_file_durably(&path, &bytes).await;
    }
    while written.as_ref().is_err_and(is_full) && !space.is_closing() {
        space.looked_at_again().await;
        written = domain.reactor.write_file_durably(&path, &bytes).await;
    }
    written.map_err(|error| domain.fail("writing checkpoint", &path.display().to_string(), &error))
}

/// A fresh attachment of these logs would shorten what their owners must read after a crash.
fn want_attachments(domain: &Domain, dirty: &BTreeSet<LogId>) {
    if domain.running.get() != Running::Yes {
        return;
    }
    let logs = domain.logs.borrow();
    for log in dirty.iter().filter_map(|id| logs.get(id)) {
        let upto = log.attachment.borrow().as_ref().map(|(upto, _)| *upto);
        if upto.is_none_or(|upto| upto < log.marks.get().flushed) {
            domain.board.attachment_wanted(log.id);
        }
    }
    drop(logs);
    domain.board.tell();
}

/// What becomes of the bytes of a log that do not fill its last block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// The checkpoint keeps them.
    Kept,
    /// They go to the segment.
    Written,
}

/// A log as it is in a checkpoint.
#[derive(Debug)]
struct Snapshot {
    state: LogState,
    attachment: Option<Attachment>,
    /// The bytes that are not in the segment.
    end: Vec<u8>,
}

type Flushed = Result<Option<Snapshot>, (FileId, io::Error)>;

/// Takes the log's state and brings every byte it speaks of into the segments, synced, or into the snapshot. `None` if it
/// was deleted.
async fn flush(domain: &Domain, log: &Rc<LogCore>, rest: Rest) -> Flushed {
    loop {
        if log.phase.get() == Phase::Deleted {
            return Ok(None);
        }
        let state = log.state.borrow().clone();
        // What is accepted from now on must not join an append that this state contains and that waits for its group: recovery
        // could neither pass over such an entry nor take it.
        log.whole_upto.set(log.last_item.get());
        let attachment = log.attachment.borrow().clone();
        let is_much = domain.checkpoints.borrow().ends_bytes >= ENDS_MAX;
        let (targets, end) = targets(log, if is_much { Rest::Written } else { rest });
        let whole = flush_to(targets).await?;
        // A truncation meanwhile may have given bytes of this state to others; a segment that was let go of meanwhile may
        // not have been written.
        if whole && log.state.borrow().incarnation == state.incarnation {
            return Ok(Some(Snapshot { state, attachment, end }));
        }
    }
}

/// Brings everything accepted so far into the segments, synced; false if the log has let go of one of them meanwhile.
pub(crate) async fn flush_segments(log: &Rc<LogCore>) -> Result<bool, (FileId, io::Error)> {
    flush_to(targets(log, Rest::Written).0).await
}

type Targets = Vec<(Rc<LiveSegment>, u64)>;

/// How far which segments are to be written, and what is left of the last one.
fn targets(log: &LogCore, rest: Rest) -> (Targets, Vec<u8>) {
    let mut targets: Targets =
        log.dirty_segments().into_iter().map(|segment| (segment.clone(), segment.length.get())).collect();
    let active = log.active();
    let last = targets.last_mut().filter(|(segment, _)| {
        rest == Rest::Kept && active.is_some_and(|active| Rc::ptr_eq(&active, segment))
    });
    let Some((segment, target)) = last else { return (targets, Vec::new()) };
    let (from, end) = segment.end_in_memory();
    *target = from;
    (targets, end)
}

async fn flush_to(targets: Targets) -> Result<bool, (FileId, io::Error)> {
    let mut whole = true;
    for (segment, length) in targets {
        let written = segment.write_behind_upto(length).await;
        written.map_err(|error| (segment.lease.file, error))?;
        segment.sync_upto(length).await.map_err(|error| (segment.lease.file, error))?;
        whole &= !segment.released.get();
    }
    Ok(whole)
}

impl Domain {
    /// Puts aside the blocks that writing these logs down will write again.
    pub(crate) async fn cover_ends(&self, logs: &[Rc<LogCore>], rest: Rest) -> Result<(), StoreFault> {
        let targets = logs.iter().flat_map(|log| targets(log, rest).0);
        let segments = targets.filter(|(segment, target)| segment.written.get() < *target);
        let covered = self.context.cover.cover(segments.map(|(segment, _)| segment)).await;
        covered.map_err(|error| self.fail("putting blocks aside", "cover", &error))
    }

    /// Lets the next checkpoint know that the log's end is in its segment.
    pub(crate) fn end_was_written(&self, log: LogId) {
        let mut checkpoints = self.checkpoints.borrow_mut();
        if checkpoints.ends.contains_key(&log) {
            checkpoints.dirty.insert(log);
        }
    }
}

impl CheckpointState {
    fn take(&mut self, id: LogId, snapshot: Option<Snapshot>) {
        if let Some((_, end)) = self.ends.remove(&id) {
            self.ends_bytes -= end.len();
        }
        let Some(Snapshot { state, attachment, end }) = snapshot else {
            self.snapshots.remove(&id);
            self.deleted.insert(id);
            return;
        };
        let mut out = Encoder::default();
        snapshot::encode(&mut out, &state, attachment.as_ref());
        self.snapshots.insert(id, out.bytes);
        if !end.is_empty() {
            self.ends_bytes += end.len();
            self.ends.insert(id, (state.end.plus(-1), end));
        }
    }

    fn encode(&self, mut writer: CatalogWriter) -> Vec<u8> {
        for snapshot in self.snapshots.values() {
            writer.encoded_log(snapshot);
        }
        for (log, (offset, end)) in &self.ends {
            writer.carried(*log, *offset, end);
        }
        for log in &self.deleted {
            writer.deleted(*log);
        }
        writer.finish()
    }
}
