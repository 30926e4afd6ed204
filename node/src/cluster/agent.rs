//! The agent: what the rest of the node sees of the controller.

use super::error::{ClusterError, SessionError};
use super::link::{Asked, Link};
use super::{saved, session};
use ringlog_image::{Image, ListenerAddress, config::ConfigMap};
use ringlog_model::{ClusterId, NodeId, ProducerId, Uuid};
use ringlog_native::cluster::{
    AllocateProducerIdsReplyV1, AllocateProducerIdsV1, AlterConfigsReplyV1, AlterConfigsV1, ClusterBody,
    CreatePartitionsReplyV1, CreatePartitionsV1, CreateTopicsReplyV1, CreateTopicsV1, DeleteTopicsReplyV1,
    DeleteTopicsV1, DescribeQuorumReplyV1, DescribeQuorumV1, ElectLeadersReplyV1, ElectLeadersV1,
    ForgetNodeReplyV1, ForgetNodeV1, RefusalKind, RegisterNodeReplyV1, UnregisterNodeReplyV1,
    UnregisterNodeV1,
};
use ringlog_reactor::local::Notify;
use ringlog_reactor::{Reactor, Task};
use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How many attempts to find a controller may fail before somebody is told: about three seconds.
const FAILURES_SAID: u32 = 8;
/// The pause before the next attempt to reach a controller; it doubles with each failure.
const BACKOFF_MIN: Duration = Duration::from_millis(20);
/// The longest pause between attempts: a controller that is back should be found within about a second.
const BACKOFF_MAX: Duration = Duration::from_secs(1);
/// How long changes are gathered before the image is written to the disk again.
const SAVE_DELAY: Duration = Duration::from_millis(200);
/// How long a stopping node waits for the controller's word.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// What the agent needs to know.
#[derive(Clone, Debug)]
pub(crate) struct AgentOptions {
    /// The node's id.
    pub(crate) node: NodeId,
    /// This life of the node: drawn at the start of the process.
    pub(crate) incarnation: Uuid,
    /// Drawn once for the node's data directories and kept there: tells a restarted node from a second one that was
    /// given the same id.
    pub(crate) storage: Uuid,
    /// The cluster the data directories belong to; `None` for new ones.
    pub(crate) cluster: Option<ClusterId>,
    /// Where the node is reached, advertised addresses, by listener name.
    pub(crate) listeners: Vec<ListenerAddress>,
    /// The controllers, in any order.
    pub(crate) controllers: Vec<SocketAddr>,
    /// Where the newest image is kept: a file in the first data directory.
    pub(crate) image_file: PathBuf,
    /// What was said at the start under Kafka's names.
    pub(crate) start: ConfigMap,
}

/// How much a view is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Freshness {
    /// Nothing is known yet.
    Nothing,
    /// Read from the node's own disk; no controller has confirmed it in this life of the node, so it may lack the newest
    /// changes. Partitions of which this node holds the only replica may be served: nobody else can lead them. Nothing
    /// may be deleted for not being in it.
    Saved,
    /// From a controller that this life of the node is (or was) registered with. Stays so while the controller is away:
    /// losing it stops no partition that is led already.
    Live,
}

/// The metadata as this node knows it. Cheap to clone; may be sent to other shards.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// What holds.
    pub(crate) image: Image,
    /// How far the image has come: the controller's position, larger is newer.
    pub(crate) position: u64,
    /// Where it is from.
    pub(crate) freshness: Freshness,
    /// Counts the views of this life: pass it to [`Agent::changed`].
    pub(crate) version: u64,
    /// What was said to this node under Kafka's names, at its start or since: the layer below what the image says.
    pub(crate) start: Arc<ConfigMap>,
}

/// The way to the controller; clones share it. The tasks end when the last one is gone.
#[derive(Clone)]
pub(crate) struct Agent {
    shared: Rc<Shared>,
    tasks: Rc<RefCell<Vec<Task<()>>>>,
}

pub(super) struct Shared {
    pub(super) reactor: Reactor,
    pub(super) options: AgentOptions,
    view: RefCell<View>,
    cluster: Cell<Option<ClusterId>>,
    link: RefCell<Option<Rc<Link>>>,
    stopping: Cell<bool>,
    /// The view, the link or `stopping` changed.
    changed: Notify,
}

