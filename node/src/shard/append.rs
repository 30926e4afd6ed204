//! Appends on the shard that owns the partitions: from the accepted order to the acknowledgement.
//!
//! ```text
//! queue ──> machine (offset, sequence) ──> log ──> written, flushed ──> machine ──> Acknowledge ──> reply
//! ```

use super::{AppendBatch, AppendReply, AppendRequest, Appended, Hosted, Shard};
use crate::refusal::Refusal;
use bytes::BytesMut;
use core::cell::{Cell, RefCell};
use ringlog_batch::{HEADER_SIZE, patch_base_offset, stamp_log_append_time};
use ringlog_model::{Instant, LeaderEpoch, Offset, Timestamp};
use ringlog_partition::{
    Acknowledged, Acks, Append, AppendRefusal, BatchFacts, Effect, Effects, Event, OfflineReason, Origin,
    RequestId, Space,
};
use ringlog_storage::{AppendError, AppendInput};
use std::rc::Rc;

/// One batch that waits for its acknowledgement.
pub(super) struct WaitingAppend {
    group: Rc<AppendGroup>,
    slot: usize,
    /// The epoch in which it was accepted.
    leader_epoch: LeaderEpoch,
}

/// The batches of one request on this shard: answered together.
struct AppendGroup {
    results: RefCell<Vec<Option<Result<Appended, Refusal>>>>,
    missing: Cell<usize>,
    reply: Cell<Option<AppendReply>>,
}

/// A request whose answer its group will give.
struct Unanswered {
    acks: Acks,
    deadline: Option<Instant>,
    batches: Vec<AppendBatch>,
}

impl AppendGroup {
    fn of(request: AppendRequest) -> (Rc<AppendGroup>, Unanswered) {
        let AppendRequest { acks, deadline, batches, reply } = request;
        let group = AppendGroup {
            results: RefCell::new(batches.iter().map(|_| None).collect()),
            missing: Cell::new(batches.len()),
            reply: Cell::new(Some(reply)),
        };
        (Rc::new(group), Unanswered { acks, deadline, batches })
    }

    fn settle(&self, slot: usize, result: Result<Appended, Refusal>) {
        let earlier = self.results.borrow_mut()[slot].replace(result);
        assert!(earlier.is_none(), "a batch is answered once");
        self.missing.set(self.missing.get() - 1);
        if self.missing.get() > 0 {
            return;
        }
        let results =
            self.results.take().into_iter().map(|result| result.expect("none is missing")).collect();
        if let Some(reply) = self.reply.take() {
            // The connection may be gone; the batches stay.
            let _ = reply.send(results);
        }
    }
}

impl Shard {
    /// Carries out appends in their order, for the life of the shard.
    pub(super) async fn run_appends(&self) {
        while let Some(request) = self.appends.pop().await {
            self.is_appending.set(true);
            let (group, request) = AppendGroup::of(request);
            for (slot, batch) in request.batches.iter().enumerate() {
                if let Some(hosted) = self.hosted_or_refused(&group, slot, batch) {
                    // The machine must not accept what the log would refuse for want of room.
                    self.stores[hosted.store].ready_for(batch.bytes.len()).await;
                    self.append_one(&hosted, batch, &request, &group, slot);
                }
            }
            self.is_appending.set(false);
        }
    }

    /// Carries out an append of a connection of this very shard without the detour over the queue, if nobody is before it
    /// and it need not wait for room; else gives it back.
    pub(super) fn append_at_once(&self, request: AppendRequest) -> Option<AppendRequest> {
        let is_its_turn = !self.is_appending.get() && self.appends.is_empty();
        if !is_its_turn || !self.has_room_for(&request) {
            return Some(request);
        }
        let (group, request) = AppendGroup::of(request);
        for (slot, batch) in request.batches.iter().enumerate() {
            if let Some(hosted) = self.hosted_or_refused(&group, slot, batch) {
                self.append_one(&hosted, batch, &request, &group, slot);
            }
        }
        None
    }

    /// Whether every store that the batches go to has room for all of them.
    fn has_room_for(&self, request: &AppendRequest) -> bool {
        let bytes = request.batches.iter().map(|batch| batch.bytes.len()).sum();
        request.batches.iter().all(|batch| match self.hosted(batch.partition) {
            Ok(hosted) => self.stores[hosted.store].has_room_for(bytes),
            Err(_) => true,
        })
    }

    fn hosted_or_refused(&self, group: &AppendGroup, slot: usize, batch: &AppendBatch) -> Option<Rc<Hosted>> {
        match self.hosted(batch.partition) {
            Ok(hosted) => Some(hosted),
            Err(refusal) => {
                self.counters.appends_refused.add(1);
                group.settle(slot, Err(refusal));
                None
            }
        }
    }

