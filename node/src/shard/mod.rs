//! A shard: one pinned thread that owns connections, partitions and logs.
//!
//! Architecture invariant: shards share nothing but counters; what one wants of another it says in a
//! [`ShardMessage`]. A shard that handles a message never waits for another shard.

mod administer;
mod append;
mod configs;
mod describe;
mod find;
mod hosted;
mod housekeeping;
mod message;
mod progress;
mod read;
mod reconcile;
mod routing;
mod sample;
mod serve;
mod survey;

use configs::TopicConfigs;
pub(crate) use hosted::Hosted;
pub(crate) use message::*;
pub(crate) use read::interests;
pub(crate) use routing::{directory, owner};
pub(crate) use serve::{DirectoryStart, OpenShard, ShardStart};
pub(crate) use survey::{LogSurvey, ShardSurvey};

use crate::{
    api::FetchSessions,
    cluster::View,
    connection::Budget,
    groups::Groups,
    listener::Listeners,
    metrics::ShardMetrics,
    options::{GroupOptions, Housekeeping, Limits, LogLevels, TopicDefaults},
    refusal::Refusal,
    signal::Signal,
};
use core::net::SocketAddr;
use ringlog_batch::Scratch;
use ringlog_image::config::ConfigMap;
use ringlog_model::{Instant, LogId, NodeId, Now, Offset, PartitionId, ShardId, Timestamp};
use ringlog_partition::{EpochEnd, FetchId, FetchWaiters};
use ringlog_reactor::{
    Reactor,
    local::{Notify, Queue},
    mailbox::Sender,
    reply,
};
use ringlog_storage::{ReadCache, Store};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    path::PathBuf,
    rc::Rc,
    sync::Arc,
};

/// What all shards of a node know alike.
pub(crate) struct NodeShared {
    pub(crate) node: NodeId,
    pub(crate) limits: Limits,
    pub(crate) defaults: TopicDefaults,
    /// What was said at the start under Kafka's names.
    pub(crate) configs: ConfigMap,
    /// Where HTTP is answered, as bound.
    pub(crate) admin: Option<SocketAddr>,
    pub(crate) housekeeping: Housekeeping,
    pub(crate) groups: GroupOptions,
    pub(crate) listeners: Listeners,
    /// The data directories.
    pub(crate) directories: Arc<[PathBuf]>,
    /// What is logged, if that can be changed while the node runs.
    pub(crate) log_levels: Option<Arc<dyn LogLevels>>,
    /// The mailbox of each shard, by its number.
    pub(crate) mailboxes: Vec<Sender<ShardMessage>>,
    pub(crate) counters: Arc<[Arc<ShardMetrics>]>,
}

impl NodeShared {
    /// How many shards there are.
    pub(crate) fn shard_count(&self) -> u16 {
        u16::try_from(self.mailboxes.len()).expect("counted by a u16")
    }
}

/// A shard, as everything that runs on it sees it. Cheap to clone; stays on its thread.
#[derive(Clone)]
pub(crate) struct Shard(Rc<Inner>);

