//! ShardMap: where partitions are served.

use super::{Session, plain, reply::Refused};
use crate::shard::Shard;
use bytes::Bytes;
use ringlog_image::{PartitionImage, TopicImage};
use ringlog_model::{NodeId, PartitionId, ShardId, TopicId};
use ringlog_native::{
    ErrorCode, Frame,
    body::{NodeAddress, PartitionPlace, ShardMap, ShardMapReply, TopicPlace},
};
use std::rc::Rc;

pub(super) fn answer(session: &Rc<Session>, frame: &Frame) -> Result<Bytes, Refused> {
    let asked = frame.decode::<ShardMap>()?;
    let shard = session.shard();
    let view = shard.view();
    let listener = &shard.node.listeners[session.connection.listener];
    let nodes = listener.reachable_nodes(&view.image, shard.node.node);
    let topics = if asked.topics.is_empty() {
        view.image.topics().map(|topic| place(shard, topic)).collect()
    } else {
        let place_one = |name: &String| match view.image.topic_by_name(name) {
            Some(topic) => place(shard, topic),
            None => TopicPlace {
                name: name.clone(),
                topic: TopicId::default(),
                error: Some(ErrorCode::UnknownTopicOrPartition),
                partitions: Vec::new(),
            },
        };
        asked.topics.iter().map(place_one).collect()
    };
    let nodes =
        nodes.into_iter().map(|(node, address)| NodeAddress { node, host: address.host, port: address.port });
    Ok(plain(frame.header.correlation, &ShardMapReply { nodes: nodes.collect(), topics }))
}

fn place(shard: &Shard, topic: &TopicImage) -> TopicPlace {
    let partitions = topic.partitions().map(|(id, partition)| PartitionPlace {
        index: id.index,
        leader: partition.leader.unwrap_or(NodeId::NONE),
        epoch: partition.leader_epoch,
        shard: shard_of(shard, id, partition),
    });
    TopicPlace {
        name: topic.name.to_string(),
        topic: topic.id,
        error: None,
        partitions: partitions.collect(),
    }
}

/// The shard that owns the partition on its leader. Of another node only that node knows: asking it corrects this.
pub(super) fn shard_of(shard: &Shard, id: PartitionId, partition: &PartitionImage) -> ShardId {
    if partition.leader == Some(shard.node.node) { shard.owner(id) } else { ShardId(0) }
}
