//! The producer, driven: one task sends what the core has ready and hands it the answers.

use crate::client::place_of;
use crate::core::{
    BatchNumber, Failure, OutgoingRecord, Partitioner, ProducerCore, ProducerOptions, Transmit,
};
use crate::link::Link;
use crate::{Client, ClientError};
use core::time::Duration;
use ringlog_model::{Instant, Offset, PartitionId, PartitionIndex, Timestamp};
use ringlog_native::body::{
    InitProducer, InitProducerReply, Produce, Receipt, TopicDescribe, TopicDescribeReply, TopicPlace,
};
use ringlog_native::{ErrorBody, ErrorCode};
use ringlog_reactor::Task;
use ringlog_reactor::local::Notify;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Beyond the node's own time for a request, before an answer counts as lost.
const ANSWER_MARGIN: Duration = Duration::from_secs(5);

/// Produces to one topic. Records are batched; [`Producer::send`] waits only while the buffer is full.
pub struct Producer {
    shared: Rc<Shared>,
    _pump: Task<()>,
}

struct Shared {
    client: Client,
    options: ProducerOptions,
    topic: RefCell<TopicPlace>,
    /// The topic's places are no longer to be trusted.
    stale: Cell<bool>,
    core: RefCell<ProducerCore>,
    partitioner: RefCell<Partitioner>,
    batches: RefCell<BTreeMap<BatchNumber, Rc<Batch>>>,
    /// Something for the pump to do.
    work: Notify,
    /// Room in the buffer, or nothing left to wait for.
    progress: Notify,
    trouble: RefCell<Option<ClientError>>,
}

/// A batch that somebody may wait for.
struct Batch {
    result: RefCell<Option<Result<Option<Receipt>, ClientError>>>,
    done: Notify,
}

/// The acknowledgement of one record, to come.
pub struct Acknowledged {
    partition: PartitionIndex,
    index: i32,
    batch: Rc<Batch>,
}

impl Acknowledged {
    /// Which partition the record went to.
    #[must_use]
    pub fn partition(&self) -> PartitionIndex {
        self.partition
    }

    /// Waits for it. The offset is `None` with `acks` 0.
    ///
    /// # Errors
    /// [`ClientError`] if the record was not acknowledged.
    pub async fn wait(self) -> Result<Option<Offset>, ClientError> {
        loop {
            let done = self.batch.done.notified();
            if let Some(result) = &*self.batch.result.borrow() {
                return result.clone().map(|receipt| Some(receipt?.base_offset.plus(i64::from(self.index))));
            }
            done.await;
        }
    }

    /// Whether waiting for it would end at once.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.batch.result.borrow().is_some()
    }

    /// The batch's durability receipt, once it has come.
    #[must_use]
    pub fn receipt(&self) -> Option<Receipt> {
        self.batch.result.borrow().as_ref()?.as_ref().ok().copied().flatten()
    }
}

impl Producer {
    /// A producer for a topic that exists.
    ///
    /// # Errors
    /// [`ClientError::UnknownTopic`], or whatever keeps the node from answering.
    pub async fn open(
        client: &Client,
        topic: &str,
        options: ProducerOptions,
    ) -> Result<Producer, ClientError> {
        let mut options = options;
        if let Some(limit) = message_bytes_max(client, topic).await? {
            // A batch above the topic's limit would be refused as a whole for the sake of small records.
            options.batch_bytes = options.batch_bytes.min(limit);
        }
        let topic = client.topic(topic).await?;
        let identity = if options.idempotent { Some(identity(client, &options).await?) } else { None };
        let start = client.reactor().random_u64();
        let shared = Rc::new(Shared {
            client: client.clone(),
            partitioner: RefCell::new(Partitioner::new(topic.partitions.len() as i32, start)),
            topic: RefCell::new(topic),
            stale: Cell::new(false),
            core: RefCell::new(ProducerCore::new(
                options.clone(),
                identity.map(|identity| (identity.producer, identity.epoch)),
            )),
            options,
            batches: RefCell::default(),
            work: Notify::new(),
            progress: Notify::new(),
            trouble: RefCell::default(),
        });
        let pump = client.reactor().spawn(pump(shared.clone()));
        Ok(Producer { shared, _pump: pump })
    }

