//! Records as bytes: in the controller's log and snapshots, in deltas to nodes, in exports.
//!
//! ```text
//! record   kind u16 | version u16 | length u32 | payload[length]          little endian throughout
//! text     length u32 | UTF-8            list   count u32 | items          uuid   16 bytes
//! ```
//! A list of records is one record after the other. A payload's layout is fixed by (kind, version) for good: a new
//! field is a new version, and a reader that does not know a kind or version stops with an error instead of skipping,
//! because an image that lacks a record is another image. The format level of [`MetadataRecord::ClusterFormed`] says
//! which versions a writer may use.

use crate::wire::{Reader, Writer};
use crate::{ConfigResource, ListenerAddress, MetadataRecord, PartitionState};
use alloc::vec::Vec;
use ringlog_model::{ClusterId, LeaderEpoch, NodeId, PartitionId, PartitionIndex, ProducerId, TopicId};

/// The longest payload a record may have. A partition of a thousand replicas takes 8 KiB; a config value is bounded
/// by what a client may send in a request.
pub const RECORD_BYTES_MAX: usize = 1024 * 1024;

/// Why bytes are not records.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A length points beyond the end.
    #[error("{wanted} bytes wanted, {had} are left")]
    Short {
        /// What a length said.
        wanted: usize,
        /// What there is.
        had: usize,
    },
    /// A record longer than [`RECORD_BYTES_MAX`].
    #[error("a record of {0} bytes")]
    TooLong(usize),
    /// A text that is not UTF-8.
    #[error("a text is not UTF-8")]
    NotText,
    /// A number that stands for nothing where one of several things is meant.
    #[error("{0} stands for nothing here")]
    BadTag(u8),
    /// A flag that is neither 0 nor 1.
    #[error("a flag has the value {0}")]
    BadFlag(u8),
    /// Bytes are left in a payload after its last field.
    #[error("{left} bytes are left after a record of kind {kind}")]
    Excess {
        /// The record's kind.
        kind: u16,
        /// How many bytes.
        left: usize,
    },
    /// A kind or a version of a kind that this release does not know.
    #[error("a record of kind {kind} version {version} is from a newer release")]
    Unknown {
        /// The record's kind.
        kind: u16,
        /// The version of its payload.
        version: u16,
    },
}

const CLUSTER_FORMED: u16 = 1;
const NODE_REGISTERED: u16 = 2;
const NODE_FENCED: u16 = 3;
const NODE_UNFENCED: u16 = 4;
const TOPIC_CREATED: u16 = 5;
const TOPIC_DELETED: u16 = 6;
const TOPIC_CONFIGURED: u16 = 7;
const PARTITION: u16 = 8;
const PRODUCER_IDS_ALLOCATED: u16 = 9;
const RESOURCE_CONFIGURED: u16 = 10;
const NODE_UNREGISTERED: u16 = 11;

/// The records one after the other.
#[must_use]
pub fn encode_records(records: &[MetadataRecord]) -> Vec<u8> {
    let mut writer = Writer::default();
    for record in records {
        encode(record, &mut writer);
    }
    writer.bytes
}

/// Takes records until the bytes end.
///
/// # Errors
/// [`DecodeError`] if the bytes are not whole records of known kinds and versions.
pub fn decode_records(bytes: &[u8]) -> Result<Vec<MetadataRecord>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let mut records = Vec::new();
    while reader.remaining() > 0 {
        let (kind, version) = (reader.u16()?, reader.u16()?);
        let length = reader.u32()? as usize;
        if length > RECORD_BYTES_MAX {
            return Err(DecodeError::TooLong(length));
        }
        let mut payload = Reader::new(reader.take(length)?);
        records.push(decode(kind, version, &mut payload)?);
        match payload.remaining() {
            0 => {}
            left => return Err(DecodeError::Excess { kind, left }),
        }
    }
    Ok(records)
}

fn encode(record: &MetadataRecord, out: &mut Writer) {
    let mut payload = Writer::default();
    let kind = encode_payload(record, &mut payload);
    out.u16(kind);
    out.u16(0);
    out.count(payload.bytes.len());
    out.bytes.append(&mut payload.bytes);
}

