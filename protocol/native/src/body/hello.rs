//! The first exchange on every connection.

use super::empty_body;
use crate::wire::{Reader, put_string};
use crate::{Body, DecodeError, Op};
use ringlog_model::{ClusterId, NodeId, ShardId, Uuid};
use zerocopy::little_endian::{I32, U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// "No particular shard" in [`Hello`]'s fixed form.
pub const NO_SHARD: u16 = u16::MAX;

/// Opens a connection. Must be its first frame; anything else before it is refused and the connection closed.
///
/// The node answers with [`HelloReply`], or with `UnsupportedVersion` if it shares no wire version with the client.
/// A connection that names a shard is handed over to it before the reply, so that produce and fetch of that shard's
/// partitions need no hop between cores. Requests for other shards' partitions are served all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The lowest wire version the client speaks.
    pub version_lowest: u8,
    /// The highest.
    pub version_highest: u8,
    /// The shard that should serve this connection; `None` leaves the choice to the node. A number the node does not
    /// have counts as `None`: the shard map may just have changed.
    pub shard: Option<ShardId>,
    /// Who connects, for logs and quotas.
    pub client: String,
}

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct HelloFixed {
    version_lowest: u8,
    version_highest: u8,
    shard: U16,
    reserved: U32,
}

impl Body for Hello {
    const OP: Op = Op::HELLO;

    fn encode(&self, bytes: &mut Vec<u8>) {
        let fixed = HelloFixed {
            version_lowest: self.version_lowest,
            version_highest: self.version_highest,
            shard: self.shard.map_or(NO_SHARD, |shard| shard.0).into(),
            reserved: 0.into(),
        };
        bytes.extend_from_slice(fixed.as_bytes());
        put_string(bytes, &self.client);
    }

    fn decode(bytes: &[u8]) -> Result<Hello, DecodeError> {
        let mut reader = Reader::new(bytes);
        let fixed: &HelloFixed = reader.fixed("hello")?;
        Ok(Hello {
            version_lowest: fixed.version_lowest,
            version_highest: fixed.version_highest,
            shard: (fixed.shard.get() != NO_SHARD).then(|| ShardId(fixed.shard.get())),
            client: reader.string("client name")?,
        })
    }
}

/// What the node is and what this connection got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HelloReply {
    /// The wire version of all further frames: the highest that both speak.
    pub version: u8,
    /// The shard that serves this connection.
    pub shard: ShardId,
    /// How many shards the node has.
    pub shard_count: u16,
    /// The node.
    pub node: NodeId,
    /// The cluster it belongs to.
    pub cluster: ClusterId,
    /// The largest body the node takes.
    pub body_limit: u32,
}

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct HelloReplyFixed {
    version: u8,
    reserved: [u8; 3],
    shard: U16,
    shard_count: U16,
    node: I32,
    cluster: [u8; 16],
    body_limit: U32,
}

impl Body for HelloReply {
    const OP: Op = Op::HELLO;

    fn encode(&self, bytes: &mut Vec<u8>) {
        let fixed = HelloReplyFixed {
            version: self.version,
            reserved: [0; 3],
            shard: self.shard.0.into(),
            shard_count: self.shard_count.into(),
            node: self.node.0.into(),
            cluster: self.cluster.0.0,
            body_limit: self.body_limit.into(),
        };
        bytes.extend_from_slice(fixed.as_bytes());
    }

    fn decode(bytes: &[u8]) -> Result<HelloReply, DecodeError> {
        let fixed: &HelloReplyFixed = Reader::new(bytes).fixed("hello reply")?;
        Ok(HelloReply {
            version: fixed.version,
            shard: ShardId(fixed.shard.get()),
            shard_count: fixed.shard_count.get(),
            node: NodeId(fixed.node.get()),
            cluster: ClusterId(Uuid(fixed.cluster)),
            body_limit: fixed.body_limit.get(),
        })
    }
}

empty_body! {
    /// Asks for an empty reply, and is it.
    Ping: Op::PING
}
