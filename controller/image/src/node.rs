//! Nodes as the controller knows them.

use alloc::{string::String, sync::Arc, vec::Vec};
use ringlog_model::{NodeId, Uuid};

/// A node that has ever registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeImage {
    /// Its identifier.
    pub id: NodeId,
    /// The life of its process that registered last.
    pub incarnation: Uuid,
    /// Its disks: the same after a restart, another after they were replaced.
    pub storage: Uuid,
    /// Whether it may lead.
    pub state: NodeState,
    /// Where it is reached, by listener name.
    pub listeners: Arc<[ListenerAddress]>,
}

impl NodeImage {
    /// The advertised address of the listener with this name.
    #[must_use]
    pub fn listener(&self, name: &str) -> Option<&ListenerAddress> {
        self.listeners.iter().find(|listener| listener.name == name)
    }

    /// Whether it is alive as far as the controller knows.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.state == NodeState::Alive
    }
}

/// Whether a node takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeState {
    /// Its lease holds: it may lead, and new replicas may be placed on it.
    Alive,
    /// Its lease ran out or it stopped: it leads nothing until it is heard of again.
    Fenced,
}

/// One named listener with the address that others are told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListenerAddress {
    /// `KAFKA`, `NATIVE`, `CLUSTER`, or a name of the operator's own.
    pub name: String,
    /// A name or an address that the others can resolve and reach; never a wildcard.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// In the order of names, so that equal sets are equal lists.
pub(crate) fn sorted(mut listeners: Vec<ListenerAddress>) -> Arc<[ListenerAddress]> {
    listeners.sort();
    listeners.into()
}