    fn append_one(
        &self,
        hosted: &Hosted,
        batch: &AppendBatch,
        request: &Unanswered,
        group: &Rc<AppendGroup>,
        slot: usize,
    ) {
        let Unanswered { acks, deadline, .. } = *request;
        let name = self.name();
        let leader_epoch = self.leader_epoch(hosted);
        let waiting = WaitingAppend { group: group.clone(), slot, leader_epoch };
        self.waiting_appends.borrow_mut().insert(name, waiting);
        let space = if self.stores[hosted.store].is_disk_full() { Space::Low } else { Space::Enough };
        if hosted.machine.borrow().space() != space {
            self.handle(hosted, Event::Space(space), None);
        }
        let append = Append {
            request: RequestId(name),
            batch: BatchFacts::of(&batch.header),
            acks,
            leader_epoch: batch.leader_epoch,
            deadline,
        };
        self.handle(hosted, Event::Append(append), Some(batch));
        if acks == Acks::None {
            // Accepted, or refused and answered already: nobody waits any longer.
            self.acknowledge(RequestId(name), Ok(nothing_promised()));
        }
    }

    fn leader_epoch(&self, hosted: &Hosted) -> LeaderEpoch {
        hosted.machine.borrow().check_leadership(None).unwrap_or(LeaderEpoch::UNKNOWN)
    }

    /// Tells a partition's machine of an event and carries out what it wants. `batch` is the one that the event is about.
    pub(super) fn handle(&self, hosted: &Hosted, event: Event, batch: Option<&AppendBatch>) {
        let mut effects = Effects::new();
        hosted.machine.borrow_mut().handle(self.now(), event, &mut effects);
        let failed = self.carry_out(hosted, &mut effects, batch);
        if let Some(error) = failed {
            tracing::error!(partition = %hosted.id, %error, "the log refused an accepted batch: the partition stops");
            let offline = Event::GoOffline(OfflineReason::DiskFault);
            hosted.machine.borrow_mut().handle(self.now(), offline, &mut effects);
            self.carry_out(hosted, &mut effects, None);
        }
    }

    fn carry_out(
        &self,
        hosted: &Hosted,
        effects: &mut Effects,
        batch: Option<&AppendBatch>,
    ) -> Option<AppendError> {
        let mut failed = None;
        for effect in effects.drain() {
            match effect {
                Effect::WriteLog { base_offset, last_offset, leader_epoch, log_append_time, .. } => {
                    let batch = batch.expect("only an append writes");
                    let place = Place { base_offset, last_offset, leader_epoch, log_append_time };
                    match write(hosted, batch, &place) {
                        Ok(()) => {
                            self.counters.batches_appended.add(1);
                            self.counters.bytes_appended.add(batch.bytes.len() as u64);
                            hosted.traffic.appended(batch.bytes.len() as u64);
                        }
                        Err(error) => failed = Some(error),
                    }
                }
                Effect::Acknowledge { request, result } => self.acknowledge(request, result),
                Effect::HighWatermark { offset, bytes } => self.wake_fetches(|waiters, woken| {
                    waiters.advanced(hosted.id, offset, bytes, woken);
                }),
                Effect::AttachProducers { offset, snapshot } => {
                    hosted.attach(offset, snapshot);
                    self.producers_left.notify_all();
                }
                Effect::RoleChanged => {
                    self.producers_left.notify_all();
                    self.wake_fetches(|waiters, woken| waiters.role_changed(hosted.id, woken));
                }
            }
        }
        failed
    }

    fn acknowledge(&self, request: RequestId, result: Result<Acknowledged, AppendRefusal>) {
        let Some(waiting) = self.waiting_appends.borrow_mut().remove(&request.0) else { return };
        if result.is_err() {
            self.counters.appends_refused.add(1);
        }
        let leader_epoch = waiting.leader_epoch;
        let result = result.map(|acknowledged| Appended { acknowledged, leader_epoch });
        waiting.group.settle(waiting.slot, result.map_err(Refusal::from));
    }
}

/// Where a batch goes and what the broker writes into it.
struct Place {
    base_offset: Offset,
    last_offset: Offset,
    leader_epoch: LeaderEpoch,
    log_append_time: Option<Timestamp>,
}

fn write(hosted: &Hosted, batch: &AppendBatch, place: &Place) -> Result<(), AppendError> {
    let stamped;
    let (bytes, max_timestamp): (&[u8], _) = match place.log_append_time {
        Some(time) => {
            stamped = stamp(&batch.bytes, time);
            (&stamped, time)
        }
        None => (&batch.bytes, batch.header.max_timestamp),
    };
    // The frame is shared: only the header is copied, the rest goes from the frame into the log's memory.
    let (head, rest) = bytes.split_at(HEADER_SIZE);
    let mut head: [u8; HEADER_SIZE] = head.try_into().expect("split there");
    patch_base_offset(&mut head, place.base_offset, place.leader_epoch);
    hosted.log.append(AppendInput {
        head: &head,
        bytes: rest,
        base_offset: place.base_offset,
        last_offset: place.last_offset,
        max_timestamp,
        leader_epoch: place.leader_epoch,
    })
}

fn stamp(batch: &[u8], time: Timestamp) -> BytesMut {
    let mut stamped = BytesMut::from(batch);
    stamp_log_append_time(&mut stamped, time).expect("the header was parsed when the batch was checked");
    stamped
}

/// What acks = 0 gets.
fn nothing_promised() -> Acknowledged {
    Acknowledged {
        base_offset: Offset(-1),
        log_append_time: Timestamp::NONE,
        log_start: Offset(-1),
        durability: ringlog_model::Durability::Written,
        replicas: 0,
        origin: Origin::Fresh,
    }
}
