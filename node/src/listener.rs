//! The node's listeners as bound, with the addresses that clients are told.

use crate::options::HostPort;
use ringlog_image::{Image, NodeImage};
use ringlog_model::NodeId;

/// What is spoken on a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Kafka's protocol.
    Kafka,
    /// Ringlog's own.
    Native,
}

/// One bound listener.
#[derive(Clone, Debug)]
pub(crate) struct ListenerInfo {
    /// Its name, by which the addresses of other nodes are looked up.
    pub(crate) name: String,
    /// What is spoken.
    pub(crate) protocol: Protocol,
    /// What clients are told.
    pub(crate) advertised: HostPort,
}

/// The node's listeners, by their index.
pub(crate) type Listeners = Vec<ListenerInfo>;

impl ListenerInfo {
    /// Where a client that came through this listener reaches `node`. For this node itself that is known even before
    /// the controller has said so.
    pub(crate) fn address_of(&self, node: &NodeImage, own: NodeId) -> Option<HostPort> {
        if node.id == own {
            return Some(self.advertised.clone());
        }
        node.listener(&self.name).map(|address| HostPort { host: address.host.clone(), port: address.port })
    }

    /// The live nodes that a client of this listener can reach, in the order of ids.
    pub(crate) fn reachable_nodes(&self, image: &Image, own: NodeId) -> Vec<(NodeId, HostPort)> {
        let mut nodes: Vec<_> =
            image.alive_nodes().filter_map(|node| Some((node.id, self.address_of(node, own)?))).collect();
        if !nodes.iter().any(|(id, _)| *id == own) {
            nodes.push((own, self.advertised.clone()));
            nodes.sort_by_key(|(id, _)| *id);
        }
        nodes
    }
}
