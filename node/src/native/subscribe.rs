//! Subscriptions: the node pushes record batches while the client's credit lasts.

use super::{Session, later, plain, produce::known, reply::Refused};
use crate::{
    api::prepare,
    connection::{Line, Outgoing, Part, Pending, Work},
    refusal::Refusal,
    shard::{ReadOutcome, ReadPartition, ReadRequest, ReadWait, Shard},
};
use core::{
    cell::{Cell, RefCell},
    time::Duration,
};
use ringlog_model::{LeaderEpoch, Offset, PartitionId};
use ringlog_native::{
    Correlation, Flags, Frame, Header, Op,
    body::{
        Credit, Deliver, Isolation as AskedIsolation, Subscribe, SubscribeReply, Unsubscribe,
        UnsubscribeReply,
    },
    records_head, response,
};
use ringlog_partition::Isolation;
use ringlog_reactor::{Task, local::Notify};
use std::{collections::BTreeMap, rc::Rc};

/// The most bytes in one delivery (a larger batch comes whole): what one connection may pin at a time per subscription.
const DELIVERY_BYTES_MAX: usize = 1 << 20;

/// The most subscriptions of one connection. A client that reads more partitions opens another connection.
const SUBSCRIPTIONS_MAX: usize = 4096;

/// How long a read waits at the owner before it asks again; only the end of a subscription would have to wait for it.
const WAIT: Duration = Duration::from_secs(30);

/// The subscriptions of one connection, by the correlation of their Subscribe.
pub(super) struct Subscriptions {
    line: Line<Pending>,
    open: RefCell<BTreeMap<Correlation, Rc<Subscription>>>,
}

struct Subscription {
    credit: Cell<u64>,
    granted: Notify,
    /// Pushes deliveries, once the subscription is open. Dropped with it.
    task: RefCell<Option<Task<()>>>,
}

impl Subscription {
    /// Its task refers to it, so both stay until the task is taken out.
    fn end(&self) {
        drop(self.task.take());
    }
}

impl Subscriptions {
    pub(super) fn new(line: Line<Pending>) -> Subscriptions {
        Subscriptions { line, open: RefCell::default() }
    }

    /// Ends all of them with their connection.
    pub(super) fn end_all(&self) {
        for subscription in self.open.take().into_values() {
            subscription.end();
        }
    }

    fn get(&self, id: Correlation) -> Option<Rc<Subscription>> {
        self.open.borrow().get(&id).cloned()
    }
}

/// Opens a subscription. It can be granted credit from here on; it is answered, and begins to push, in its turn.
pub(super) fn begin(session: &Rc<Session>, frame: &Frame) -> Work {
    let id = frame.header.correlation;
    let epoch = frame.header.epoch;
    let asked = match frame.decode::<Subscribe>() {
        Ok(asked) => asked,
        Err(error) => return later(Op::SUBSCRIBE, id, async move { Err(error.into()) }),
    };
    {
        let mut open = session.subscriptions.open.borrow_mut();
        if open.len() >= SUBSCRIPTIONS_MAX || open.contains_key(&id) {
            let message =
                format!("a connection has {SUBSCRIPTIONS_MAX} subscriptions, each with its own correlation");
            let refused = Refused { code: ringlog_native::ErrorCode::InvalidRequest, message };
            return later(Op::SUBSCRIBE, id, async move { Err(refused) });
        }
        let subscription = Subscription {
            credit: Cell::new(asked.credit),
            granted: Notify::new(),
            task: RefCell::new(None),
        };
        open.insert(id, Rc::new(subscription));
    }
    let session = session.clone();
    later(Op::SUBSCRIBE, id, async move {
        let result = open(&session, id, epoch, asked).await;
        if result.is_err() {
            session.subscriptions.open.borrow_mut().remove(&id);
        }
        result
    })
}

async fn open(
    session: &Rc<Session>,
    id: Correlation,
    epoch: LeaderEpoch,
    asked: Subscribe,
) -> Result<Outgoing, Refused> {
    let shard = session.shard();
    let reader = Reader {
        id,
        partition: asked.partition,
        isolation: match asked.isolation {
            AskedIsolation::ReadUncommitted => Isolation::ReadUncommitted,
            AskedIsolation::ReadCommitted => Isolation::ReadCommitted,
        },
        delivery_bytes_max: (asked.delivery_bytes_max as usize).clamp(1, DELIVERY_BYTES_MAX),
    };
    let view = shard.view();
    if view.image.topic(asked.partition.topic).is_none() {
        return Err(Refusal::UnknownTopicId.into());
    }
    // Nothing is read yet: this only checks leadership and offset.
    let outcome = reader.read(shard, asked.offset, known(epoch), 0, None).await?;
    let reply = SubscribeReply { log_start: outcome.log_start, high_watermark: outcome.high_watermark };
    if let Some(subscription) = session.subscriptions.get(id) {
        let pushing = push(session.clone(), subscription.clone(), reader, asked.offset);
        *subscription.task.borrow_mut() = Some(shard.reactor.spawn(pushing));
    }
    Ok(Outgoing::bytes(response(id, outcome.leader_epoch, &reply)))
}

