//! The consumer, driven: one task per partition keeps a subscription open and survives lost connections.

use crate::client::place_of;
use crate::core::{ReceivedRecord, SubscriptionCore, visit_records};
use crate::link::{Inbox, Link};
use crate::{Client, ClientError};
use bytes::Bytes;
use core::time::Duration;
use ringlog_batch::Scratch;
use ringlog_model::{Offset, PartitionId, PartitionIndex, Timestamp};
use ringlog_native::body::{Deliver, Isolation, OffsetQuery, Subscribe, TopicPlace};
use ringlog_native::{Correlation, ErrorCode};
use ringlog_reactor::Task;
use ringlog_reactor::local::Notify;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// A compressed batch may become this large, and no larger.
const DECOMPRESSED_BYTES_MAX: usize = 256 << 20;

/// Where a consumer begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At each partition's first record.
    Beginning,
    /// With the records that come next.
    End,
    /// At this offset of each partition.
    Offset(Offset),
    /// At each partition's first record of this time or later.
    Timestamp(Timestamp),
}

/// How a consumer behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerOptions {
    /// Bytes of batches that may wait to be consumed, per partition.
    pub window_bytes: u64,
    /// Bytes of batches in one delivery.
    pub delivery_bytes_max: u32,
    /// What of transactions is seen.
    pub isolation: Isolation,
    /// How long to wait before a lost subscription is opened again.
    pub retry_backoff: Duration,
    /// For how long a lost subscription is tried to be opened again.
    pub retry_timeout: Duration,
}

impl Default for ConsumerOptions {
    fn default() -> ConsumerOptions {
        ConsumerOptions {
            window_bytes: 4 << 20,
            delivery_bytes_max: 1 << 20,
            isolation: Isolation::ReadUncommitted,
            retry_backoff: Duration::from_millis(100),
            retry_timeout: Duration::from_secs(60),
        }
    }
}

/// Record batches of one partition.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// Which partition.
    pub partition: PartitionIndex,
    /// Where they stand.
    pub deliver: Deliver,
    /// The batches as they are in the log.
    pub batches: Bytes,
}

impl Delivered {
    /// Calls `visit` with every record that is new, in order, until it returns `false`.
    ///
    /// # Errors
    /// [`ClientError::Batch`] where a batch is damaged.
    pub fn visit(
        &self,
        scratch: &mut Scratch,
        visit: impl FnMut(ReceivedRecord<'_>) -> bool,
    ) -> Result<(), ClientError> {
        visit_records(&self.batches, self.deliver.from, scratch, DECOMPRESSED_BYTES_MAX, visit)
            .map_err(ClientError::from)
    }
}

/// Consumes partitions of one topic.
pub struct Consumer {
    shared: Rc<Shared>,
    starts: BTreeMap<PartitionIndex, Offset>,
    _readers: Vec<Task<()>>,
}

struct Shared {
    client: Client,
    options: ConsumerOptions,
    name: String,
    arrived: RefCell<VecDeque<Result<Arrived, ClientError>>>,
    changed: Notify,
}

struct Arrived {
    delivered: Delivered,
    subscription: Rc<RefCell<Subscription>>,
}

/// A partition's subscription as it is open at the moment.
struct Subscription {
    core: SubscriptionCore,
    open: Option<(Link, Correlation)>,
}

impl Consumer {
    /// A consumer of all partitions of a topic.
    ///
    /// # Errors
    /// As [`Consumer::open`].
    pub async fn open_all(
        client: &Client,
        topic: &str,
        start: Start,
        options: ConsumerOptions,
    ) -> Result<Consumer, ClientError> {
        let place = client.topic(topic).await?;
        let starts: Vec<_> = place.partitions.iter().map(|partition| (partition.index, start)).collect();
        Consumer::open(client, topic, &starts, options).await
    }

    /// A consumer of these partitions, each from its own start.
    ///
    /// # Errors
    /// [`ClientError::UnknownTopic`], [`ClientError::UnknownPartition`], or what keeps the node from answering.
    pub async fn open(
        client: &Client,
        topic: &str,
        partitions: &[(PartitionIndex, Start)],
        options: ConsumerOptions,
    ) -> Result<Consumer, ClientError> {
        let place = client.topic(topic).await?;
        let mut starts = BTreeMap::new();
        for &(partition, start) in partitions {
            starts.insert(partition, start_of(client, &place, partition, start, &options).await?);
        }
        let shared = Rc::new(Shared {
            client: client.clone(),
            options,
            name: topic.to_owned(),
            arrived: RefCell::default(),
            changed: Notify::new(),
        });
        let readers = starts
            .iter()
            .map(|(&partition, &offset)| client.reactor().spawn(read(shared.clone(), partition, offset)))
            .collect();
        Ok(Consumer { shared, starts, _readers: readers })
    }