pub(crate) struct Inner {
    pub(crate) id: ShardId,
    pub(crate) reactor: Reactor,
    pub(crate) node: Arc<NodeShared>,
    pub(crate) counters: Arc<ShardMetrics>,
    /// One per data directory, in the order of the options.
    pub(crate) stores: Vec<Store>,
    /// What consumers behind the tail read.
    pub(crate) reads: ReadCache,
    pub(crate) view: RefCell<Arc<View>>,
    pub(crate) topic_configs: TopicConfigs,
    pub(crate) partitions: RefCell<BTreeMap<PartitionId, Rc<Hosted>>>,
    pub(crate) by_log: RefCell<BTreeMap<(usize, LogId), Rc<Hosted>>>,
    /// Appends in the order in which they were accepted.
    pub(crate) appends: Queue<AppendRequest>,
    /// Whether one that was taken from there is under way.
    is_appending: Cell<bool>,
    /// Appends that are accepted and not answered, by their name.
    waiting_appends: RefCell<BTreeMap<u64, append::WaitingAppend>>,
    /// Fetches that wait for bytes, with who is to be woken.
    fetch_waiters: RefCell<FetchWaiters>,
    fetch_signals: RefCell<BTreeMap<FetchId, Rc<Signal>>>,
    /// Names of requests, for the partitions' effects.
    names_given: Cell<u64>,
    /// Reused memory for decompressing what is checked.
    pub(crate) scratch: RefCell<Scratch>,
    pub(crate) request_budget: Rc<Budget>,
    pub(crate) response_budget: Rc<Budget>,
    pub(crate) fetch_sessions: RefCell<FetchSessions>,
    pub(crate) log_ids: LogIds,
    /// The coordinators of the partitions of `__consumer_offsets` that the shard leads.
    pub(crate) groups: Groups,
    /// The connections that are open, each with its wish to stop.
    connections: RefCell<BTreeMap<u64, Rc<Signal>>>,
    connections_begun: Cell<u64>,
    /// The last of them has ended.
    connections_gone: Notify,
    /// Of some partition more is left with the log, or it is given up: see [`Shard::until_left`].
    producers_left: Notify,
    is_stopping: Cell<bool>,
}

impl std::ops::Deref for Shard {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Shard {
    /// Both clocks.
    pub(crate) fn now(&self) -> Now {
        Now { monotonic: self.instant(), wall: Timestamp(self.reactor.wall_millis()) }
    }

    /// The monotonic clock.
    pub(crate) fn instant(&self) -> Instant {
        Instant(self.reactor.now_nanos())
    }

    /// The metadata that this shard works by.
    pub(crate) fn view(&self) -> Arc<View> {
        self.view.borrow().clone()
    }

    /// Whether the node stops.
    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.get()
    }

    /// A name that no other request of this shard has.
    fn name(&self) -> u64 {
        let name = self.names_given.get();
        self.names_given.set(name + 1);
        name
    }

    /// The partition, if this shard holds it.
    pub(crate) fn hosted(&self, partition: PartitionId) -> Result<Rc<Hosted>, Refusal> {
        if let Some(hosted) = self.partitions.borrow().get(&partition) {
            return Ok(hosted.clone());
        }
        // A partition that the metadata knows is being created, removed, or elsewhere: asking again helps.
        Err(match self.view.borrow().image.partition(partition) {
            Some(_) => Refusal::NotHere,
            None => Refusal::UnknownTopicOrPartition,
        })
    }

    /// Counts a connection in; returns its number and its wish to stop.
    pub(crate) fn enter_connection(&self) -> (u64, Rc<Signal>) {
        let number = self.connections_begun.get();
        self.connections_begun.set(number + 1);
        let stop = Rc::new(Signal::default());
        if self.is_stopping.get() {
            stop.set();
        }
        self.connections.borrow_mut().insert(number, stop.clone());
        (number, stop)
    }

    /// Counts a connection out.
    pub(crate) fn leave_connection(&self, number: u64) {
        let mut connections = self.connections.borrow_mut();
        connections.remove(&number);
        if connections.is_empty() {
            self.connections_gone.notify_all();
        }
    }

    /// The shard that owns a partition.
    pub(crate) fn owner(&self, partition: PartitionId) -> ShardId {
        owner(partition, self.node.shard_count())
    }

    /// Hands appends to their owner. When this returns their order is fixed: later appends to the same shard come
    /// after them.
    pub(crate) async fn submit_append(&self, to: ShardId, request: AppendRequest) {
        if to != self.id {
            self.send(to, ShardMessage::Append(request)).await;
        } else if let Some(request) = self.append_at_once(request) {
            let _ = self.appends.push(request).await;
        }
    }

    /// Reads from partitions of one shard.
    pub(crate) async fn read(&self, from: ShardId, request: ReadRequest) -> ReadReply {
        if from == self.id {
            return self.serve_read(request).await;
        }
        let count = request.partitions.len();
        let (sender, receiver) = reply::channel();
        self.send(from, ShardMessage::Read(request, sender)).await;
        receiver.await.unwrap_or_else(|_| (0..count).map(|_| Err(Refusal::Stopping)).collect())
    }

