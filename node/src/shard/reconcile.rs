//! Brings a shard's partitions into line with the metadata: creates and deletes logs, passes on leadership and settings.
//!
//! One view after the other, never two at a time. What could not be done (a full disk) is tried again.

use super::{
    Hosted, Shard, directory,
    hosted::{file_delete_delay, log_config, partition_config, rolling},
};
use crate::cluster::{Freshness, View};
use core::time::Duration;
use futures_lite::future;
use ringlog_image::{PartitionImage, TopicImage, config::TopicConfig};
use ringlog_model::PartitionId;
use ringlog_partition::{Event, OfflineReason};
use ringlog_reactor::{local::Queue, reply::ReplySender};
use ringlog_storage::LogSpec;
use std::{rc::Rc, sync::Arc};

/// How long to wait before what failed is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Logs created at a time: their directory entries and journal records are then made durable together.
const CREATED_TOGETHER: usize = 64;

/// A view to bring about, and who wants to know when that is done.
pub(super) type NewView = (Arc<View>, ReplySender<()>);

/// A partition without a log, with its topic and the configs that hold for it here.
type Missing = (PartitionId, Arc<TopicImage>, TopicConfig);

/// Whether everything is as the view says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    Incomplete,
}

impl Shard {
    /// Follows the views for the life of the shard.
    pub(super) async fn run_reconcile(&self, views: Queue<NewView>) {
        let mut outcome = Outcome::Done;
        loop {
            let next = async { Some(views.pop().await) };
            let retry = async {
                match outcome {
                    Outcome::Done => future::pending().await,
                    Outcome::Incomplete => self.reactor.sleep(RETRY_AFTER).await,
                }
                None
            };
            match future::or(next, retry).await {
                Some(Some((view, done))) => {
                    let known = if outcome == Outcome::Done { Some(self.view()) } else { None };
                    outcome = self.reconcile(&view, known).await;
                    let old = self.view.replace(view);
                    self.topic_configs.forget();
                    self.follow_groups(&old);
                    // Nobody waits for a view that a newer one has overtaken.
                    let _ = done.send(());
                }
                Some(None) => return,
                None => {
                    let view = self.view();
                    outcome = self.reconcile(&view, None).await;
                    self.follow_groups(&view);
                }
            }
        }
    }

    /// `known` is a view that holds already: topics that have not changed since are passed over.
    async fn reconcile(&self, view: &View, known: Option<Arc<View>>) -> Outcome {
        if view.freshness == Freshness::Nothing {
            return Outcome::Done;
        }
        let node = self.node.node;
        let same_base = |known: &Arc<View>| {
            known.freshness == view.freshness
                && known.start == view.start
                && known.image.has_node_configs_of(&view.image, node)
        };
        let known = known.filter(same_base);
        let start = &view.start;
        let mut outcome = Outcome::Done;
        let mut missing = Vec::new();
        for topic in view.image.topics() {
            let unchanged = known
                .as_ref()
                .and_then(|known| known.image.topic(topic.id))
                .is_some_and(|was| Arc::ptr_eq(was, topic));
            if unchanged {
                continue;
            }
            for (id, state) in topic.partitions() {
                if self.owner(id) != self.id || !state.is_replica(self.node.node) {
                    continue;
                }
                let hosted = self.partitions.borrow().get(&id).cloned();
                match hosted {
                    Some(hosted) => self.configure(&hosted, &view.image.topic_config(topic, node, start)),
                    None => missing.push((id, topic.clone(), view.image.topic_config(topic, node, start))),
                }
            }
        }
        for group in missing.chunks(CREATED_TOGETHER) {
            outcome = outcome.and(self.create_together(group).await);
        }
        self.tell_roles(view, known.as_deref());
        if view.freshness == Freshness::Live {
            outcome = outcome.and(self.delete_strays(view).await);
        }
        self.count_partitions();
        outcome
    }

    async fn create_together(&self, group: &[Missing]) -> Outcome {
        let creating: Vec<_> = group
            .iter()
            .map(|(id, topic, config)| {
                let (shard, id, topic, config) = (self.clone(), *id, topic.clone(), config.clone());
                self.reactor.spawn(async move { shard.create(id, &topic, &config).await })
            })
            .collect();
        let mut outcome = Outcome::Done;
        for task in creating {
            outcome = outcome.and(task.await);
        }
        outcome
    }

