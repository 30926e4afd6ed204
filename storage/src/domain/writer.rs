//! Writes commit groups to the journal, a few at a time, and sends large appends on their way to the segments beside it.

use super::group::{External, ITEM_FIELDS_MAX, PlannedGroup};
use super::journal::{GroupPlace, Landing};
use super::queue::{GroupLimits, Item, ItemKind};
use super::syncer::{self, Group};
use super::{Domain, Running};
use crate::error::StoreFault;
use crate::format::BLOCK;
use crate::log::core::{LogCore, Outstanding};
use bytes::Bytes;
use ringlog_reactor::local::Permit;
use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

/// Bytes of batches inside one group, whatever is configured: leaves room in its body for the fields of all items.
const INLINE_BYTES_MAX: u64 = 3 << 20;
/// Bytes of batches beside one group.
const EXTERNAL_BYTES_MAX: u64 = 16 << 20;
/// Items of one group.
const ITEMS_MAX: u64 = 4096;
/// Accepted bytes after which the free space is looked at again.
const LOOK_EVERY: u64 = 16 << 20;
/// How long the domain is idle before it writes down that all before is durable.
const CONFIRM_AFTER: Duration = Duration::from_millis(20);

pub(crate) async fn run(domain: Rc<Domain>) {
    let mut since_look = 0;
    while domain.is_alive() {
        let turn = domain.groups_at_once.acquire(1).await;
        let more = domain.work.notified();
        let limits = limits(&domain);
        let items = domain.queue.borrow_mut().take(&limits);
        if items.is_empty() {
            drop(turn);
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
        if send_group(&domain, items, &limits, turn).await.is_err() {
            return;
        }
        if since_look >= LOOK_EVERY {
            since_look = 0;
            let looking = domain.clone();
            let look = async move {
                looking.context.space.look().await;
                if looking.context.space.is_scarce() {
                    looking.keeping.notify_all();
                }
            };
            domain.reactor.spawn(look).detach();
        }
    }
}

fn limits(domain: &Domain) -> GroupLimits {
    let half = domain.journal.borrow().half_bytes();
    GroupLimits {
        inline_bytes: domain.config.group_bytes_max.min(INLINE_BYTES_MAX).min(half / 8),
        external_bytes: EXTERNAL_BYTES_MAX,
        external_min: (domain.config.external_bytes_min as u64).min(half / 4).max(2 * BLOCK),
        items: ITEMS_MAX.min(half / 4 / ITEM_FIELDS_MAX as u64) as usize,
    }
}

async fn send_group(
    domain: &Rc<Domain>,
    items: Vec<Item>,
    limits: &GroupLimits,
    turn: Permit,
) -> Result<(), StoreFault> {
    let mut planned = PlannedGroup::plan(&items, external_min(domain, &items, limits));
    let extent = planned.extent();
    until_room(domain, extent).await?;
    until_clear(domain, extent).await?;
    let place = domain.journal.borrow().place();
    let sequence = place.header.sequence;
    let (bytes, checksum) = planned.assemble(&domain.reactor, place.header);
    let hurries = items.iter().any(Item::hurries);
    // Else the sync that what was written before it needs covers this group as well.
    let at_once = hurries && domain.journal.borrow().may_sync_itself() && !domain.is_sync_put_off();
    {
        let mut journal = domain.journal.borrow_mut();
        journal.advance(extent, checksum, planned.external_bytes, false);
        journal.send(sequence, at_once);
    }
    let externals = std::mem::take(&mut planned.externals);
    let group = Rc::new(Group {
        sequence,
        items: items.len() as u64,
        bytes: Cell::new(items.iter().map(Item::bytes).sum()),
        externals_left: Cell::new(externals.len()),
    });
    domain.groups.borrow_mut().push_back(group.clone());
    let metrics = &domain.metrics;
    metrics.group_items.record(group.items);
    metrics.group_bytes.record(group.bytes.get());
    metrics.written_bytes.add(extent + planned.external_bytes);
    metrics.unflushed_bytes.set(domain.unflushed.get());
    domain.unrecorded.borrow_mut().push_back((sequence, group.items));
    let logs = expect(sequence, &items, &externals);
    for external in externals {
        domain.reactor.spawn(syncer::write_beside(domain.clone(), external, group.clone())).detach();
    }
    let sent = Sent { place, bytes, extent, logs, hurries, at_once, turn };
    let mut writing = Box::pin(write_group(domain.clone(), sent));
    let is_written = poll_fn(|context| Poll::Ready(writing.as_mut().poll(context).is_ready())).await;
    if !is_written {
        // Many may be about to be answered, or to be accepted: the disk need not wait for that.
        domain.reactor.hand_over();
        domain.reactor.spawn(writing).detach();
    }
    Ok(())
}

/// A group on its way to the journal.
struct Sent {
    place: GroupPlace,
    bytes: Bytes,
    extent: u64,
    logs: Vec<Rc<LogCore>>,
    /// Somebody waits until it is synced.
    hurries: bool,
    /// It brings its own sync.
    at_once: bool,
    turn: Permit,
}

async fn write_group(domain: Rc<Domain>, sent: Sent) {
    let Sent { place, bytes, extent, logs, hurries, at_once, turn } = sent;
    let begun = domain.reactor.now_nanos();
    if hurries {
        let shared = &domain.directory.shared;
        shared.last_awaited_group.store(begun, Ordering::Relaxed);
        if domain.unflushed.get() <= domain.config.small_group_bytes {
            shared.read_pace.commit(begun);
        }
    }
    let write = async {
        if at_once {
            place.file.write_at_dsync(bytes, place.position).await
        } else {
            place.file.write_at(bytes, place.position).await
        }
    };
    if let Err(error) = write.await {
        failed(&domain, &error);
        return;
    }
    domain.metrics.write.record_nanos(domain.reactor.now_nanos() - begun);
    let landing = if at_once { Landing::Synced } else { Landing::Written { half: place.half } };
    let landed = domain.journal.borrow_mut().land(place.header.sequence, landing);
    drop(turn);
    domain.landed.notify_all();
    if !domain.journal.borrow().is_prepared() {
        domain.preparing.notify_all();
    }
    for log in logs {
        syncer::settle(&domain, &log);
        if let Some(segment) = log.active() {
            domain.write_behind(&segment);
        }
    }
    if at_once {
        syncer::count_synced(&domain);
        return;
    }
    if landed > 1 {
        // Later groups had arrived before this one.
        syncer::settle_waiting(&domain);
    }
    domain.board.tell();
    if hurries {
        domain.want_sync();
    } else {
        domain.want_sync_later(extent);
    }
}

/// Notes for every log what of this group it waits for; returns the logs.
fn expect(sequence: u64, items: &[Item], externals: &[External]) -> Vec<Rc<LogCore>> {
    let mut externals = externals.iter().peekable();
    let mut logs = Vec::new();
    for item in items {
        let ItemKind::Append(append) = &item.kind else { continue };
        let end = append.appended.position + append.appended.length;
        // Both lists are in the order of the items.
        let beside = externals.next_if(|next| Rc::ptr_eq(&next.segment, &append.segment) && next.end == end);
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
        let (checkpointed, landed) = (domain.checkpointing.notified(), domain.landed.notified());
        let waits_for_groups = {
            let mut journal = domain.journal.borrow_mut();
            let bounded = journal.external_bytes < domain.config.recovery_bytes_max;
            if journal.has_room(extent) && bounded {
                return Ok(());
            }
            // A straggler would meet the groups that are written there once the half is used again.
            if journal.other_half_is_free() && journal.is_idle() {
                journal.switch();
                domain.checkpointing.notify_all();
                return Ok(());
            }
            journal.other_half_is_free()
        };
        if let Some(fault) = domain.fault() {
            return Err(fault);
        }
        if waits_for_groups {
            landed.await;
        } else {
            checkpointed.await;
        }
    }
}

/// Waits until no zeros are on their way to where the next group goes.
async fn until_clear(domain: &Rc<Domain>, extent: u64) -> Result<(), StoreFault> {
    loop {
        let prepared = domain.prepared.notified();
        {
            let journal = domain.journal.borrow();
            let (half, position) = journal.front();
            if !journal.prepared.is_in_the_way(half, &(position..position + extent)) {
                return Ok(());
            }
        }
        if let Some(fault) = domain.fault() {
            return Err(fault);
        }
        prepared.await;
    }
}

/// From how many bytes on an append of this group goes to its segment directly. A few large ones are durable sooner inside
/// the group: one synced write to blocks that were written before, instead of two of which one changes the file system's
/// records. That writes them twice, which is for nothing where the disk is busy anyway: many at once go directly, and so
/// do all while the checkpoint lags behind. What counts is what is on its way, not what happens to be in this group, and it
/// counts for a while: a log that changes from one way to the other must first write what is in the journal only.
fn external_min(domain: &Domain, items: &[Item], limits: &GroupLimits) -> u64 {
    let large = items.iter().map(Item::bytes).filter(|bytes| *bytes >= limits.external_min);
    let fits = large.sum::<u64>() <= limits.inline_bytes;
    let is_busy = domain.is_busy() || domain.journal.borrow().is_pressed();
    if fits && !is_busy { u64::MAX } else { limits.external_min }
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
    until_clear(domain, extent).await?;
    let (bytes, checksum) = planned.assemble(&domain.reactor, place.header);
    {
        let mut journal = domain.journal.borrow_mut();
        journal.advance(extent, checksum, 0, true);
        journal.send(place.header.sequence, true);
    }
    place.file.write_at_dsync(bytes, place.position).await.map_err(|error| failed(domain, &error))?;
    let mut journal = domain.journal.borrow_mut();
    journal.land(place.header.sequence, Landing::Synced);
    journal.durable = place.header.sequence;
    Ok(())
}
