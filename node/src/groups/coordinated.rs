//! One coordinator with its partition: loaded, asked, written down, and loaded anew when writing failed.

use super::{
    catalogue::Catalogue,
    load::load,
    outbox::{Batch, Outbox},
    requests::{CoordinatorReply, Unavailable},
};
use crate::{
    refusal::Refusal,
    shard::{AppendBatch, AppendRequest, Appended, Hosted, Shard},
};
use core::{cell::RefCell, time::Duration};
use futures_lite::future;
use ringlog_batch::{BatchError, BatchHeader};
use ringlog_coordinator::{Coordinator, Effects, Name, Request};
use ringlog_model::{Instant, LeaderEpoch, PartitionId};
use ringlog_partition::Acks;
use ringlog_reactor::{
    local::Notify,
    reply::{self, ReplyReceiver},
};
use std::rc::Rc;

/// How long to wait before a partition that could not be read or written is loaded again.
const RELOAD_AFTER: Duration = Duration::from_secs(1);

/// A partition of `__consumer_offsets` that this shard leads, and the state of its groups.
pub(super) struct Coordinated {
    pub(super) partition: PartitionId,
    /// The leadership under which it coordinates. Under another it would have to be loaded anew.
    pub(super) epoch: LeaderEpoch,
    hosted: Rc<Hosted>,
    /// None while it is loading. Never borrowed across an await.
    machine: RefCell<Option<Coordinator>>,
    outbox: RefCell<Outbox>,
    /// There are records to append, or the next deadline is another.
    changed: Notify,
}

/// Why a coordinator had to stop writing.
#[derive(Debug, thiserror::Error)]
enum WriteError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("a record cannot be written: {0}")]
    Format(#[from] BatchError),
}

/// An append that is under way.
struct InFlight {
    upto: u64,
    reply: ReplyReceiver<Vec<Result<Appended, Refusal>>>,
}

impl Coordinated {
    pub(super) fn new(shard: &Shard, hosted: Rc<Hosted>, epoch: LeaderEpoch) -> Coordinated {
        // An empty partition has nothing to load: the groups of a topic that was just created are there at once.
        let is_empty = hosted.log.start() == hosted.log.end();
        let machine = is_empty.then(|| {
            let mut machine = Coordinator::new(shard.node.groups.coordinator.clone());
            machine.loaded(shard.now(), &Catalogue::of(shard));
            machine
        });
        Coordinated {
            partition: hosted.id,
            epoch,
            hosted,
            machine: RefCell::new(machine),
            outbox: RefCell::default(),
            changed: Notify::new(),
        }
    }

    /// Handles a request; the answer comes when it is decided and what it rests on is committed.
    pub(super) fn handle(&self, shard: &Shard, request: Request, reply: CoordinatorReply) {
        let refusal = if self.machine.borrow().is_none() {
            Some(Unavailable::Loading)
        } else if is_change(&request) && shard.stores[self.hosted.store].is_disk_full() {
            // Decided and not recorded it would have to be undone: better not begin.
            Some(Unavailable::NotAvailable)
        } else {
            None
        };
        if let Some(refusal) = refusal {
            let _ = reply.send(Err(refusal));
            return;
        }
        let token = self.outbox.borrow_mut().ask(reply);
        let topics = Catalogue::of(shard);
        self.drive(|machine, effects| machine.handle(shard.now(), &topics, token, request, effects));
    }

    /// Topics are gone.
    pub(super) fn topics_deleted(&self, deleted: &[Name]) {
        self.drive(|machine, effects| machine.topics_deleted(deleted, effects));
    }

    pub(super) fn refuse_all(&self, why: Unavailable) {
        self.outbox.borrow_mut().refuse_all(why);
    }

    fn drive(&self, act: impl FnOnce(&mut Coordinator, &mut Effects)) {
        let mut effects = Effects::new();
        let (before, after) = {
            let mut machine = self.machine.borrow_mut();
            let Some(machine) = machine.as_mut() else { return };
            let before = machine.next_deadline();
            act(machine, &mut effects);
            (before, machine.next_deadline())
        };
        let mut outbox = self.outbox.borrow_mut();
        if let Err(error) = outbox.take_in(&mut effects) {
            drop(outbox);
            return self.give_up(&WriteError::Format(error));
        }
        if outbox.has_records() || before != after {
            self.changed.notify_all();
        }
    }