fn encode_payload(record: &MetadataRecord, out: &mut Writer) -> u16 {
    match record {
        MetadataRecord::ClusterFormed { cluster, format } => {
            out.uuid(cluster.0);
            out.u16(*format);
            CLUSTER_FORMED
        }
        MetadataRecord::NodeRegistered { node, incarnation, storage, listeners } => {
            out.i32(node.0);
            out.uuid(*incarnation);
            out.uuid(*storage);
            out.list(listeners, |out, listener| {
                out.text(&listener.name);
                out.text(&listener.host);
                out.u16(listener.port);
            });
            NODE_REGISTERED
        }
        MetadataRecord::NodeFenced { node, incarnation } => {
            out.i32(node.0);
            out.uuid(*incarnation);
            NODE_FENCED
        }
        MetadataRecord::NodeUnfenced { node, incarnation } => {
            out.i32(node.0);
            out.uuid(*incarnation);
            NODE_UNFENCED
        }
        MetadataRecord::NodeUnregistered { node } => {
            out.i32(node.0);
            NODE_UNREGISTERED
        }
        MetadataRecord::TopicCreated { topic, name } => {
            out.uuid(topic.0);
            out.text(name);
            TOPIC_CREATED
        }
        MetadataRecord::TopicDeleted { topic } => {
            out.uuid(topic.0);
            TOPIC_DELETED
        }
        MetadataRecord::TopicConfigured { topic, name, value } => {
            out.uuid(topic.0);
            out.text(name);
            out.option(value.as_ref(), |out, value| out.text(value));
            TOPIC_CONFIGURED
        }
        MetadataRecord::ResourceConfigured { resource, name, value } => {
            encode_resource(resource, out);
            out.text(name);
            out.option(value.as_ref(), |out, value| out.text(value));
            RESOURCE_CONFIGURED
        }
        MetadataRecord::Partition { partition, state } => {
            out.uuid(partition.topic.0);
            out.i32(partition.index.0);
            out.list(&state.replicas, |out, node| out.i32(node.0));
            out.list(&state.isr, |out, node| out.i32(node.0));
            out.option(state.leader.as_ref(), |out, leader| out.i32(leader.0));
            out.i32(state.leader_epoch.0);
            out.i32(state.partition_epoch);
            PARTITION
        }
        MetadataRecord::ProducerIdsAllocated { next, node } => {
            out.i64(next.0);
            out.i32(node.0);
            PRODUCER_IDS_ALLOCATED
        }
    }
}

fn decode(kind: u16, version: u16, from: &mut Reader<'_>) -> Result<MetadataRecord, DecodeError> {
    Ok(match (kind, version) {
        (CLUSTER_FORMED, 0) => {
            MetadataRecord::ClusterFormed { cluster: ClusterId(from.uuid()?), format: from.u16()? }
        }
        (NODE_REGISTERED, 0) => MetadataRecord::NodeRegistered {
            node: NodeId(from.i32()?),
            incarnation: from.uuid()?,
            storage: from.uuid()?,
            listeners: from.list(10, |from| {
                Ok(ListenerAddress { name: from.text()?, host: from.text()?, port: from.u16()? })
            })?,
        },
        (NODE_FENCED, 0) => {
            MetadataRecord::NodeFenced { node: NodeId(from.i32()?), incarnation: from.uuid()? }
        }
        (NODE_UNFENCED, 0) => {
            MetadataRecord::NodeUnfenced { node: NodeId(from.i32()?), incarnation: from.uuid()? }
        }
        (NODE_UNREGISTERED, 0) => MetadataRecord::NodeUnregistered { node: NodeId(from.i32()?) },
        (TOPIC_CREATED, 0) => {
            MetadataRecord::TopicCreated { topic: TopicId(from.uuid()?), name: from.text()? }
        }
        (TOPIC_DELETED, 0) => MetadataRecord::TopicDeleted { topic: TopicId(from.uuid()?) },
        (TOPIC_CONFIGURED, 0) => MetadataRecord::TopicConfigured {
            topic: TopicId(from.uuid()?),
            name: from.text()?,
            value: from.option(Reader::text)?,
        },
        (RESOURCE_CONFIGURED, 0) => MetadataRecord::ResourceConfigured {
            resource: decode_resource(from)?,
            name: from.text()?,
            value: from.option(Reader::text)?,
        },
        (PARTITION, 0) => MetadataRecord::Partition {
            partition: PartitionId { topic: TopicId(from.uuid()?), index: PartitionIndex(from.i32()?) },
            state: PartitionState {
                replicas: from.list(4, |from| Ok(NodeId(from.i32()?)))?,
                isr: from.list(4, |from| Ok(NodeId(from.i32()?)))?,
                leader: from.option(|from| Ok(NodeId(from.i32()?)))?,
                leader_epoch: LeaderEpoch(from.i32()?),
                partition_epoch: from.i32()?,
            },
        },
        (PRODUCER_IDS_ALLOCATED, 0) => {
            MetadataRecord::ProducerIdsAllocated { next: ProducerId(from.i64()?), node: NodeId(from.i32()?) }
        }
        _ => return Err(DecodeError::Unknown { kind, version }),
    })
}

const ALL_NODES: u8 = 1;
const NODE: u8 = 2;
const GROUP: u8 = 3;

fn encode_resource(resource: &ConfigResource, out: &mut Writer) {
    match resource {
        ConfigResource::AllNodes => out.u8(ALL_NODES),
        ConfigResource::Node(node) => {
            out.u8(NODE);
            out.i32(node.0);
        }
        ConfigResource::Group(name) => {
            out.u8(GROUP);
            out.text(name);
        }
    }
}

fn decode_resource(from: &mut Reader<'_>) -> Result<ConfigResource, DecodeError> {
    Ok(match from.u8()? {
        ALL_NODES => ConfigResource::AllNodes,
        NODE => ConfigResource::Node(NodeId(from.i32()?)),
        GROUP => ConfigResource::Group(from.text()?),
        other => return Err(DecodeError::BadTag(other)),
    })
}

#[cfg(test)]
mod tests;
