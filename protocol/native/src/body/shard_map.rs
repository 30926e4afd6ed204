//! Where partitions are.

use crate::wire::{Reader, put_list, put_string};
use crate::{Body, DecodeError, ErrorCode, Op};
use ringlog_model::{LeaderEpoch, NodeId, PartitionIndex, ShardId, TopicId, Uuid};
use zerocopy::little_endian::{I32, U16};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// Asks for the places of the partitions of some topics. Topics are never created by asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShardMap {
    /// Which topics, by name; none means all.
    pub topics: Vec<String>,
}

impl Body for ShardMap {
    const OP: Op = Op::SHARD_MAP;

    fn encode(&self, bytes: &mut Vec<u8>) {
        put_list(bytes, &self.topics, |bytes, name| put_string(bytes, name));
    }

    fn decode(bytes: &[u8]) -> Result<ShardMap, DecodeError> {
        let mut reader = Reader::new(bytes);
        Ok(ShardMap { topics: reader.list("topics", 2, |reader| reader.string("topic name"))? })
    }
}

/// The nodes, and who serves which partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShardMapReply {
    /// Every node that serves clients, with the address its native listener advertises.
    pub nodes: Vec<NodeAddress>,
    /// The topics asked for, in the order of the request.
    pub topics: Vec<TopicPlace>,
}

/// Where a node listens for native clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeAddress {
    /// The node.
    pub node: NodeId,
    /// Advertised host.
    pub host: String,
    /// Advertised port.
    pub port: u16,
}

/// One topic's partitions, or why there are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicPlace {
    /// As asked for.
    pub name: String,
    /// Its identifier; zero if unknown.
    pub topic: TopicId,
    /// Why there are no partitions, usually `UnknownTopicOrPartition`.
    pub error: Option<ErrorCode>,
    /// In order of their index.
    pub partitions: Vec<PartitionPlace>,
}

/// Who serves a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionPlace {
    /// Which partition.
    pub index: PartitionIndex,
    /// The leader's node; [`NodeId::NONE`] while there is none.
    pub leader: NodeId,
    /// The epoch of that leadership.
    pub epoch: LeaderEpoch,
    /// The leader's shard that owns the partition, to be named in [`crate::body::Hello`].
    pub shard: ShardId,
}

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct PlaceFixed {
    index: I32,
    leader: I32,
    epoch: I32,
    shard: U16,
    reserved: U16,
}

impl Body for ShardMapReply {
    const OP: Op = Op::SHARD_MAP;

    fn encode(&self, bytes: &mut Vec<u8>) {
        put_list(bytes, &self.nodes, |bytes, node| {
            bytes.extend_from_slice(&node.node.0.to_le_bytes());
            bytes.extend_from_slice(&node.port.to_le_bytes());
            put_string(bytes, &node.host);
        });
        put_list(bytes, &self.topics, |bytes, topic| {
            bytes.extend_from_slice(&topic.topic.0.0);
            bytes.extend_from_slice(&topic.error.map_or(0, ErrorCode::number).to_le_bytes());
            put_string(bytes, &topic.name);
            put_list(bytes, &topic.partitions, |bytes, place| {
                let fixed = PlaceFixed {
                    index: place.index.0.into(),
                    leader: place.leader.0.into(),
                    epoch: place.epoch.0.into(),
                    shard: place.shard.0.into(),
                    reserved: 0.into(),
                };
                bytes.extend_from_slice(fixed.as_bytes());
            });
        });
    }

    fn decode(bytes: &[u8]) -> Result<ShardMapReply, DecodeError> {
        let mut reader = Reader::new(bytes);
        let nodes = reader.list("nodes", 8, |reader| {
            let node = NodeId(reader.i32("node")?);
            let port = reader.u16("port")?;
            Ok(NodeAddress { node, port, host: reader.string("host")? })
        })?;
        let topics = reader.list("topics", 24, |reader| {
            let topic: &[u8; 16] = reader.fixed("topic id")?;
            let error = reader.i16("topic error")?;
            Ok(TopicPlace {
                topic: TopicId(Uuid(*topic)),
                error: (error != 0).then(|| ErrorCode::from_number(error)),
                name: reader.string("topic name")?,
                partitions: reader.list("partitions", size_of::<PlaceFixed>(), place)?,
            })
        })?;
        Ok(ShardMapReply { nodes, topics })
    }
}

fn place(reader: &mut Reader<'_>) -> Result<PartitionPlace, DecodeError> {
    let fixed: &PlaceFixed = reader.fixed("partition")?;
    Ok(PartitionPlace {
        index: PartitionIndex(fixed.index.get()),
        leader: NodeId(fixed.leader.get()),
        epoch: LeaderEpoch(fixed.epoch.get()),
        shard: ShardId(fixed.shard.get()),
    })
}
