//! Writes commit groups, one at a time: the journal and, beside it, the segments of large appends.

use super::group::{ITEM_FIELDS_MAX, PlannedGroup};
use super::queue::{GroupLimits, Item, ItemKind};
use super::syncer::WrittenGroup;
use super::{Domain, Running};
use crate::concurrent;
use crate::error::StoreFault;
use std::io;
use std::rc::Rc;
use std::time::Duration;

/// Segments of one group written at the same time.
const WRITES_AT_ONCE: usize = 64;
/// Bytes of batches inside one group.
const INLINE_BYTES_MAX: u64 = 2 << 20;
/// Bytes of batches beside one group.
const EXTERNAL_BYTES_MAX: u64 = 16 << 20;
/// Items of one group.
const ITEMS_MAX: u64 = 4096;
/// Accepted bytes after which the free space is looked at again.
const LOOK_EVERY: u64 = 16 << 20;
/// How long the domain is idle before it writes down that all before is durable.
const CONFIRM_AFTER: Duration = Duration::from_millis(50);

pub(crate) async fn run(domain: Rc<Domain>) {
    let limits = limits(&domain);
    let mut since_look = 0;
    while domain.is_alive() {
        let more = domain.work.notified();
        let items = domain.queue.borrow_mut().take(&limits);
        if items.is_empty() {
            if domain.journal.borrow().confirmed {
                more.await;
            } else if domain.reactor.timeout(CONFIRM_AFTER, more).await.is_err()
                && confirm(&domain).await.is_err()
            {
                return;
            }
            continue;
        }
        since_look += items.iter().map(Item::bytes).sum::<u64>();
        if write_group(&domain, items).await.is_err() {
            return;
        }
        if since_look >= LOOK_EVERY {
            since_look = 0;
            domain.context.space.look().await;
        }
    }
}

fn limits(domain: &Domain) -> GroupLimits {
    let half = domain.journal.borrow().half_bytes();
    GroupLimits {
        inline_bytes: INLINE_BYTES_MAX.min(half / 8),
        external_bytes: EXTERNAL_BYTES_MAX,
        external_min: domain.config.external_bytes_min as u64,
        items: ITEMS_MAX.min(half / 4 / ITEM_FIELDS_MAX as u64) as usize,
    }
}

async fn write_group(domain: &Rc<Domain>, items: Vec<Item>) -> Result<(), StoreFault> {
    let planned = PlannedGroup::plan(&items, domain.config.external_bytes_min as u64);
    let extent = planned.extent();
    until_room(domain, extent).await?;
    let place = domain.journal.borrow().place();
    let (bytes, checksum) = planned.assemble(&domain.reactor, place.header);
    domain.journal.borrow_mut().advance(extent, checksum, planned.external_bytes, false);
    if planned.externals.is_empty() {
        place.file.write_at(bytes, place.position).await.map_err(|error| failed(domain, &error))?;
    } else {
        let (file, position) = (place.file.clone(), place.position);
        let journal = domain.reactor.spawn(async move { file.write_at(bytes, position).await });
        let segments = write_segments(domain, &planned).await;
        journal.await.map_err(|error| failed(domain, &error))?;
        segments?;
    }
    for item in &items {
        if let ItemKind::Append(append) = &item.kind
            && item.log.advance(|marks| marks.written = append.appended.end_offset)
        {
            domain.board.moved(item.log.id);
        }
    }
    domain.board.tell();
    let externals = planned.externals.into_iter().map(|(segment, _)| segment).collect();
    let group = WrittenGroup { sequence: place.header.sequence, half: place.half, items, externals };
    domain.written.borrow_mut().push_back(group);
    domain.to_sync.notify_all();
    Ok(())
}

async fn write_segments(domain: &Rc<Domain>, planned: &PlannedGroup) -> Result<(), StoreFault> {
    let externals = planned.externals.iter().cloned();
    let written =
        concurrent::for_each(&domain.reactor, WRITES_AT_ONCE, externals, |(segment, upto)| async move {
            let file = segment.lease.file;
            segment.write_upto(upto).await.map_err(|error| (file, error))
        });
    for outcome in written.await {
        outcome.map_err(|(file, error)| domain.fail("writing segment", &file.to_string(), &error))?;
    }
    Ok(())
}

fn failed(domain: &Domain, error: &io::Error) -> StoreFault {
    domain.fail("writing journal", &format!("journal-{}", domain.number), error)
}

/// Waits until the journal has room; goes over to the other half when this one is full, or when recovery would have to
/// read too much.
async fn until_room(domain: &Rc<Domain>, extent: u64) -> Result<(), StoreFault> {
    loop {
        let changed = domain.checkpointing.notified();
        {
            let mut journal = domain.journal.borrow_mut();
            let bounded = journal.external_bytes < domain.config.recovery_bytes_max;
            if journal.has_room(extent) && bounded {
                return Ok(());
            }
            if journal.other_half_is_free() {
                journal.switch();
                domain.checkpointing.notify_all();
                return Ok(());
            }
        }
        if let Some(fault) = domain.fault() {
            return Err(fault);
        }
        changed.await;
    }
}

/// Writes an empty group that says: everything before is durable. Without it the last acknowledged group could rot
/// unnoticed, since a damaged last group looks like one that was never finished.
async fn confirm(domain: &Rc<Domain>) -> Result<(), StoreFault> {
    let place = {
        let journal = domain.journal.borrow();
        if journal.durable != journal.last_sequence() || domain.running.get() != Running::Yes {
            return Ok(());
        }
        journal.place()
    };
    let planned = PlannedGroup::plan(&[], 0);
    let extent = planned.extent();
    if !domain.journal.borrow().has_room(extent) {
        domain.journal.borrow_mut().confirmed = true;
        return Ok(());
    }
    let (bytes, checksum) = planned.assemble(&domain.reactor, place.header);
    domain.journal.borrow_mut().advance(extent, checksum, 0, true);
    place.file.write_at(bytes, place.position).await.map_err(|error| failed(domain, &error))?;
    place.file.sync_data().await.map_err(|error| failed(domain, &error))
}