    async fn create(&self, id: PartitionId, topic: &TopicImage, config: &TopicConfig) -> Outcome {
        let store = directory(id, self.node.shard_count(), self.stores.len());
        let spec = LogSpec {
            log: self.log_ids.take(store),
            partition: id,
            topic: topic.name.to_string(),
            config: log_config(config, self.node.defaults.segment_bytes_max),
        };
        let log = match self.stores[store].create_log(spec).await {
            Ok(log) => log,
            Err(error) => {
                tracing::error!(partition = %id, topic = %topic.name, %error, "creating a log failed");
                return Outcome::Incomplete;
            }
        };
        log.set_file_delete_delay(file_delete_delay(config));
        log.set_rolling(rolling(config));
        let now = self.now().wall;
        match Hosted::open(log, store, self.node.node, partition_config(config), None, now).await {
            Ok(hosted) => {
                self.host(hosted);
                Outcome::Done
            }
            Err(error) => {
                tracing::error!(partition = %id, %error, "opening a new log failed");
                Outcome::Incomplete
            }
        }
    }

    /// Takes a partition in.
    pub(super) fn host(&self, hosted: Hosted) {
        let hosted = Rc::new(hosted);
        self.by_log.borrow_mut().insert((hosted.store, hosted.log.id()), hosted.clone());
        self.partitions.borrow_mut().insert(hosted.id, hosted);
    }

    fn configure(&self, hosted: &Hosted, config: &TopicConfig) {
        let wanted = partition_config(config);
        if *hosted.machine.borrow().config() != wanted {
            self.handle(hosted, Event::Configure(wanted), None);
        }
        hosted.log.set_file_delete_delay(file_delete_delay(config));
        hosted.log.set_rolling(rolling(config));
        let wanted = log_config(config, self.node.defaults.segment_bytes_max);
        if hosted.log.config() != wanted
            && let Err(error) = hosted.log.set_config(wanted)
        {
            tracing::warn!(partition = %hosted.id, %error, "changing a log's settings failed");
        }
    }

    fn tell_roles(&self, view: &View, known: Option<&View>) {
        let all: Vec<_> = self.partitions.borrow().values().cloned().collect();
        for hosted in all {
            let Some(state) = view.image.partition(hosted.id) else { continue };
            let has_role = hosted.machine.borrow().check_leadership(None).is_ok();
            let was = known.and_then(|known| known.image.partition(hosted.id));
            if has_role && was == Some(state) {
                continue;
            }
            if let Some(event) = self.role(view.freshness, state) {
                self.handle(&hosted, event, None);
            }
        }
    }

    /// What this node is to the partition; `None` if that is not known well enough.
    fn role(&self, freshness: Freshness, state: &PartitionImage) -> Option<Event> {
        let own = self.node.node;
        if freshness == Freshness::Saved && state.replicas != [own] {
            // Others may have been elected meanwhile. The only replica cannot have been replaced.
            return None;
        }
        let epoch = state.leader_epoch;
        Some(match state.leader {
            Some(leader) if leader == own => {
                Event::BecomeLeader { epoch, replicas: state.replicas.clone(), isr: state.isr.clone() }
            }
            Some(leader) => Event::BecomeFollower { epoch, leader },
            // As long as this node held the only replica it may go on: nobody else can lead.
            None if freshness == Freshness::Saved => {
                Event::BecomeLeader { epoch, replicas: state.replicas.clone(), isr: state.isr.clone() }
            }
            None => Event::GoOffline(OfflineReason::Unassigned),
        })
    }

    async fn delete_strays(&self, view: &View) -> Outcome {
        let is_stray = |hosted: &&Rc<Hosted>| {
            !view.image.partition(hosted.id).is_some_and(|state| state.is_replica(self.node.node))
        };
        let strays: Vec<_> = self.partitions.borrow().values().filter(is_stray).cloned().collect();
        let mut outcome = Outcome::Done;
        for hosted in strays {
            self.handle(&hosted, Event::GoOffline(OfflineReason::Deleted), None);
            self.partitions.borrow_mut().remove(&hosted.id);
            let log = hosted.log.id();
            match self.stores[hosted.store].delete_log(log).await {
                Ok(()) => {
                    self.by_log.borrow_mut().remove(&(hosted.store, log));
                    tracing::info!(partition = %hosted.id, "deleted a log");
                }
                Err(error) => {
                    tracing::error!(partition = %hosted.id, %error, "deleting a log failed");
                    self.partitions.borrow_mut().insert(hosted.id, hosted);
                    outcome = Outcome::Incomplete;
                }
            }
        }
        outcome
    }

    fn count_partitions(&self) {
        let partitions = self.partitions.borrow();
        let led = partitions.values().filter(|hosted| hosted.machine.borrow().check_leadership(None).is_ok());
        self.counters.partitions_led.set(led.count() as u64);
        self.counters.partitions.set(partitions.len() as u64);
    }
}

impl Outcome {
    fn and(self, other: Outcome) -> Outcome {
        if self == Outcome::Done { other } else { self }
    }
}
