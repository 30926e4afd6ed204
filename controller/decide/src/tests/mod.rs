//! Tables of decisions and refusals, and a property: whatever is decided fits, and keeps what must hold.

mod configs;
mod elections;
mod grow;
mod in_sync;
mod leases;
mod nodes;
mod properties;
mod topics;

use crate::*;
use alloc::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use ringlog_image::{Image, ListenerAddress, MetadataRecord, PartitionState};
use ringlog_model::{ClusterId, LeaderEpoch, NodeId, PartitionId, PartitionIndex, TopicId, Uuid};

fn uuid(low: u8) -> Uuid {
    let mut bytes = [0; 16];
    bytes[15] = low;
    Uuid(bytes)
}

fn topic_id(low: u8) -> TopicId {
    TopicId(uuid(low))
}

fn partition_id(topic: u8, index: i32) -> PartitionId {
    PartitionId { topic: topic_id(topic), index: PartitionIndex(index) }
}

fn nodes(ids: &[i32]) -> Vec<NodeId> {
    ids.iter().copied().map(NodeId).collect()
}

fn state(replicas: &[i32], isr: &[i32], leader: Option<i32>, epochs: (i32, i32)) -> PartitionState {
    PartitionState {
        replicas: nodes(replicas),
        isr: nodes(isr),
        leader: leader.map(NodeId),
        leader_epoch: LeaderEpoch(epochs.0),
        partition_epoch: epochs.1,
    }
}

fn listener(name: &str, host: &str, port: u16) -> ListenerAddress {
    ListenerAddress { name: name.into(), host: host.into(), port }
}

/// Node `n` with incarnation `10 + n` and storage `100 + n`.
fn registration(node: i32) -> Registration {
    let low = u8::try_from(node).unwrap();
    Registration {
        cluster: None,
        node: NodeId(node),
        incarnation: uuid(10 + low),
        storage: uuid(100 + low),
        formats: (1, 1),
        listeners: vec![listener("KAFKA", "localhost", 9092)],
    }
}

fn image_of(records: &[MetadataRecord]) -> Image {
    let mut image = Image::default();
    for record in records {
        image.apply(record).unwrap();
    }
    image
}

/// A formed cluster with these nodes alive.
fn cluster(alive: &[i32]) -> Image {
    let mut image = image_of(&[MetadataRecord::ClusterFormed { cluster: ClusterId(uuid(1)), format: 1 }]);
    for node in alive {
        image = register_node(&image, &registration(*node), false).unwrap().applied_to(&image).unwrap();
    }
    image
}

/// The image with a topic of these partitions.
fn with_topic(image: &Image, topic: u8, name: &str, partitions: &[PartitionState]) -> Image {
    let mut image = image.clone();
    image.apply(&MetadataRecord::TopicCreated { topic: topic_id(topic), name: name.into() }).unwrap();
    for (index, state) in (0..).zip(partitions) {
        let partition = partition_id(topic, index);
        image.apply(&MetadataRecord::Partition { partition, state: state.clone() }).unwrap();
    }
    image
}

fn counted(name: &str, partitions: i32, replication_factor: i16) -> NewTopic {
    NewTopic {
        name: name.into(),
        replication: Replication::Counts { partitions, replication_factor },
        configs: vec![],
    }
}

fn partition_of(image: &Image, topic: u8, index: i32) -> PartitionState {
    image.partition(partition_id(topic, index)).unwrap().clone()
}

fn text(refusal: &Refusal) -> String {
    refusal.to_string()
}

fn numbered(name: &str, number: i32) -> String {
    format!("{name}{number}")
}
