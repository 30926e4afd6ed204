//! What only shard 0 does: follow the controller's metadata, and carry to the controller what clients ask of it.

use crate::{
    cluster::{Agent, ClusterError, Freshness, View},
    new_configs::renewed,
    shard::{Administration, Shard, ShardMessage},
};
use core::{
    cell::{Cell, RefCell},
    time::Duration,
};
use ringlog_image::config::ConfigMap;
use ringlog_model::ProducerId;
use ringlog_native::cluster::{RefusalKind, RefusalV1};
use ringlog_reactor::{
    local::{Notify, Semaphore},
    mailbox::Receiver,
    reply,
};
use std::{rc::Rc, sync::Arc};

/// How long a client's request may wait for the controller. Below the request timeout of clients (30 s).
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a change may take from the controller's word to this node's shards.
const APPLY_PATIENCE: Duration = Duration::from_secs(10);

/// Shard 0's part in the metadata.
pub(crate) struct Administrator {
    shard: Shard,
    agent: Agent,
    /// The position and the worth of the newest view that all shards have brought about.
    applied: Cell<(u64, Freshness)>,
    applied_changed: Notify,
    producer_ids: RefCell<Block>,
    /// One at a time asks for a block.
    allocating: Semaphore,
}

/// Producer ids that this node may give away.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    next: i64,
    left: i64,
}

impl Administrator {
    pub(crate) fn new(shard: Shard, agent: Agent) -> Rc<Administrator> {
        Rc::new(Administrator {
            shard,
            agent,
            applied: Cell::new((0, Freshness::Nothing)),
            applied_changed: Notify::new(),
            producer_ids: RefCell::default(),
            allocating: Semaphore::new(1),
        })
    }

    /// The connection to the controller.
    pub(crate) fn agent(&self) -> &Agent {
        &self.agent
    }

    /// Hands every new view to all shards, for the life of the node.
    pub(crate) async fn follow(&self) {
        let mut version = 0;
        loop {
            let view = self.agent.changed(version).await;
            version = view.version;
            let (position, freshness) = (view.position, view.freshness);
            self.apply(Arc::new(view)).await;
            self.applied.set((position, freshness));
            self.applied_changed.notify_all();
        }
    }

    /// Has shards obey what is said anew under Kafka's names, for the life of the node.
    pub(crate) async fn renew(&self, mut said_anew: Receiver<ConfigMap>) {
        while let Some(said) = said_anew.receive().await {
            self.agent.set_start(renewed(&self.agent.view().start, said));
        }
    }

    async fn apply(&self, view: Arc<View>) {
        let mut pending = Vec::new();
        for mailbox in &self.shard.node.mailboxes {
            let (done, waiting) = reply::channel();
            let _ = mailbox.send(ShardMessage::Metadata(view.clone(), done)).await;
            pending.push(waiting);
        }
        for waiting in pending {
            // A shard that is gone has brought nothing about; the node notices that elsewhere.
            let _ = waiting.await;
        }
    }

    /// Waits until the shards serve by a view of at least this worth.
    pub(crate) async fn serves(&self, freshness: Freshness) {
        self.applied_until(|(_, applied)| applied >= freshness).await;
    }

    async fn applied_until(&self, is_enough: impl Fn((u64, Freshness)) -> bool) {
        loop {
            let changed = self.applied_changed.notified();
            if is_enough(self.applied.get()) {
                return;
            }
            changed.await;
        }
    }

    /// Waits until the shards have brought about what the controller said at `position`.
    async fn applied_position(&self, position: u64) {
        let applied = self.applied_until(|(at, _)| at >= position);
        if self.shard.reactor.timeout(APPLY_PATIENCE, applied).await.is_err() {
            tracing::warn!(position, "this node is slow to follow the metadata");
        }
    }

    /// Does what a shard asks for on behalf of a client.
    pub(crate) async fn administer(&self, wanted: Administration) {
        match wanted {
            Administration::CreateTopics(request, reply) => {
                let asked = self.agent.create_topics(&request, PATIENCE).await;
                let _ = reply.send(self.once_applied(asked, |reply| reply.position).await);
            }
            Administration::DeleteTopics(request, reply) => {
                let asked = self.agent.delete_topics(&request, PATIENCE).await;
                let _ = reply.send(self.once_applied(asked, |reply| reply.position).await);
            }
            Administration::AlterConfigs(request, reply) => {
                let asked = self.agent.alter_configs(&request, PATIENCE).await;
                let _ = reply.send(self.once_applied(asked, |reply| reply.position).await);
            }
            Administration::CreatePartitions(request, reply) => {
                let asked = self.agent.create_partitions(&request, PATIENCE).await;
                let _ = reply.send(self.once_applied(asked, |reply| reply.position).await);
            }
            Administration::ElectLeaders(request, reply) => {
                let asked = self.agent.elect_leaders(&request, PATIENCE).await;
                let _ = reply.send(self.once_applied(asked, |reply| reply.position).await);
            }
            Administration::ForgetNode(request, reply) => {
                let asked = self.agent.forget_node(&request, PATIENCE).await;
                let _ = reply.send(self.once_applied(asked, |reply| reply.position).await);
            }
            Administration::DescribeQuorum(request, reply) => {
                let _ = reply.send(self.agent.describe_quorum(&request, PATIENCE).await);
            }
            Administration::ProducerId(reply) => {
                let _ = reply.send(self.producer_id().await);
            }
        }
    }

    /// The controller's answer, once this node's shards have brought about what it says.
    async fn once_applied<A>(
        &self,
        asked: Result<A, ClusterError>,
        position: impl Fn(&A) -> u64,
    ) -> Result<A, ClusterError> {
        let reply = asked?;
        self.applied_position(position(&reply)).await;
        Ok(reply)
    }

    async fn producer_id(&self) -> Result<i64, ClusterError> {
        let _turn = self.allocating.acquire(1).await;
        let mut block = *self.producer_ids.borrow();
        if block.left == 0 {
            let (first, count) = self.agent.allocate_producer_ids(PATIENCE).await?;
            if count < 1 {
                let message = "the controller gave an empty block of producer ids";
                return Err(ClusterError::Refused(RefusalV1::new(RefusalKind::LimitReached, message)));
            }
            let ProducerId(next) = first;
            block = Block { next, left: i64::from(count) };
        }
        let id = block.next;
        *self.producer_ids.borrow_mut() = Block { next: id + 1, left: block.left - 1 };
        Ok(id)
    }
}