impl Agent {
    /// Reads the saved image and begins to look for a controller. Returns at once.
    pub(crate) fn start(reactor: &Reactor, options: AgentOptions) -> Agent {
        let cluster = Cell::new(options.cluster);
        let view = View {
            image: Image::default(),
            position: 0,
            freshness: Freshness::Nothing,
            version: 1,
            start: Arc::new(options.start.clone()),
        };
        let shared = Rc::new(Shared {
            reactor: reactor.clone(),
            options,
            view: RefCell::new(view),
            cluster,
            link: RefCell::new(None),
            stopping: Cell::new(false),
            changed: Notify::new(),
        });
        let keeping = reactor.spawn(load_and_keep(shared.clone()));
        let connecting = reactor.spawn(keep_connected(shared.clone()));
        Agent { shared, tasks: Rc::new(RefCell::new(vec![keeping, connecting])) }
    }

    /// The newest view.
    pub(crate) fn view(&self) -> View {
        self.shared.view.borrow().clone()
    }

    /// From now on views say this below what the image says.
    pub(crate) fn set_start(&self, start: ConfigMap) {
        let view = self.view();
        let version = view.version + 1;
        *self.shared.view.borrow_mut() = View { start: Arc::new(start), version, ..view };
        self.shared.changed.notify_all();
    }

    /// Waits for a view newer than `version`; 0 to begin with gives the first one, which may be [`Freshness::Nothing`].
    pub(crate) async fn changed(&self, version: u64) -> View {
        self.shared.until(|shared| shared.view.borrow().version > version).await;
        self.view()
    }

    /// Whether a controller holds this node for alive right now.
    #[allow(dead_code, reason = "health will be told it")]
    pub(crate) fn is_connected(&self) -> bool {
        self.shared.link.borrow().is_some()
    }

    /// Creates topics; the view contains them when this returns.
    ///
    /// # Errors
    /// [`ClusterError`]; refusals of single topics are in the reply.
    pub(crate) async fn create_topics(
        &self,
        request: &CreateTopicsV1,
        patience: Duration,
    ) -> Result<CreateTopicsReplyV1, ClusterError> {
        self.shared.ask(request, patience, |reply: &CreateTopicsReplyV1| reply.position).await
    }

    /// Deletes topics; the view lacks them when this returns.
    ///
    /// # Errors
    /// [`ClusterError`]; refusals of single topics are in the reply.
    pub(crate) async fn delete_topics(
        &self,
        request: &DeleteTopicsV1,
        patience: Duration,
    ) -> Result<DeleteTopicsReplyV1, ClusterError> {
        self.shared.ask(request, patience, |reply: &DeleteTopicsReplyV1| reply.position).await
    }

    /// Changes configs; the view has them when this returns.
    ///
    /// # Errors
    /// [`ClusterError`]; refusals of single resources are in the reply.
    pub(crate) async fn alter_configs(
        &self,
        request: &AlterConfigsV1,
        patience: Duration,
    ) -> Result<AlterConfigsReplyV1, ClusterError> {
        self.shared.ask(request, patience, |reply: &AlterConfigsReplyV1| reply.position).await
    }

    /// Gives topics more partitions; the view has them when this returns.
    ///
    /// # Errors
    /// [`ClusterError`]; refusals of single topics are in the reply.
    pub(crate) async fn create_partitions(
        &self,
        request: &CreatePartitionsV1,
        patience: Duration,
    ) -> Result<CreatePartitionsReplyV1, ClusterError> {
        self.shared.ask(request, patience, |reply: &CreatePartitionsReplyV1| reply.position).await
    }

    /// Elects leaders anew; the view has them when this returns.
    ///
    /// # Errors
    /// [`ClusterError`]; refusals of single partitions are in the reply.
    pub(crate) async fn elect_leaders(
        &self,
        request: &ElectLeadersV1,
        patience: Duration,
    ) -> Result<ElectLeadersReplyV1, ClusterError> {
        self.shared.ask(request, patience, |reply: &ElectLeadersReplyV1| reply.position).await
    }

    /// What the controller that leads knows of the quorum.
    ///
    /// # Errors
    /// [`ClusterError`].
    pub(crate) async fn describe_quorum(
        &self,
        request: &DescribeQuorumV1,
        patience: Duration,
    ) -> Result<DescribeQuorumReplyV1, ClusterError> {
        self.shared.ask(request, patience, |_: &DescribeQuorumReplyV1| 0).await
    }

    /// Has a node forgotten; the view lacks it when this returns.
    ///
    /// # Errors
    /// [`ClusterError`].
    pub(crate) async fn forget_node(
        &self,
        request: &ForgetNodeV1,
        patience: Duration,
    ) -> Result<ForgetNodeReplyV1, ClusterError> {
        self.shared.ask(request, patience, |reply: &ForgetNodeReplyV1| reply.position).await
    }

