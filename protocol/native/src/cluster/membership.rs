//! Nodes and their controller.

use rkyv::{Archive, Deserialize, Serialize};

/// A node asks to take part, on a new connection. The same life may register again after a lost connection; another
/// life is refused while the lease of the former holds, unless it comes from the same data directory (`storage`).
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RegisterNodeV1 {
    /// The cluster the node's disks belong to; zero for new disks.
    pub cluster: [u8; 16],
    /// The node's id.
    pub node: i32,
    /// Drawn anew at each start of the process.
    pub incarnation: [u8; 16],
    /// Drawn once for the node's disks and kept there: tells a restart from a second node with the same id.
    pub storage: [u8; 16],
    /// The oldest format level the node understands.
    pub format_min: u16,
    /// The newest.
    pub format_max: u16,
    /// Where the node is reached.
    pub listeners: Vec<ListenerV1>,
}

/// A named listener with its advertised address.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ListenerV1 {
    /// Its name.
    pub name: String,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// The node is registered; the image follows on the same connection.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RegisterNodeReplyV1 {
    /// The cluster's identifier.
    pub cluster: [u8; 16],
    /// How often to send a heartbeat.
    pub heartbeat_interval_ms: u32,
    /// After how long without one the controller lets others lead.
    pub lease_ms: u32,
    /// The position that the image will have reached when it contains this registration.
    pub position: u64,
}

/// The node lives.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct HeartbeatV1 {
    /// The node.
    pub node: i32,
    /// Its life.
    pub incarnation: [u8; 16],
    /// How far it has applied the metadata.
    pub position: u64,
}

/// How the controller sees the node.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct HeartbeatReplyV1 {
    /// How far the controller has applied the metadata.
    pub position: u64,
}

/// The node stops: let others lead what it leads.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct UnregisterNodeV1 {
    /// The node.
    pub node: i32,
    /// Its life.
    pub incarnation: [u8; 16],
}

/// Others lead from the given position on.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct UnregisterNodeReplyV1 {
    /// The position of the metadata that says so.
    pub position: u64,
}

/// A part of the whole image: pushed after a registration, and whenever a node has fallen too far behind for deltas.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ImagePartV1 {
    /// The position of the image.
    pub position: u64,
    /// Counts the parts from zero; part zero begins a new image.
    pub part: u32,
    /// Whether the image is whole with this part.
    pub last: bool,
    /// Records in the encoding of `ringlog-image`.
    pub records: Vec<u8>,
}

/// What was committed after `after`, up to and including `position`.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ImageDeltaV1 {
    /// The position the receiver must be at.
    pub after: u64,
    /// The position it has reached then.
    pub position: u64,
    /// Records in the encoding of `ringlog-image`.
    pub records: Vec<u8>,
}
