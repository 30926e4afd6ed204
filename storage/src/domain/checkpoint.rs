//! Empties a full journal half: what its groups speak of goes into segments and into the checkpoint file.
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
use crate::space::is_full;
use crate::state::{FileId, LogState};
use ringlog_model::LogId;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::rc::Rc;

/// Logs flushed at the same time.
const FLUSHED_AT_ONCE: usize = 32;

/// What the checkpointer knows between checkpoints.
#[derive(Debug, Default)]
pub(crate) struct CheckpointState {
    /// Logs changed since the last checkpoint began.
    pub(crate) dirty: BTreeSet<LogId>,
    /// Encoded states of the logs changed since the catalog, as of the last checkpoint.
    snapshots: BTreeMap<LogId, Vec<u8>>,
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
    let flushed = concurrent::for_each(&domain.reactor, FLUSHED_AT_ONCE, dirty, |id| {
        let domain = domain.clone();
        async move {
            let log = domain.logs.borrow().get(&id).cloned();
            match log {
                Some(log) => (id, flush(&log).await),
                None => (id, Ok(None)),
            }
        }
    })
    .await;
    let path = domain.checkpoint_path();
    for (id, outcome) in flushed {
        let state =
            outcome.map_err(|(file, error)| domain.fail("flushing segment", &file.to_string(), &error))?;
        domain.checkpoints.borrow_mut().take(id, state);
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

type Flushed = Result<Option<(LogState, Option<Attachment>)>, (FileId, io::Error)>;

/// Takes the log's state and brings every byte it speaks of into the segments, synced. `None` if it was deleted.
async fn flush(log: &Rc<LogCore>) -> Flushed {
    loop {
        if log.phase.get() == Phase::Deleted {
            return Ok(None);
        }
        let state = log.state.borrow().clone();
        let attachment = log.attachment.borrow().clone();
        let whole = flush_segments(log).await?;
        // A truncation meanwhile may have given bytes of this state to others; a segment that was let go of meanwhile may
        // not have been written.
        if whole && log.state.borrow().incarnation == state.incarnation {
            return Ok(Some((state, attachment)));
        }
    }
}

/// Brings everything accepted so far into the segments, synced; false if the log has let go of one of them meanwhile.
pub(crate) async fn flush_segments(log: &Rc<LogCore>) -> Result<bool, (FileId, io::Error)> {
    let segments: Vec<_> =
        log.dirty_segments().into_iter().map(|segment| (segment.length.get(), segment)).collect();
    let mut whole = true;
    for (length, segment) in segments {
        let written = segment.write_behind_upto(length).await;
        written.map_err(|error| (segment.lease.file, error))?;
        segment.sync().await.map_err(|error| (segment.lease.file, error))?;
        whole &= !segment.released.get();
    }
    Ok(whole)
}

impl CheckpointState {
    fn take(&mut self, id: LogId, state: Option<(LogState, Option<Attachment>)>) {
        match state {
            Some((state, attachment)) => {
                let mut out = Encoder::default();
                snapshot::encode(&mut out, &state, attachment.as_ref());
                self.snapshots.insert(id, out.bytes);
            }
            None => {
                self.snapshots.remove(&id);
                self.deleted.insert(id);
            }
        }
    }

    fn encode(&self, mut writer: CatalogWriter) -> Vec<u8> {
        for snapshot in self.snapshots.values() {
            writer.encoded_log(snapshot);
        }
        for log in &self.deleted {
            writer.deleted(*log);
        }
        writer.finish()
    }
}