    /// The first of a block of producer ids that nobody else gets, and how many they are.
    ///
    /// # Errors
    /// [`ClusterError`].
    pub(crate) async fn allocate_producer_ids(
        &self,
        patience: Duration,
    ) -> Result<(ProducerId, i32), ClusterError> {
        let options = &self.shared.options;
        let request = AllocateProducerIdsV1 { node: options.node.0, incarnation: options.incarnation.0 };
        let no_position = |_: &AllocateProducerIdsReplyV1| 0;
        let asking = async {
            loop {
                match self.shared.ask(&request, patience, no_position).await {
                    // A block that was given away without this node hearing of it is wasted, and does no harm.
                    Err(ClusterError::Unavailable) => self.shared.reactor.sleep(BACKOFF_MIN).await,
                    answered => return answered,
                }
            }
        };
        let reply = self.shared.reactor.timeout(patience, asking).await;
        let reply = reply.unwrap_or(Err(ClusterError::Unavailable))?;
        Ok((ProducerId(reply.first), reply.count))
    }

    /// Tells the controller that the node stops, so that others lead at once; ends the tasks.
    pub(crate) async fn stop(&self) {
        let link = self.shared.link.borrow().clone();
        if let Some(link) = link {
            let options = &self.shared.options;
            let request = UnregisterNodeV1 { node: options.node.0, incarnation: options.incarnation.0 };
            let asked = link.ask::<_, UnregisterNodeReplyV1>(&request);
            match self.shared.reactor.timeout(STOP_PATIENCE, asked).await {
                Ok(Asked::Answered(_)) => {}
                other => tracing::warn!(?other, "the controller could not be told that this node stops"),
            }
        }
        self.shared.stopping.set(true);
        self.shared.changed.notify_all();
        save_now(&self.shared).await;
        let tasks = std::mem::take(&mut *self.tasks.borrow_mut());
        drop(tasks);
    }
}

impl Shared {
    pub(super) fn position(&self) -> u64 {
        self.view.borrow().position
    }

    pub(super) fn cluster(&self) -> Option<ClusterId> {
        self.cluster.get()
    }

    /// The controller has taken the node in: from here on it belongs to this cluster.
    pub(super) fn registered(&self, reply: &RegisterNodeReplyV1) {
        self.cluster.set(Some(ClusterId(Uuid(reply.cluster))));
    }

    pub(super) fn set_link(&self, link: Option<Rc<Link>>) {
        *self.link.borrow_mut() = link;
        self.changed.notify_all();
    }

    pub(super) fn publish_live(&self, image: Image, position: u64) {
        self.publish(image, position, Freshness::Live);
    }

    fn publish(&self, image: Image, position: u64, freshness: Freshness) {
        let (version, start) = {
            let view = self.view.borrow();
            (view.version + 1, view.start.clone())
        };
        *self.view.borrow_mut() = View { image, position, freshness, version, start };
        self.changed.notify_all();
    }

    async fn until(&self, holds: impl Fn(&Shared) -> bool) {
        loop {
            let changed = self.changed.notified();
            if holds(self) {
                return;
            }
            changed.await;
        }
    }

    /// Asks whoever leads, waiting for a connection if there is none, and then for the view to reach the reply.
    async fn ask<Q: ClusterBody, A: ClusterBody>(
        &self,
        request: &Q,
        patience: Duration,
        position: impl Fn(&A) -> u64,
    ) -> Result<A, ClusterError> {
        let asking = async {
            let reply = self.ask_leader(request).await?;
            let position = position(&reply);
            self.until(|shared| shared.position() >= position || shared.stopping.get()).await;
            Ok(reply)
        };
        self.reactor.timeout(patience, asking).await.unwrap_or(Err(ClusterError::Unavailable))
    }

    /// Only what surely had no effect is asked again.
    async fn ask_leader<Q: ClusterBody, A: ClusterBody>(&self, request: &Q) -> Result<A, ClusterError> {
        loop {
            self.until(|shared| shared.link.borrow().is_some() || shared.stopping.get()).await;
            if self.stopping.get() {
                return Err(ClusterError::Stopping);
            }
            let Some(link) = self.link.borrow().clone() else { continue };
            match link.ask(request).await {
                Asked::NotSent => self.reactor.sleep(BACKOFF_MIN).await,
                Asked::Refused(refusal) if refusal.kind() == Some(RefusalKind::NotLeader) => {
                    // The next heartbeat notices as well, and leads to the right controller; until then, gently.
                    self.reactor.sleep(BACKOFF_MIN * 5).await;
                }
                Asked::Refused(refusal) if refusal.kind() == Some(RefusalKind::Unavailable) => {
                    return Err(ClusterError::Unavailable);
                }
                asked => return asked.into_result(),
            }
        }
    }
}

