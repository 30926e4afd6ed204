//! The life of a shard: opening its logs, handling messages, stopping.

use super::{
    Administration, Inner, LogIds, NodeShared, Shard, ShardMessage,
    configs::TopicConfigs,
    hosted::{Hosted, partition_config},
};
use crate::{
    api::FetchSessions,
    cluster::{Freshness, View},
    connection::{self, Budget},
    error::NodeError,
    groups::Groups,
    metrics::ShardParts,
};
use core::{
    cell::{Cell, RefCell},
    time::Duration,
};
use ringlog_image::{
    Image,
    config::{ConfigMap, TopicConfig},
};
use ringlog_model::{LogId, ShardId};
use ringlog_partition::FetchWaiters;
use ringlog_reactor::{
    Reactor, Task,
    local::{Notify, Queue},
    mailbox::Receiver,
};
use ringlog_storage::{DirectoryHandle, ReadCache, RecoveredLog, Store, StoreConfig};
use std::{collections::BTreeMap, rc::Rc, sync::Arc};

/// Appends that wait for their turn. Each is backed by a request in flight, whose bytes are bounded.
const APPENDS_MAX: usize = 8192;

/// How long a stop waits for accepted batches to be synced before it leaves what is known of producers with the logs.
const FLUSH_PATIENCE: Duration = Duration::from_secs(2);

/// What a shard begins with; sent to its thread.
pub(crate) struct ShardStart {
    pub(crate) id: ShardId,
    pub(crate) node: Arc<NodeShared>,
    pub(crate) store_config: StoreConfig,
    /// The data directories, in the order of the options.
    pub(crate) directories: Vec<DirectoryStart>,
    pub(crate) mailbox: Receiver<ShardMessage>,
}

/// A shard's part of a data directory.
pub(crate) struct DirectoryStart {
    pub(crate) handle: DirectoryHandle,
    /// The logs that this shard owns.
    pub(crate) logs: Vec<RecoveredLog>,
    /// This id and all greater ones are free.
    pub(crate) unused: LogId,
}

/// A shard that is open and not yet serving.
pub(crate) struct OpenShard {
    pub(crate) shard: Shard,
    mailbox: Receiver<ShardMessage>,
}

impl OpenShard {
    /// Opens the shard's logs and rebuilds what is known of their producers.
    pub(crate) async fn open(reactor: Reactor, start: ShardStart) -> Result<OpenShard, NodeError> {
        let ShardStart { id, node, store_config, directories, mailbox } = start;
        let unused: Vec<_> = directories.iter().map(|directory| directory.unused).collect();
        let mut stores = Vec::with_capacity(directories.len());
        let mut attachments = Vec::new();
        for DirectoryStart { handle, logs, .. } in directories {
            let attached =
                logs.iter().map(|log| (log.log(), log.attachment().map(|(_, bytes)| bytes.to_vec())));
            attachments.push(attached.collect::<Vec<_>>());
            stores.push(Store::start(&reactor, handle, id, logs, store_config.clone()).await?);
        }
        let counters = node.counters[usize::from(id.0)].clone();
        let limits = &node.limits;
        let shards = node.shard_count();
        let shard = Shard(Rc::new(Inner {
            id,
            counters,
            stores,
            reads: ReadCache::new(&reactor),
            view: RefCell::new(Arc::new(nothing_known(&node.configs))),
            topic_configs: TopicConfigs::default(),
            partitions: RefCell::default(),
            by_log: RefCell::default(),
            appends: Queue::bounded(APPENDS_MAX),
            is_appending: Cell::new(false),
            waiting_appends: RefCell::default(),
            fetch_waiters: RefCell::new(FetchWaiters::new()),
            fetch_signals: RefCell::default(),
            names_given: Cell::new(0),
            scratch: RefCell::default(),
            request_budget: Budget::new(limits.shard_bytes_max),
            response_budget: Budget::new(limits.shard_response_bytes_max),
            fetch_sessions: RefCell::new(FetchSessions::new(limits.fetch_sessions_max)),
            log_ids: LogIds::new(&unused, id, shards),
            groups: Groups::default(),
            connections: RefCell::new(BTreeMap::new()),
            connections_begun: Cell::new(0),
            connections_gone: Notify::new(),
            producers_left: Notify::new(),
            is_stopping: Cell::new(false),
            reactor,
            node,
        }));
        for (store, attached) in attachments.into_iter().enumerate() {
            for (log, attachment) in attached {
                shard.open_log(store, log, attachment).await;
            }
        }
        Ok(OpenShard { shard, mailbox })
    }