    /// Takes a record; waits while the buffer is full.
    ///
    /// # Errors
    /// [`ClientError`] if the record cannot be sent at all. Whether it was acknowledged comes out of the result.
    pub async fn send(&self, record: &OutgoingRecord<'_>) -> Result<Acknowledged, ClientError> {
        let shared = &self.shared;
        loop {
            let progress = shared.progress.notified();
            if shared.core.borrow().has_room() {
                break;
            }
            progress.await;
        }
        let partition = match record.partition {
            Some(partition) => place_of(&shared.topic.borrow(), partition)?.index,
            None => shared.partitioner.borrow().choose(record.key),
        };
        let mut record = *record;
        if record.timestamp == Timestamp::NONE {
            record.timestamp = Timestamp(shared.client.reactor().wall_millis());
        }
        let pushed = shared.core.borrow_mut().push(shared.now(), partition, &record)?;
        let pushed = pushed.ok_or(ClientError::GaveUp(partition))?;
        let batch = shared.batch(pushed.batch);
        shared.note_closed();
        if pushed.opened || shared.options.linger.is_zero() || shared.core.borrow().has_ready() {
            shared.work.notify_all();
        }
        Ok(Acknowledged { partition, index: pushed.index, batch })
    }

    /// Sends what lingers and waits until every record so far is acknowledged or has failed.
    ///
    /// # Errors
    /// [`ClientError`] if a batch cannot be built. Refusals come out of each record's [`Acknowledged`].
    pub async fn flush(&self) -> Result<(), ClientError> {
        self.shared.core.borrow_mut().flush()?;
        self.shared.note_closed();
        self.shared.work.notify_all();
        loop {
            let progress = self.shared.progress.notified();
            if self.shared.core.borrow().is_idle() {
                return Ok(());
            }
            progress.await;
        }
    }

    /// What went wrong since the last call, though it is being retried.
    #[must_use]
    pub fn take_trouble(&self) -> Option<ClientError> {
        self.shared.trouble.borrow_mut().take()
    }
}

/// The topic's own limit on batches, if it has one.
async fn message_bytes_max(client: &Client, topic: &str) -> Result<Option<usize>, ClientError> {
    let described = client.ask(&TopicDescribe { name: topic.to_owned() }).await;
    let described: TopicDescribeReply = match described {
        Err(error) if error.code() == Some(ErrorCode::UnknownTopicOrPartition) => {
            return Err(ClientError::UnknownTopic(topic.to_owned()));
        }
        described => described?,
    };
    let limit = described.configs.iter().find(|(name, _)| name == "max.message.bytes");
    Ok(limit.and_then(|(_, value)| value.parse().ok()))
}

/// An identity for idempotence; the node may have to ask its controller first, so this is retried for a while.
async fn identity(client: &Client, options: &ProducerOptions) -> Result<InitProducerReply, ClientError> {
    let give_up = client.reactor().now_nanos() + options.request_timeout.as_nanos() as u64;
    loop {
        match client.ask(&InitProducer).await {
            Err(error) if error.is_retriable() && client.reactor().now_nanos() < give_up => {
                client.reactor().sleep(options.retry_backoff).await;
            }
            answer => return answer,
        }
    }
}

async fn pump(shared: Rc<Shared>) {
    loop {
        let work = shared.work.notified();
        loop {
            let transmit = shared.core.borrow_mut().poll_transmit(shared.now());
            shared.note_closed();
            match transmit {
                Ok(Some(transmit)) => send(&shared, transmit).await,
                Ok(None) => break,
                Err(error) => {
                    // A batch of records that each fitted could not be built. Nothing can be sent in their place.
                    *shared.trouble.borrow_mut() = Some(error.into());
                    break;
                }
            }
        }
        shared.report();
        let deadline = shared.core.borrow().next_deadline();
        match deadline {
            Some(Instant(at)) => {
                let wait = Duration::from_nanos(at.saturating_sub(shared.now().0));
                let _ = shared.client.reactor().timeout(wait, work).await;
            }
            None => work.await,
        }
    }
}