    /// The state is ahead of what the log will hold: it is dropped.
    fn give_up(&self, error: &WriteError) {
        tracing::error!(partition = %self.partition, %error, "groups are loaded anew: their records could not be written");
        self.machine.take();
        self.outbox.borrow_mut().refuse_all(Unavailable::NotAvailable);
        self.changed.notify_all();
    }

    /// Loads, writes and lets deadlines pass until it is dropped or the leadership is lost.
    pub(super) async fn run(&self, shard: &Shard) {
        loop {
            if self.machine.borrow().is_none() {
                match load(shard, &self.hosted, self.epoch).await {
                    Ok(machine) => *self.machine.borrow_mut() = Some(machine),
                    Err(error) => {
                        tracing::error!(partition = %self.partition, %error, "groups could not be loaded");
                        shard.reactor.sleep(RELOAD_AFTER).await;
                        continue;
                    }
                }
            }
            if let Err(error) = self.write(shard).await {
                self.give_up(&error);
            }
            if shard.is_stopping() {
                return;
            }
            shard.reactor.sleep(RELOAD_AFTER).await;
        }
    }

    /// Returns when the machine has been dropped, or an append has failed.
    async fn write(&self, shard: &Shard) -> Result<(), WriteError> {
        let mut in_flight: Option<InFlight> = None;
        loop {
            let changed = self.changed.notified();
            let Some(deadline) = self.deadline() else { return Ok(()) };
            if in_flight.is_none() {
                let batch = self.outbox.borrow_mut().next_batch(shard.now().wall)?;
                if let Some(batch) = batch {
                    in_flight = Some(self.append(shard, batch).await);
                    continue;
                }
            }
            let appended = async {
                match &mut in_flight {
                    Some(in_flight) => Next::Appended((&mut in_flight.reply).await.ok()),
                    None => future::pending().await,
                }
            };
            let due = async {
                shard.reactor.sleep_until(deadline.0).await;
                Next::Due
            };
            let changed = async {
                changed.await;
                Next::Changed
            };
            match future::or(appended, future::or(changed, due)).await {
                Next::Changed => {}
                Next::Due => {
                    let topics = Catalogue::of(shard);
                    self.drive(|machine, effects| machine.tick(shard.now(), &topics, effects));
                }
                Next::Appended(results) => {
                    let Some(InFlight { upto, .. }) = in_flight.take() else { continue };
                    let result = results.and_then(|results| results.into_iter().next());
                    result.unwrap_or(Err(Refusal::Stopping))?;
                    self.outbox.borrow_mut().committed(upto);
                }
            }
        }
    }

    /// When the machine has something to do by itself; none if there is no machine.
    fn deadline(&self) -> Option<Instant> {
        self.machine.borrow().as_ref().map(|machine| machine.next_deadline().unwrap_or(Instant(u64::MAX)))
    }

    async fn append(&self, shard: &Shard, batch: Batch) -> InFlight {
        let header = BatchHeader::parse(&batch.bytes).expect("it was just built");
        let append = AppendBatch {
            partition: self.partition,
            leader_epoch: Some(self.epoch),
            header,
            bytes: batch.bytes,
        };
        let (sender, reply) = reply::channel();
        let request = AppendRequest { acks: Acks::All, deadline: None, batches: vec![append], reply: sender };
        shard.submit_append(shard.id, request).await;
        InFlight { upto: batch.upto, reply }
    }
}

enum Next {
    Appended(Option<Vec<Result<Appended, Refusal>>>),
    Changed,
    Due,
}

/// Whether a request leads to records, sooner or later.
fn is_change(request: &Request) -> bool {
    match request {
        Request::Join(_)
        | Request::Sync(_)
        | Request::Leave(_)
        | Request::OffsetCommit(_)
        | Request::OffsetDelete(_)
        | Request::DeleteGroup { .. }
        | Request::ConsumerHeartbeat(_) => true,
        Request::Heartbeat(_)
        | Request::OffsetFetch(_)
        | Request::ListGroups(_)
        | Request::DescribeGroup { .. }
        | Request::DescribeConsumerGroup { .. } => false,
    }
}