    /// What the shard's executor and stores know of themselves.
    pub(crate) fn parts(&self) -> ShardParts {
        let stores = self.shard.stores.iter().map(Store::metrics).collect();
        ShardParts { reactor: self.shard.reactor.metrics(), stores }
    }

    /// Handles messages until told to stop.
    /// `administer` takes what is meant for the controller; only shard 0 gets such messages.
    pub(crate) async fn serve(self, administer: impl Fn(Administration)) -> Result<(), NodeError> {
        let OpenShard { shard, mut mailbox } = self;
        let views = Queue::bounded(16);
        let mut tasks: Vec<Task<()>> = Vec::new();
        let reactor = &shard.reactor;
        tasks.push(reactor.spawn({
            let shard = shard.clone();
            async move { shard.run_appends().await }
        }));
        tasks.push(reactor.spawn({
            let (shard, views) = (shard.clone(), views.clone());
            async move { shard.run_reconcile(views).await }
        }));
        tasks.push(reactor.spawn({
            let shard = shard.clone();
            async move { shard.run_ticks().await }
        }));
        tasks.push(reactor.spawn({
            let shard = shard.clone();
            async move { shard.run_retention().await }
        }));
        tasks.push(reactor.spawn({
            let shard = shard.clone();
            async move { shard.run_samples().await }
        }));
        tasks.push(reactor.spawn({
            let shard = shard.clone();
            async move { shard.run_compaction().await }
        }));
        for store in 0..shard.stores.len() {
            let shard_of_task = shard.clone();
            tasks.push(reactor.spawn(async move { shard_of_task.run_progress(store).await }));
        }
        while let Some(message) = mailbox.receive().await {
            match message {
                ShardMessage::Metadata(view, done) => {
                    // Shard 0 sends the next view when this one is done, so there is room.
                    let _ = views.try_push((view, done));
                }
                ShardMessage::StopServing(done) => {
                    let shard = shard.clone();
                    reactor
                        .spawn(async move {
                            shard.stop_serving().await;
                            let _ = done.send(());
                        })
                        .detach();
                }
                ShardMessage::Stop => break,
                ShardMessage::Administer(wanted) => administer(wanted),
                ShardMessage::Append(request) => {
                    // Waits while too many appends wait: that holds up the messages behind it, and so their senders.
                    let _ = shard.appends.push(request).await;
                }
                message => shard.handle_message(message),
            }
        }
        shard.stop_stores().await
    }
}

impl Shard {
    async fn open_log(&self, store: usize, log: LogId, attachment: Option<Vec<u8>>) {
        let Some(log) = self.stores[store].log(log) else { return };
        let config = partition_config(&TopicConfig::default());
        let partition = log.partition();
        let now = self.now().wall;
        match Hosted::open(log, store, self.node.node, config, attachment, now).await {
            Ok(hosted) => self.host(hosted),
            // The partition stays unserved; others are not affected.
            Err(error) => tracing::error!(%partition, %error, "a log could not be opened"),
        }
    }