/// Reads the saved image, then writes it anew whenever there is a newer one.
async fn load_and_keep(shared: Rc<Shared>) {
    let path = shared.options.image_file.clone();
    match shared.reactor.read_file(&path).await {
        Ok(bytes) => load(&shared, &bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(path = %path.display(), %error, "the saved metadata cannot be read"),
    }
    let mut kept = shared.position();
    loop {
        let news = |shared: &Shared| {
            let view = shared.view.borrow();
            view.freshness == Freshness::Live && view.position != kept
        };
        shared.until(news).await;
        shared.reactor.sleep(SAVE_DELAY).await;
        let view = shared.view.borrow().clone();
        let bytes = saved::encode(&view.image, view.position);
        match shared.reactor.write_file_durably(&path, &bytes).await {
            Ok(()) => kept = view.position,
            Err(error) => {
                // Nothing depends on it while the controller answers; a full disk is noticed elsewhere too.
                tracing::warn!(path = %path.display(), %error, "the metadata could not be saved");
                shared.reactor.sleep(BACKOFF_MAX * 10).await;
            }
        }
    }
}

/// What the delayed save may not have got to: the next start may come while no controller answers.
async fn save_now(shared: &Shared) {
    let view = shared.view.borrow().clone();
    if view.freshness == Freshness::Live {
        let path = &shared.options.image_file;
        let bytes = saved::encode(&view.image, view.position);
        if let Err(error) = shared.reactor.write_file_durably(path, &bytes).await {
            tracing::warn!(path = %path.display(), %error, "the metadata could not be saved");
        }
    }
}

fn load(shared: &Shared, bytes: &[u8]) {
    match saved::decode(bytes) {
        // A controller may have been faster than the disk.
        Some(_) if shared.view.borrow().freshness == Freshness::Live => {}
        Some((image, _)) if shared.cluster().is_some() && shared.cluster() != image.cluster() => {
            tracing::warn!("the saved metadata is of another cluster and is not used");
        }
        Some((image, position)) => shared.publish(image, position, Freshness::Saved),
        None => tracing::warn!("the saved metadata is damaged or of another release and is not used"),
    }
}

/// Tries the controllers in turn, for as long as the agent lives; a hint where the leader is comes first.
async fn keep_connected(shared: Rc<Shared>) {
    let mut next = 0;
    let mut hint = None;
    let mut failures = 0u32;
    loop {
        let controllers = &shared.options.controllers;
        let address = match (hint.take(), controllers.get(next % controllers.len().max(1))) {
            (Some(hinted), _) => hinted,
            (None, Some(address)) => {
                next += 1;
                *address
            }
            (None, None) => {
                tracing::error!("there is no controller to register with");
                return;
            }
        };
        let mut registered = false;
        let ended = session::run(&shared, address, &mut registered).await;
        failures = if registered { 0 } else { failures + 1 };
        if let Err(error) = ended {
            hint = leader_hint(&error);
            say(&error, address, failures);
        }
        let pause = (BACKOFF_MIN * (1 << failures.min(10))).min(BACKOFF_MAX);
        let jitter = shared.reactor.random_u64() % (pause.as_millis() as u64 / 2 + 1);
        shared.reactor.sleep(pause + Duration::from_millis(jitter)).await;
    }
}

fn leader_hint(error: &SessionError) -> Option<SocketAddr> {
    match error {
        SessionError::Refused(refusal) => refusal.leader.as_ref()?.parse().ok(),
        _ => None,
    }
}

/// What needs somebody's attention is said aloud; that no controller answers is said once when one is lost, and once if
/// none is found soon.
fn say(error: &SessionError, controller: SocketAddr, failures: u32) {
    let kind = match error {
        SessionError::Refused(refusal) => refusal.kind(),
        _ => None,
    };
    match kind {
        Some(RefusalKind::NotLeader | RefusalKind::Unavailable) => {
            tracing::debug!(%controller, %error, "looking for the controller that leads");
        }
        Some(_) => tracing::error!(%controller, %error, "this node was refused"),
        None if failures == 0 || failures == FAILURES_SAID => {
            tracing::warn!(%controller, %error, "the controller does not answer; serving goes on");
        }
        None => tracing::debug!(%controller, %error, "the controller does not answer"),
    }
}