/// Queues one batch on the connection of its partition's owner. Sending stays in the order of the core; only the
/// answer is awaited elsewhere.
async fn send(shared: &Rc<Shared>, transmit: Transmit) {
    let batch = transmit.batch;
    let (link, body, epoch) = match route(shared, transmit.partition).await {
        Ok(route) => route,
        Err(error) => return shared.not_sent(batch, error),
    };
    match link.produce(epoch, &body, transmit.bytes) {
        Ok(None) => {
            let shared = shared.clone();
            let reactor = shared.client.reactor().clone();
            let leaves = async move {
                link.sent().await;
                shared.core.borrow_mut().sent(batch);
                shared.report();
                shared.work.notify_all();
            };
            reactor.spawn(leaves).detach();
        }
        Ok(Some((correlation, answer))) => {
            let shared = shared.clone();
            let timeout = shared.options.request_timeout + ANSWER_MARGIN;
            let reactor = shared.client.reactor().clone();
            let waits = async move {
                let answer = link.within(timeout, correlation, answer).await;
                let receipt = answer.and_then(|frame| frame.decode::<Receipt>().map_err(ClientError::from));
                shared.answered(batch, receipt);
            };
            reactor.spawn(waits).detach();
        }
        Err(error) => shared.not_sent(batch, error),
    }
}

async fn route(
    shared: &Shared,
    partition: PartitionIndex,
) -> Result<(Link, Produce, ringlog_model::LeaderEpoch), ClientError> {
    if shared.stale.get() {
        let name = shared.topic.borrow().name.clone();
        let topic = shared.client.topic(&name).await?;
        *shared.topic.borrow_mut() = topic;
        shared.stale.set(false);
    }
    let (name, topic, place) = {
        let topic = shared.topic.borrow();
        (topic.name.clone(), topic.topic, *place_of(&topic, partition)?)
    };
    let link = shared.client.link_to(&name, &place).await?;
    let body = Produce {
        partition: PartitionId { topic, index: partition },
        acks: shared.options.acks,
        timeout_ms: shared.options.request_timeout.as_millis() as u32,
    };
    Ok((link, body, place.epoch))
}

impl Shared {
    fn now(&self) -> Instant {
        Instant(self.client.reactor().now_nanos())
    }

    fn batch(&self, number: BatchNumber) -> Rc<Batch> {
        let fresh = || Rc::new(Batch { result: RefCell::default(), done: Notify::new() });
        self.batches.borrow_mut().entry(number).or_insert_with(fresh).clone()
    }

    fn note_closed(&self) {
        for partition in self.core.borrow_mut().take_closed() {
            self.partitioner.borrow_mut().batch_closed(partition);
        }
    }

    fn not_sent(&self, batch: BatchNumber, error: ClientError) {
        self.stale.set(true);
        if error.is_retriable() {
            self.core.borrow_mut().not_sent(self.now(), batch);
            *self.trouble.borrow_mut() = Some(error);
        } else {
            let refusal = match error {
                ClientError::Refused(body) => body,
                other => ErrorBody { code: ErrorCode::UnknownTopicOrPartition, message: other.to_string() },
            };
            self.core.borrow_mut().refused(self.now(), batch, refusal);
        }
    }

    fn answered(&self, batch: BatchNumber, receipt: Result<Receipt, ClientError>) {
        match receipt {
            Ok(receipt) => self.core.borrow_mut().acknowledged(batch, receipt),
            Err(ClientError::Refused(error)) => {
                self.stale.set(true);
                if error.code.is_retriable() {
                    *self.trouble.borrow_mut() = Some(ClientError::Refused(error.clone()));
                }
                self.core.borrow_mut().refused(self.now(), batch, error);
            }
            Err(error) => {
                self.stale.set(true);
                *self.trouble.borrow_mut() = Some(error);
                self.core.borrow_mut().lost(self.now(), batch);
            }
        }
        self.report();
        self.work.notify_all();
    }

    /// Passes outcomes on to those who wait for them.
    fn report(&self) {
        let mut any = false;
        loop {
            let Some(outcome) = self.core.borrow_mut().next_outcome() else { break };
            any = true;
            let Some(batch) = self.batches.borrow_mut().remove(&outcome.batch) else { continue };
            let result = outcome.result.map_err(|failure| match failure {
                Failure::Refused(error) => ClientError::Refused(error),
                Failure::Unknown => {
                    ClientError::TimedOut { milliseconds: self.options.delivery_timeout.as_millis() as u64 }
                }
                Failure::NotSent => ClientError::GaveUp(outcome.partition),
            });
            *batch.result.borrow_mut() = Some(result);
            batch.done.notify_all();
        }
        if any {
            self.progress.notify_all();
        }
    }
}