/// Ends a subscription: nothing of it is pushed behind the reply.
pub(super) fn end(session: &Rc<Session>, frame: &Frame) -> Work {
    let correlation = frame.header.correlation;
    match frame.decode::<Unsubscribe>() {
        Ok(asked) => {
            let ended = session.subscriptions.open.borrow_mut().remove(&asked.subscription);
            if let Some(subscription) = ended {
                subscription.end();
            }
            Work::Ready(Outgoing::bytes(plain(correlation, &UnsubscribeReply)))
        }
        Err(error) => later(Op::UNSUBSCRIBE, correlation, async move { Err(error.into()) }),
    }
}

/// Adds to the credit of a subscription; one that is not there may just have ended.
pub(super) fn grant(session: &Rc<Session>, frame: &Frame) -> Work {
    if let Ok(credit) = frame.decode::<Credit>()
        && let Some(subscription) = session.subscriptions.get(credit.subscription)
    {
        subscription.credit.set(subscription.credit.get().saturating_add(credit.bytes));
        subscription.granted.notify_all();
    }
    Work::Nothing
}

/// How one subscription reads.
struct Reader {
    id: Correlation,
    partition: PartitionId,
    isolation: Isolation,
    delivery_bytes_max: usize,
}

impl Reader {
    async fn read(
        &self,
        shard: &Shard,
        from: Offset,
        leader_epoch: Option<LeaderEpoch>,
        bytes_max: usize,
        wait: Option<ReadWait>,
    ) -> Result<ReadOutcome, Refusal> {
        let partition = ReadPartition {
            partition: self.partition,
            from,
            bytes_max,
            leader_epoch,
            last_fetched_epoch: None,
        };
        let request = ReadRequest { partitions: vec![partition], isolation: self.isolation, bytes_max, wait };
        let mut reply = shard.read(shard.owner(self.partition), request).await;
        reply.pop().unwrap_or(Err(Refusal::Stopping))
    }
}

/// Pushes deliveries until the subscription ends.
async fn push(session: Rc<Session>, subscription: Rc<Subscription>, reader: Reader, mut from: Offset) {
    let shard = session.shard();
    while !shard.is_stopping() {
        let granted = subscription.granted.notified();
        let credit = usize::try_from(subscription.credit.get()).unwrap_or(usize::MAX);
        if credit == 0 {
            granted.await;
            continue;
        }
        let wait = ReadWait { bytes_min: 1, until: shard.instant().plus(WAIT) };
        let bytes_max = credit.min(reader.delivery_bytes_max);
        let delivered = match reader.read(shard, from, None, bytes_max, Some(wait)).await {
            Ok(outcome) if outcome.plan.is_empty() => continue,
            Ok(outcome) => delivery(shard, &reader, from, outcome).await,
            Err(refusal) => Err(refusal),
        };
        match delivered {
            Ok((outgoing, bytes, next)) => {
                subscription.credit.set(subscription.credit.get().saturating_sub(bytes as u64));
                from = next;
                session.subscriptions.push(outgoing).await;
            }
            Err(refusal) => {
                let refused = Refused::from(refusal);
                session.subscriptions.push(Outgoing::bytes(refused.frame(Op::DELIVER, reader.id))).await;
                session.subscriptions.open.borrow_mut().remove(&reader.id);
                if let Some(this_task) = subscription.task.take() {
                    this_task.detach();
                }
                return;
            }
        }
    }
}

async fn delivery(
    shard: &Shard,
    reader: &Reader,
    from: Offset,
    mut outcome: ReadOutcome,
) -> Result<(Outgoing, usize, Offset), Refusal> {
    let plan = std::mem::take(&mut outcome.plan);
    let next = plan.end_offset;
    let bytes = usize::try_from(plan.length()).unwrap_or(usize::MAX);
    let reservation = shard.response_budget.reserve(bytes).await;
    let body = prepare(shard, plan).await?;
    let deliver = Deliver {
        from,
        next,
        high_watermark: outcome.high_watermark,
        last_stable: outcome.last_stable,
        log_start: outcome.log_start,
    };
    let header = Header::new(Op::DELIVER, Flags::RESPONSE, reader.id).with_epoch(outcome.leader_epoch);
    let length = body.length();
    let mut parts = vec![Part::Bytes(records_head(header, &deliver, length))];
    parts.extend(body.parts);
    Ok((Outgoing { parts, reservation: Some(reservation) }, length, next))
}

impl Subscriptions {
    async fn push(&self, outgoing: Outgoing) {
        let pending = Pending { work: Work::Ready(outgoing), reservations: (None, None), asked: None };
        // A closed line belongs to a connection that ends, and this task with it.
        let _ = self.line.push(pending).await;
    }
}
