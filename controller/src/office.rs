//! What the leading controller does by itself: it forms the cluster, and fences nodes that are not heard of any more.

use crate::desk::Desk;
use crate::quorum::{CommittedLog, Quorum, Role};
use ringlog_decide::{Decision, Leases, fence_node};
use ringlog_image::MetadataRecord;
use ringlog_model::{ClusterId, Instant, NodeId, Uuid};
use ringlog_reactor::Reactor;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

/// The format level that this release forms clusters at.
pub(crate) const FORMAT_LEVEL: u16 = 1;
/// How long to wait before something that was not committed is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// The leases of the term this controller leads in; clones share them.
#[derive(Clone)]
pub(crate) struct Office {
    reactor: Reactor,
    quorum: Quorum,
    desk: Desk,
    lease: Duration,
    leases: Rc<RefCell<Option<Leases>>>,
    heard: Rc<RefCell<BTreeMap<NodeId, Heard>>>,
}

/// What a node last said of itself. One for each registered node, so there are as few as nodes.
#[derive(Clone, Copy, Debug)]
struct Heard {
    /// How far it has applied the metadata.
    position: u64,
    at: Instant,
}

impl Office {
    pub(crate) fn new(reactor: &Reactor, quorum: Quorum, desk: Desk, lease: Duration) -> Office {
        Office { reactor: reactor.clone(), quorum, desk, lease, leases: Rc::default(), heard: Rc::default() }
    }

    /// The node was heard of.
    pub(crate) fn renew(&self, node: NodeId, incarnation: Uuid) {
        let now = self.now();
        if let Some(leases) = &mut *self.leases.borrow_mut() {
            leases.renew(node, incarnation, now);
        }
    }

    /// The node said how far it has applied the metadata.
    pub(crate) fn note(&self, node: NodeId, position: u64) {
        let at = self.now();
        self.heard.borrow_mut().insert(node, Heard { position, at });
    }

    /// The nodes with leases: how far each has come, and how long ago it said so.
    pub(crate) fn heard(&self) -> Vec<(NodeId, u64, Duration)> {
        let now = self.now();
        let heard = self.heard.borrow();
        heard.iter().map(|(node, heard)| (*node, heard.position, now.since(heard.at))).collect()
    }

    /// The node has no lease any more.
    pub(crate) fn end(&self, node: NodeId) {
        self.heard.borrow_mut().remove(&node);
        if let Some(leases) = &mut *self.leases.borrow_mut() {
            leases.end(node);
        }
    }

    /// Whether some life of the node was heard of lately.
    pub(crate) fn holds(&self, node: NodeId) -> bool {
        let now = self.now();
        self.leases.borrow().as_ref().is_some_and(|leases| leases.holds(node, now))
    }

    /// Runs for as long as the controller does.
    pub(crate) async fn run(self) {
        let mut led = None;
        loop {
            let changed = self.quorum.role_changed();
            match self.quorum.role() {
                Role::Leader { term } => {
                    if led != Some(term) {
                        tracing::info!(term, "this controller leads");
                        let (image, _) = self.quorum.metadata().get();
                        *self.leases.borrow_mut() = Some(Leases::new(self.lease, &image, self.now()));
                        led = Some(term);
                    }
                    let pause = self.lead().await;
                    futures_lite::future::or(changed, self.reactor.sleep(pause)).await;
                }
                Role::Follower { .. } => {
                    led = None;
                    *self.leases.borrow_mut() = None;
                    self.heard.borrow_mut().clear();
                    changed.await;
                }
            }
        }
    }

    /// Does what is due; gives how long there is nothing more to do.
    async fn lead(&self) -> Duration {
        let (image, _) = self.quorum.metadata().get();
        if image.cluster().is_none()
            && let Err(error) = self.form_cluster().await
        {
            tracing::warn!(%error, "the cluster could not be formed yet");
            return RETRY;
        }
        let now = self.now();
        let expired =
            self.leases.borrow_mut().as_mut().map_or(Vec::new(), |leases| leases.expired(&image, now));
        for (node, incarnation) in expired {
            tracing::warn!(%node, "not heard of any more: others lead what it led");
            let fenced = self.desk.decide(move |image| fence_node(image, node, incarnation)).await;
            if let Err(error) = fenced {
                tracing::warn!(%node, %error, "could not be fenced yet");
                return RETRY;
            }
            self.end(node);
        }
        let deadline = self.leases.borrow().as_ref().and_then(Leases::next_deadline);
        // Without a deadline, whoever registers brings one: at the earliest it ends after a whole lease.
        deadline.map_or(self.lease, |deadline| deadline.since(self.now()).max(Duration::from_millis(1)))
    }

    async fn form_cluster(&self) -> Result<(), crate::desk::DeskError> {
        let random = (u128::from(self.reactor.random_u64()) << 64) | u128::from(self.reactor.random_u64());
        let cluster = ClusterId(Uuid::from_random(random));
        let formed = self.desk.decide(move |image| {
            let record = MetadataRecord::ClusterFormed { cluster, format: FORMAT_LEVEL };
            let records = if image.cluster().is_none() { vec![record] } else { vec![] };
            Ok(Decision { records, reply: () })
        });
        formed.await?;
        tracing::info!(%cluster, "formed");
        Ok(())
    }

    fn now(&self) -> Instant {
        Instant(self.reactor.now_nanos())
    }
}
