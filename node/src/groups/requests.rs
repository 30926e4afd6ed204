//! How a request finds its coordinator.

use super::{OFFSETS_TOPIC, topic::new_offsets_topic};
use crate::{
    cluster::ClusterError,
    shard::{Shard, ShardMessage},
};
use ringlog_coordinator::{Request, Response, partition_of};
use ringlog_image::TopicImage;
use ringlog_model::{PartitionId, PartitionIndex};
use ringlog_native::cluster::CreateTopicsV1;
use ringlog_reactor::reply::{self, ReplySender};
use std::sync::Arc;

/// Why no coordinator takes a request. All of these pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unavailable {
    /// It is reading its partition.
    Loading,
    /// It cannot record anything now.
    NotAvailable,
    /// It is elsewhere, or this node stops.
    NotCoordinator,
}

/// Where the answer to a request goes.
pub(crate) type CoordinatorReply = ReplySender<Result<Response, Unavailable>>;

impl Shard {
    /// Asks the coordinator of a group; the answer may take as long as a rebalance.
    pub(crate) async fn coordinate(&self, group: &str, request: Request) -> Result<Response, Unavailable> {
        let topic = self.offsets_topic().ok_or(Unavailable::NotCoordinator)?;
        self.coordinate_at(partition_of_group(&topic, group), request).await
    }

    /// Asks the coordinator of a partition of `__consumer_offsets`.
    pub(crate) async fn coordinate_at(
        &self,
        partition: PartitionId,
        request: Request,
    ) -> Result<Response, Unavailable> {
        let owner = self.owner(partition);
        let (sender, receiver) = reply::channel();
        if owner == self.id {
            self.serve_coordinate(partition, request, sender);
        } else {
            self.send(owner, ShardMessage::Coordinate(partition, request, sender)).await;
        }
        receiver.await.unwrap_or(Err(Unavailable::NotCoordinator))
    }

    /// Hands a request to the coordinator of a partition that this shard owns.
    pub(crate) fn serve_coordinate(&self, partition: PartitionId, request: Request, reply: CoordinatorReply) {
        match self.groups.get(partition.index.0).filter(|found| found.partition == partition) {
            Some(coordinated) if !self.is_stopping() => coordinated.handle(self, request, reply),
            _ => {
                let _ = reply.send(Err(Unavailable::NotCoordinator));
            }
        }
    }

    /// `__consumer_offsets`, if it exists.
    pub(crate) fn offsets_topic(&self) -> Option<Arc<TopicImage>> {
        self.view().image.topic_by_name(OFFSETS_TOPIC).cloned()
    }

    /// `__consumer_offsets`, created if it does not exist.
    pub(crate) async fn ensure_offsets_topic(&self) -> Result<Option<Arc<TopicImage>>, ClusterError> {
        if let Some(topic) = self.offsets_topic() {
            return Ok(Some(topic));
        }
        let topics = vec![new_offsets_topic(&self.node.groups)];
        // That somebody else was faster is as good.
        self.create_topics(CreateTopicsV1 { topics, validate_only: false }).await?;
        Ok(self.offsets_topic())
    }
}

/// The partition that holds a group.
pub(crate) fn partition_of_group(topic: &TopicImage, group: &str) -> PartitionId {
    let count = i32::try_from(topic.partitions.len()).expect("partition indexes are i32 on the wire");
    PartitionId { topic: topic.id, index: PartitionIndex(partition_of(group, count)) }
}
