//! Makes groups durable. One sync of the journal at a time: it covers every group whose write had completed when it was
//! submitted. What is written beside the journal is synced on its own, segment by segment. Where nobody waits for a sync
//! it is put off: see [`lazy`](super::lazy).

use super::Domain;
use super::group::External;
use crate::error::StoreFault;
use crate::log::core::{LogCore, Outstanding};
use ringlog_model::Durability;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

/// A group on its way to the disk.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) sequence: u64,
    /// Items in it.
    pub(crate) items: u64,
    /// Bytes of their batches that are not durable.
    pub(crate) bytes: Cell<u64>,
    /// Writes beside the journal that are not synced.
    pub(crate) externals_left: Cell<usize>,
}

pub(crate) async fn run(domain: Rc<Domain>) {
    while domain.is_alive() {
        let more = domain.to_sync.notified();
        match domain.sync_due_in() {
            None => {
                more.await;
                continue;
            }
            Some(Duration::ZERO) => {}
            Some(later) => {
                // Either way it is asked again.
                domain.reactor.timeout(later, more).await.ok();
                continue;
            }
        }
        domain.begin_sync();
        let (target, halves) = {
            let mut journal = domain.journal.borrow_mut();
            (journal.written, std::mem::take(&mut journal.unsynced_halves))
        };
        for half in halves {
            let file = domain.journal.borrow().half(half);
            let begun = domain.reactor.now_nanos();
            let synced = file.sync_data().await;
            domain.metrics.sync.record_nanos(domain.reactor.now_nanos() - begun);
            if let Err(error) = synced {
                domain.fail("syncing journal", &format!("journal-{}", domain.number), &error);
                return;
            }
        }
        {
            let mut journal = domain.journal.borrow_mut();
            journal.synced = journal.synced.max(target);
        }
        count_synced(&domain);
    }
}

/// Counts what is synced in the journal.
pub(crate) fn count_synced(domain: &Domain) {
    count_recorded(domain);
    settle_waiting(domain);
    count_durable(domain);
}

/// Looks again at the logs that wait for the journal.
pub(crate) fn settle_waiting(domain: &Domain) {
    // Only what was accepted is looked at, so an idle log costs nothing.
    let logs: Vec<_> = std::mem::take(&mut *domain.waiting.borrow_mut()).into_values().collect();
    for log in logs {
        settle(domain, &log);
    }
}

/// Counts groups that are synced in the journal.
fn count_recorded(domain: &Domain) {
    let synced = domain.journal.borrow().synced;
    let mut unrecorded = domain.unrecorded.borrow_mut();
    while let Some(&(sequence, items)) = unrecorded.front() {
        if sequence > synced {
            break;
        }
        unrecorded.pop_front();
        domain.recorded_items.set(domain.recorded_items.get() + items);
    }
    drop(unrecorded);
    release(domain);
}

/// Writes a large append into its segment and syncs it.
pub(crate) async fn write_beside(domain: Rc<Domain>, external: External, group: Rc<Group>) {
    if bring(&domain, &external).await.is_err() {
        return;
    }
    group.externals_left.set(group.externals_left.get() - 1);
    // Others may be accepted in their place: who waits for the slowest of a group leaves the disk idle.
    group.bytes.set(group.bytes.get() - external.bytes);
    domain.unflushed.set(domain.unflushed.get() - external.bytes);
    settle(&domain, &external.log);
    count_durable(&domain);
}

async fn bring(domain: &Domain, external: &External) -> Result<(), StoreFault> {
    let turn = domain.beside.acquire(1).await;
    let segment = &external.segment;
    let failed = |action, error| domain.fail(action, &segment.lease.file.to_string(), &error);
    let begun = domain.reactor.now_nanos();
    let is_patient = external.log.config().durability == Durability::Written;
    let write = async {
        if is_patient {
            segment.write_upto(external.upto).await
        } else {
            segment.write_synced_upto(external.upto).await
        }
    };
    write.await.map_err(|error| failed("writing segment", error))?;
    let written = domain.reactor.now_nanos();
    domain.metrics.write.record_nanos(written - begun);
    settle(domain, &external.log);
    domain.board.tell();
    let mut _turn = turn;
    if is_patient {
        drop(_turn);
        domain.until_next_sync(external.bytes).await;
        _turn = domain.beside.acquire(1).await;
    }
    if segment.has_synced(external.upto) {
        return Ok(());
    }
    let begun = domain.reactor.now_nanos();
    segment.sync_upto(external.upto).await.map_err(|error| failed("syncing segment", error))?;
    domain.metrics.sync.record_nanos(domain.reactor.now_nanos() - begun);
    Ok(())
}

/// Moves a log's marks as far as they go; one that still waits for the journal is looked at again after its next sync.
pub(crate) fn settle(domain: &Domain, log: &Rc<LogCore>) {
    if domain.fault.borrow().is_some() {
        return;
    }
    let (written, synced) = {
        let journal = domain.journal.borrow();
        (journal.written, journal.synced)
    };
    if log.settle(written, synced, domain.recorded_items.get()) {
        domain.board.moved(log.id);
    }
    if log.marks.get().flushed >= log.end() {
        domain.end_moving(log);
    }
    let waits = {
        let outstanding = log.outstanding.borrow();
        let of_released = |batches: &Outstanding| {
            batches.external.as_ref().is_some_and(|(segment, _)| segment.released.get())
        };
        outstanding.back().is_some_and(|last| last.sequence > synced) || outstanding.iter().any(of_released)
    };
    if waits {
        domain.waiting.borrow_mut().insert(log.id, log.clone());
    }
}

/// Counts groups of which everything is durable, in their order.
fn count_durable(domain: &Domain) {
    loop {
        let synced = domain.journal.borrow().synced;
        let mut groups = domain.groups.borrow_mut();
        let Some(group) = groups.front().cloned() else { break };
        if group.sequence > synced || group.externals_left.get() > 0 {
            break;
        }
        groups.pop_front();
        domain.journal.borrow_mut().durable = group.sequence;
        domain.unflushed.set(domain.unflushed.get() - group.bytes.get());
        domain.durable_items.set(domain.durable_items.get() + group.items);
    }
    domain.metrics.unflushed_bytes.set(domain.unflushed.get());
    domain.board.tell();
    domain.durable.notify_all();
    domain.context.memory.evict();
}

/// Logs that wait for the journal.
pub(crate) type Waiting = BTreeMap<ringlog_model::LogId, Rc<LogCore>>;

/// Files whose segments are durably gone are retired.
fn release(domain: &Domain) {
    let recorded = domain.recorded_items.get();
    let mut releases = domain.releases.borrow_mut();
    let now = domain.reactor.now_nanos();
    while releases.front().is_some_and(|release| release.number < recorded) {
        let Some(release) = releases.pop_front() else { break };
        for lease in release.leases {
            domain.pool.retire(lease, now.saturating_add(release.delay));
        }
        domain.keeping.notify_all();
    }
}
