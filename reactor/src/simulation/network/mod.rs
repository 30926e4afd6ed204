//! The simulated network: listeners, connections and the packets between them. Bytes of one connection arrive in
//! order or not at all; everything else (delay, how they are cut into pieces, whether the way is open) is the seed's
//! and the test's choice.
//!
//! ```text
//!   send ──window──> path (packets in order, each with its arrival) ──> received bytes ──> receive
//!             ^                                                              │
//!             └───────────── Window packet on the opposite path <────────────┘
//! ```
//!
//! A cut between two hosts holds packets back, as lost packets and their retransmission do; a path that stays cut
//! for too long fails its connection. A host without power holds packets the same way and answers the first one
//! after its return with a reset.

mod endpoint;
mod packet;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};

pub(crate) use endpoint::{Endpoint, Phase};
pub(crate) use packet::{Body, Packet, Path};

use super::world::{HostId, OperationKey};

/// A listening socket.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) host: HostId,
    pub(crate) address: SocketAddr,
    pub(crate) backlog_max: usize,
    /// Established connections nobody has accepted yet.
    pub(crate) backlog: VecDeque<u64>,
    /// Accept operations waiting for one.
    pub(crate) accepts: VecDeque<OperationKey>,
}

/// All sockets and ways of a simulation.
#[derive(Debug, Default)]
pub(crate) struct Network {
    pub(crate) listeners: BTreeMap<u64, Listener>,
    pub(crate) endpoints: BTreeMap<u64, Endpoint>,
    /// Packets under way, by the endpoint that sent them.
    pub(crate) paths: BTreeMap<u64, Path>,
    cuts: BTreeSet<(HostId, HostId)>,
}

impl Network {
    /// The listener that answers connections to `address` on `host`.
    pub(crate) fn listener_at(&self, host: HostId, address: SocketAddr) -> Option<u64> {
        let answers = |listener: &Listener| {
            listener.host == host
                && listener.address.port() == address.port()
                && (listener.address.ip().is_unspecified() || listener.address.ip() == address.ip())
        };
        self.listeners.iter().find(|(_, listener)| answers(listener)).map(|(id, _)| *id)
    }

    /// Whether a new listener on `address` would take what another one has.
    pub(crate) fn is_taken(&self, host: HostId, address: SocketAddr) -> bool {
        self.listeners.values().any(|other| {
            other.host == host
                && other.address.port() == address.port()
                && (other.address.ip() == address.ip()
                    || other.address.ip().is_unspecified()
                    || address.ip().is_unspecified())
        })
    }

    /// Whether a local port is used by a connection or listener of the host.
    pub(crate) fn is_port_used(&self, host: HostId, address: IpAddr, port: u16) -> bool {
        self.is_taken(host, SocketAddr::new(address, port))
            || self.endpoints.values().any(|endpoint| endpoint.host == host && endpoint.local.port() == port)
    }

    /// Closes the way from one host to another.
    pub(crate) fn cut(&mut self, from: HostId, to: HostId) {
        self.cuts.insert((from, to));
    }

    /// Opens a way again.
    pub(crate) fn heal(&mut self, from: HostId, to: HostId) {
        self.cuts.remove(&(from, to));
    }

    pub(crate) fn heal_all(&mut self) {
        self.cuts.clear();
    }

    pub(crate) fn is_cut(&self, from: HostId, to: HostId) -> bool {
        self.cuts.contains(&(from, to))
    }
}
