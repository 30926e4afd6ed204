//! What travels between hosts.

use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::Bytes;

use crate::simulation::world::HostId;

/// One packet.
#[derive(Debug, Clone)]
pub(crate) struct Packet {
    /// The endpoint that sent it.
    pub(crate) from: u64,
    /// The endpoint it is for; unknown in a request to connect.
    pub(crate) to: u64,
    pub(crate) body: Body,
}

/// What a packet says.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// Asks a listener for a connection; carries the asker's own address.
    Connect { target: SocketAddr, source: SocketAddr },
    /// The connection stands; later packets go to the sender of this one.
    Established,
    /// Nobody listens.
    Refused,
    /// Bytes of the stream.
    Data(Bytes),
    /// The receiver has taken this many bytes out of its buffer.
    Window(usize),
    /// No more bytes will come.
    Finish,
    /// The connection is broken.
    Reset,
}

/// The way of packets from one endpoint, in order.
#[derive(Debug)]
pub(crate) struct Path {
    pub(crate) from_host: HostId,
    pub(crate) to_host: HostId,
    /// Packets with the time of their arrival.
    pub(crate) queue: VecDeque<(u64, Packet)>,
    /// Since when the head of the queue cannot pass.
    pub(crate) stalled_since: Option<u64>,
}
