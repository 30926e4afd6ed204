//! When each node was last heard of. Kept in memory by the controller that leads, never recorded: a new leader grants
//! every node a fresh lease.

use alloc::{collections::BTreeMap, vec::Vec};
use core::time::Duration;
use ringlog_image::Image;
use ringlog_model::{Instant, NodeId, Uuid};

/// The leases of all nodes.
#[derive(Clone, Debug)]
pub struct Leases {
    length: Duration,
    heard: BTreeMap<NodeId, (Uuid, Instant)>,
}

impl Leases {
    /// Leases of this length; every node that is alive in the image has one from `now`.
    #[must_use]
    pub fn new(length: Duration, image: &Image, now: Instant) -> Leases {
        let heard = image.alive_nodes().map(|node| (node.id, (node.incarnation, now))).collect();
        Leases { length, heard }
    }

    /// The node was heard of.
    pub fn renew(&mut self, node: NodeId, incarnation: Uuid, now: Instant) {
        self.heard.insert(node, (incarnation, now));
    }

    /// The node has no lease any more.
    pub fn end(&mut self, node: NodeId) {
        self.heard.remove(&node);
    }

    /// Whether some life of the node has a lease.
    #[must_use]
    pub fn holds(&self, node: NodeId, now: Instant) -> bool {
        self.heard.get(&node).is_some_and(|(_, heard)| now < heard.plus(self.length))
    }

    /// The nodes that are alive in the image and whose leases have run out, with the life that had them.
    ///
    /// A life that is alive and was never heard of gets a lease here: its registration was committed just now, perhaps
    /// by the leader before. What is not alive is forgotten.
    pub fn expired(&mut self, image: &Image, now: Instant) -> Vec<(NodeId, Uuid)> {
        self.heard.retain(|id, _| image.node(*id).is_some_and(|node| node.is_alive()));
        let mut expired = Vec::new();
        for node in image.alive_nodes() {
            match self.heard.get(&node.id) {
                Some((life, heard)) if *life == node.incarnation => {
                    if now >= heard.plus(self.length) {
                        expired.push((node.id, node.incarnation));
                    }
                }
                _ => self.renew(node.id, node.incarnation, now),
            }
        }
        expired
    }

    /// When to look at [`Leases::expired`] again, if at all.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        self.heard.values().map(|(_, heard)| heard.plus(self.length)).min()
    }
}
