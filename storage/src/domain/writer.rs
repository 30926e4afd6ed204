//! Writes commit groups to the journal, one after another, and sends large appends on their way to the segments beside it.

use super::group::{External, ITEM_FIELDS_MAX, PlannedGroup};
use super::queue::{GroupLimits, Item, ItemKind};
use super::syncer::{self, Group};
use super::{Domain, Running};
use crate::error::StoreFault;
use crate::log::core::{LogCore, Outstanding};
use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::time::Duration;

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
    let mut since_look = 0;
    while domain.is_alive() {
        let more = domain.work.notified();
        let limits = limits(&domain);
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
        if write_group(&domain, items, &limits).await.is_err() {
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
        external_min: (domain.config.external_bytes_min as u64).min(half / 4),
        items: ITEMS_MAX.min(half / 4 / ITEM_FIELDS_MAX as u64) as usize,
    }
}

async fn write_group(domain: &Rc<Domain>, items: Vec<Item>, limits: &GroupLimits) -> Result<(), StoreFault> {
    let mut planned = PlannedGroup::plan(&items, limits.external_min);
    let extent = planned.extent();
    until_room(domain, extent).await?;
    let place = domain.journal.borrow().place();
    let sequence = place.header.sequence;
    let (bytes, checksum) = planned.assemble(&domain.reactor, place.header);
    domain.journal.borrow_mut().advance(extent, checksum, planned.external_bytes, false);
    let externals = std::mem::take(&mut planned.externals);
    let hurries = items.iter().any(Item::hurries);
    let group = Rc::new(Group {
        sequence,
        items: items.len() as u64,
        bytes: items.iter().map(Item::bytes).sum(),
        externals_left: Cell::new(externals.len()),
    });
    domain.groups.borrow_mut().push_back(group.clone());
    let metrics = &domain.metrics;
    metrics.group_items.record(group.items);
    metrics.group_bytes.record(group.bytes);
    metrics.written_bytes.add(extent + planned.external_bytes);
    metrics.unflushed_bytes.set(domain.unflushed.get());
    domain.unrecorded.borrow_mut().push_back((sequence, group.items));
    let logs = expect(sequence, &items, &externals);
    for external in externals {
        domain.reactor.spawn(syncer::write_beside(domain.clone(), external, group.clone())).detach();
    }
    let begun = domain.reactor.now_nanos();
    place.file.write_at(bytes, place.position).await.map_err(|error| failed(domain, &error))?;
    domain.metrics.write.record_nanos(domain.reactor.now_nanos() - begun);
    {
        let mut journal = domain.journal.borrow_mut();
        journal.written = sequence;
        journal.unsynced_halves.insert(place.half);
    }
    for log in logs {
        syncer::settle(domain, &log);
    }
    domain.board.tell();
    if hurries {
        domain.want_sync();
    } else {
        domain.want_sync_later(extent);
    }
    Ok(())
}

/// Notes for every log what of this group it waits for; returns the logs.
fn expect(sequence: u64, items: &[Item], externals: &[External]) -> Vec<Rc<LogCore>> {
    let mut externals = externals.iter().peekable();
    let mut logs = Vec::new();
    for item in items {
        let ItemKind::Append(append) = &item.kind else { continue };
        let end = append.appended.position + append.appended.length;
        // Both lists are in the order of the items.
        let beside = externals.next_if(|next| Rc::ptr_eq(&next.segment, &append.segment) && next.upto == end);
        item.log.outstanding.borrow_mut().push_back(Outstanding {
            sequence,
            end_offset: append.appended.end_offset,
            external: beside.map(|external| (external.segment.clone(), external.upto)),
        });
        logs.push(item.log.clone());
    }
    logs
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
    place.file.sync_data().await.map_err(|error| failed(domain, &error))?;
    let mut journal = domain.journal.borrow_mut();
    journal.written = place.header.sequence;
    journal.synced = place.header.sequence;
    journal.durable = place.header.sequence;
    Ok(())
}