    fn handle_message(&self, message: ShardMessage) {
        match message {
            ShardMessage::Connection(arrival) => {
                self.reactor.spawn(connection::serve(self.clone(), arrival)).detach();
            }
            ShardMessage::Read(request, reply) => {
                let shard = self.clone();
                self.reactor
                    .spawn(async move {
                        let _ = reply.send(shard.serve_read(request).await);
                    })
                    .detach();
            }
            ShardMessage::Watch(request, reply) => {
                let shard = self.clone();
                self.reactor
                    .spawn(async move {
                        shard.serve_watch(request).await;
                        let _ = reply.send(());
                    })
                    .detach();
            }
            ShardMessage::FindOffsets(wanted, reply) => {
                let shard = self.clone();
                self.reactor
                    .spawn(async move {
                        let _ = reply.send(shard.serve_find_offsets(wanted).await);
                    })
                    .detach();
            }
            ShardMessage::Survey(reply) => {
                let _ = reply.send(self.serve_survey());
            }
            ShardMessage::LogSurvey(partition, reply) => {
                let _ = reply.send(self.serve_log_survey(partition));
            }
            ShardMessage::LogSizes(reply) => {
                let _ = reply.send(self.serve_log_sizes());
            }
            ShardMessage::ActiveProducers(wanted, reply) => {
                let _ = reply.send(self.serve_active_producers(&wanted));
            }
            ShardMessage::FindEpochEnds(wanted, reply) => {
                let _ = reply.send(self.serve_find_epoch_ends(&wanted));
            }
            ShardMessage::DeleteRecords(wanted, reply) => {
                let shard = self.clone();
                self.reactor
                    .spawn(async move {
                        let _ = reply.send(shard.serve_delete_records(&wanted).await);
                    })
                    .detach();
            }
            ShardMessage::Coordinate(partition, request, reply) => {
                self.serve_coordinate(partition, request, reply);
            }
            ShardMessage::Administer(_)
            | ShardMessage::Append(_)
            | ShardMessage::Metadata(..)
            | ShardMessage::StopServing(_)
            | ShardMessage::Stop => unreachable!("the loop handles them"),
        }
    }

    /// No new requests; those in flight are answered, within the deadline.
    async fn stop_serving(&self) {
        self.is_stopping.set(true);
        for stop in self.connections.borrow().values() {
            stop.set();
        }
        self.groups.stop();
        // Long polls answer with what there is.
        for signal in self.fetch_signals.borrow().values() {
            signal.set();
        }
        let _ =
            self.reactor.timeout(self.node.limits.shutdown_deadline, self.until_connections_are_gone()).await;
    }

    async fn until_connections_are_gone(&self) {
        loop {
            let gone = self.connections_gone.notified();
            if self.connections.borrow().is_empty() {
                return;
            }
            gone.await;
        }
    }

    async fn stop_stores(&self) -> Result<(), NodeError> {
        self.is_stopping.set(true);
        self.appends.close();
        self.leave_snapshots().await;
        for store in &self.stores {
            store.shutdown().await?;
        }
        Ok(())
    }
}

impl Shard {
    /// Leaves what is known of producers with the logs, so that the next start has nothing to look through. It must be
    /// synced first, which a failed disk may prevent for good.
    async fn leave_snapshots(&self) {
        let hosted: Vec<_> = self.partitions.borrow().values().cloned().collect();
        let ends: Vec<_> = hosted.iter().map(|hosted| hosted.machine.borrow().marks().end()).collect();
        // Begun for all, so that they wait for the same syncs.
        for (hosted, end) in hosted.iter().zip(&ends) {
            self.begin_to_leave_producers(hosted, *end);
        }
        let all_left = async {
            for (hosted, end) in hosted.iter().zip(&ends) {
                self.until_left(hosted, *end).await;
            }
        };
        let _ = self.reactor.timeout(FLUSH_PATIENCE, all_left).await;
    }
}

fn nothing_known(start: &ConfigMap) -> View {
    let start = Arc::new(start.clone());
    View { image: Image::default(), position: 0, freshness: Freshness::Nothing, version: 0, start }
}