    /// Where each partition began.
    #[must_use]
    pub fn starts(&self) -> &BTreeMap<PartitionIndex, Offset> {
        &self.starts
    }

    /// The next batches of any partition. Taking them grants the node as many bytes again.
    ///
    /// # Errors
    /// [`ClientError`] when a partition cannot be read any further.
    pub async fn next(&self) -> Result<Delivered, ClientError> {
        loop {
            let changed = self.shared.changed.notified();
            let arrived = self.shared.arrived.borrow_mut().pop_front();
            if let Some(arrived) = arrived {
                let Arrived { delivered, subscription } = arrived?;
                subscription.borrow_mut().consumed(delivered.batches.len() as u64);
                return Ok(delivered);
            }
            changed.await;
        }
    }
}

async fn start_of(
    client: &Client,
    topic: &TopicPlace,
    partition: PartitionIndex,
    start: Start,
    options: &ConsumerOptions,
) -> Result<Offset, ClientError> {
    let query = match start {
        Start::Offset(offset) => {
            place_of(topic, partition)?;
            return Ok(offset);
        }
        Start::Beginning => OffsetQuery::Beginning,
        Start::End => OffsetQuery::End,
        Start::Timestamp(timestamp) => OffsetQuery::Timestamp(timestamp),
    };
    Ok(client.list_offset(topic, partition, query, options.isolation).await?.offset)
}

/// Keeps one partition subscribed until it cannot be.
async fn read(shared: Rc<Shared>, partition: PartitionIndex, offset: Offset) {
    let core = SubscriptionCore::new(offset, shared.options.window_bytes);
    let subscription = Rc::new(RefCell::new(Subscription { core, open: None }));
    let reactor = shared.client.reactor().clone();
    let mut give_up = None;
    loop {
        let before = subscription.borrow().core.next_offset();
        let error = follow(&shared, partition, &subscription).await;
        subscription.borrow_mut().open = None;
        let progressed = subscription.borrow().core.next_offset() != before;
        let now = reactor.now_nanos();
        let timeout = shared.options.retry_timeout.as_nanos() as u64;
        if progressed || give_up.is_none() {
            give_up = Some(now.saturating_add(timeout));
        }
        if !may_be_followed_again(&error) || give_up.is_some_and(|at| now >= at) {
            shared.arrived.borrow_mut().push_back(Err(error));
            return shared.changed.notify_all();
        }
        reactor.sleep(shared.options.retry_backoff).await;
    }
}

fn may_be_followed_again(error: &ClientError) -> bool {
    // Bytes damaged on the way are sent anew; the log itself is checked by the node.
    error.is_retriable() && error.code() != Some(ErrorCode::CorruptMessage)
}

/// Opens a subscription and passes on what it delivers; returns why it ended.
async fn follow(
    shared: &Shared,
    partition: PartitionIndex,
    subscription: &Rc<RefCell<Subscription>>,
) -> ClientError {
    let inbox = match subscribe(shared, partition, subscription).await {
        Ok(inbox) => inbox,
        Err(error) => return error,
    };
    loop {
        let (deliver, batches) = match inbox.next().await {
            Ok(arrived) => arrived,
            Err(error) => return error,
        };
        if !subscription.borrow_mut().core.delivered(&deliver) {
            return ClientError::Reply(ringlog_native::DecodeError::Value {
                field: "offset that follows the last delivery",
                value: deliver.from.0,
            });
        }
        let delivered = Delivered { partition, deliver, batches };
        let subscription = subscription.clone();
        shared.arrived.borrow_mut().push_back(Ok(Arrived { delivered, subscription }));
        shared.changed.notify_all();
    }
}

async fn subscribe(
    shared: &Shared,
    partition: PartitionIndex,
    subscription: &Rc<RefCell<Subscription>>,
) -> Result<Rc<Inbox>, ClientError> {
    let topic = shared.client.topic(&shared.name).await?;
    let place = place_of(&topic, partition)?;
    let link = shared.client.link_to(&topic.name, place).await?;
    let inbox = Rc::new(Inbox::default());
    let body = {
        let mut subscription = subscription.borrow_mut();
        Subscribe {
            partition: PartitionId { topic: topic.topic, index: partition },
            offset: subscription.core.next_offset(),
            credit: subscription.core.opening_credit(),
            delivery_bytes_max: shared.options.delivery_bytes_max,
            isolation: shared.options.isolation,
        }
    };
    let timeout = shared.client.options().request_timeout;
    let (correlation, _) = link.subscribe(&body, place.epoch, inbox.clone(), timeout).await?;
    subscription.borrow_mut().open = Some((link, correlation));
    Ok(inbox)
}

impl Subscription {
    fn consumed(&mut self, bytes: u64) {
        if let Some(grant) = self.core.consumed(bytes)
            && let Some((link, correlation)) = &self.open
        {
            link.grant(*correlation, grant);
        }
    }
}
