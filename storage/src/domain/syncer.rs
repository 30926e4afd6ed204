//! Makes written groups durable, one sync at a time: a sync covers every group whose writes had completed when it was
//! submitted.

use super::Domain;
use super::queue::{Item, ItemKind};
use crate::concurrent;
use crate::error::StoreFault;
use crate::segment::live::LiveSegment;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Segments synced at the same time.
const SYNCS_AT_ONCE: usize = 64;

/// A group whose writes have completed.
#[derive(Debug)]
pub(crate) struct WrittenGroup {
    pub(crate) sequence: u64,
    /// Which half of the journal it is in.
    pub(crate) half: usize,
    pub(crate) items: Vec<Item>,
    /// Segments written beside it.
    pub(crate) externals: Vec<Rc<LiveSegment>>,
}

pub(crate) async fn run(domain: Rc<Domain>) {
    while domain.is_alive() {
        let more = domain.to_sync.notified();
        let groups: Vec<_> = domain.written.borrow_mut().drain(..).collect();
        if groups.is_empty() {
            more.await;
            continue;
        }
        if sync(&domain, &groups).await.is_err() {
            return;
        }
        count_durable(&domain, groups);
    }
}

async fn sync(domain: &Rc<Domain>, groups: &[WrittenGroup]) -> Result<(), StoreFault> {
    let halves: BTreeSet<usize> = groups.iter().map(|group| group.half).collect();
    let externals = groups.iter().flat_map(|group| &group.externals);
    let externals: BTreeMap<_, _> = externals.map(|segment| (segment.lease.file, segment.clone())).collect();
    let journal_failed =
        |error| domain.fail("syncing journal", &format!("journal-{}", domain.number), &error);
    if externals.is_empty() {
        for half in halves {
            let file = domain.journal.borrow().half(half);
            file.sync_data().await.map_err(journal_failed)?;
        }
        return Ok(());
    }
    let files: Vec<_> = halves.into_iter().map(|half| domain.journal.borrow().half(half)).collect();
    let journals: Vec<_> =
        files.into_iter().map(|file| domain.reactor.spawn(async move { file.sync_data().await })).collect();
    let synced =
        concurrent::for_each(&domain.reactor, SYNCS_AT_ONCE, externals, |(file, segment)| async move {
            segment.sync().await.map_err(|error| (file, error))
        })
        .await;
    for journal in journals {
        journal.await.map_err(journal_failed)?;
    }
    for outcome in synced {
        outcome.map_err(|(file, error)| domain.fail("syncing segment", &file.to_string(), &error))?;
    }
    Ok(())
}

fn count_durable(domain: &Rc<Domain>, groups: Vec<WrittenGroup>) {
    let mut flushed = 0;
    let mut items = 0;
    for group in &groups {
        domain.journal.borrow_mut().durable = group.sequence;
        for item in &group.items {
            items += 1;
            flushed += item.bytes();
            if let ItemKind::Append(append) = &item.kind
                && item.log.advance(|marks| marks.flushed = append.appended.end_offset)
            {
                domain.board.moved(item.log.id);
            }
        }
    }
    domain.unflushed.set(domain.unflushed.get() - flushed);
    domain.durable_items.set(domain.durable_items.get() + items);
    release(domain);
    domain.board.tell();
    domain.durable.notify_all();
    domain.context.memory.evict();
}

/// Files whose segments are durably gone are retired.
fn release(domain: &Domain) {
    let durable = domain.durable_items.get();
    let mut releases = domain.releases.borrow_mut();
    while releases.front().is_some_and(|(number, _)| *number < durable) {
        for lease in releases.pop_front().map(|(_, leases)| leases).unwrap_or_default() {
            domain.pool.retire(lease);
        }
        domain.sealing.notify_all();
    }
}