    /// Waits until a partition of that shard has more to read, or until the deadline of the request.
    pub(crate) async fn watch(&self, at: ShardId, request: WatchRequest) {
        if at == self.id {
            return self.serve_watch(request).await;
        }
        let (sender, receiver) = reply::channel();
        self.send(at, ShardMessage::Watch(request, sender)).await;
        // A shard that stops drops the sender, which ends the wait as well.
        let _ = receiver.await;
    }

    /// Searches in partitions of one shard.
    pub(crate) async fn find_offsets(
        &self,
        at: ShardId,
        wanted: Vec<FindOffset>,
    ) -> Vec<Result<FoundOffset, Refusal>> {
        if at == self.id {
            return self.serve_find_offsets(wanted).await;
        }
        let count = wanted.len();
        let (sender, receiver) = reply::channel();
        self.send(at, ShardMessage::FindOffsets(wanted, sender)).await;
        receiver.await.unwrap_or_else(|_| vec![Err(Refusal::Stopping); count])
    }

    /// What the owner of a partition knows of its log.
    pub(crate) async fn survey_log(&self, partition: PartitionId) -> Result<LogSurvey, Refusal> {
        let owner = self.owner(partition);
        if owner == self.id {
            return self.serve_log_survey(partition);
        }
        let (sender, receiver) = reply::channel();
        self.send(owner, ShardMessage::LogSurvey(partition, sender)).await;
        receiver.await.unwrap_or(Err(Refusal::Stopping))
    }

    /// Searches the epochs of partitions of one shard.
    pub(crate) async fn find_epoch_ends(
        &self,
        at: ShardId,
        wanted: Vec<FindEpochEnd>,
    ) -> Vec<Result<Option<EpochEnd>, Refusal>> {
        if at == self.id {
            return self.serve_find_epoch_ends(&wanted);
        }
        let count = wanted.len();
        let (sender, receiver) = reply::channel();
        self.send(at, ShardMessage::FindEpochEnds(wanted, sender)).await;
        receiver.await.unwrap_or_else(|_| vec![Err(Refusal::Stopping); count])
    }

    /// Drops records from the front of partitions of one shard; returns each one's first offset when that is durable.
    pub(crate) async fn delete_records(
        &self,
        at: ShardId,
        wanted: Vec<DeleteRecords>,
    ) -> Vec<Result<Offset, Refusal>> {
        if at == self.id {
            return self.serve_delete_records(&wanted).await;
        }
        let count = wanted.len();
        let (sender, receiver) = reply::channel();
        self.send(at, ShardMessage::DeleteRecords(wanted, sender)).await;
        receiver.await.unwrap_or_else(|_| vec![Err(Refusal::Stopping); count])
    }

    /// Posts a message. Waits while the mailbox is full; a shard that has stopped drops it, and with it the reply
    /// channel that it carries.
    pub(crate) async fn send(&self, to: ShardId, message: ShardMessage) {
        if let Some(mailbox) = self.node.mailboxes.get(usize::from(to.0)) {
            let _ = mailbox.send(message).await;
        }
    }
}

/// Log ids that were never used in a directory. Each shard takes every n-th, so that shards need not ask each other.
pub(crate) struct LogIds {
    next: RefCell<Vec<u64>>,
    step: u64,
}

impl LogIds {
    /// `unused` is the first unused id of each directory.
    pub(crate) fn new(unused: &[LogId], shard: ShardId, shards: u16) -> LogIds {
        let next = unused.iter().map(|id| id.0 + u64::from(shard.0)).collect();
        LogIds { next: RefCell::new(next), step: u64::from(shards.max(1)) }
    }

    /// An id for a new log in this directory.
    pub(crate) fn take(&self, directory: usize) -> LogId {
        let next = &mut self.next.borrow_mut()[directory];
        let id = LogId(*next);
        *next += self.step;
        id
    }
}
