//! OffsetFetch.

use crate::{
    Coordinator, FetchOffsets, FetchedOffset, FetchedTopic, Name, OffsetValue, Refusal, group::Group,
};
use ringlog_model::{Offset, TopicId};

/// Kafka's answer where there is no position.
const NO_OFFSET: Offset = Offset(-1);

impl Coordinator {
    pub(crate) fn fetch_offsets(&self, request: &FetchOffsets) -> Result<Vec<FetchedTopic>, Refusal> {
        if let Some(Group::Consumer(group)) = self.groups.get(&request.group) {
            group.check_fetch(request)?;
        }
        let Some(wanted) = &request.topics else { return Ok(self.fetch_all(&request.group)) };
        let topics = wanted.iter().map(|(topic, topic_id, partitions)| FetchedTopic {
            topic: topic.clone(),
            topic_id: *topic_id,
            partitions: partitions
                .iter()
                .map(|partition| {
                    let value = self.offsets.get(&request.group, topic, *partition);
                    fetched(*partition, value.filter(|value| is_of_topic(value, *topic_id)))
                })
                .collect(),
        });
        Ok(topics.collect())
    }

    fn fetch_all(&self, group: &Name) -> Vec<FetchedTopic> {
        let topics = self.offsets.topics(group).map(|(topic, partitions)| FetchedTopic {
            topic: topic.clone(),
            topic_id: partitions.values().map(|value| value.topic_id).max().unwrap_or_default(),
            partitions: partitions
                .iter()
                .map(|(partition, value)| fetched(*partition, Some(value)))
                .collect(),
        });
        topics.collect()
    }
}

/// Whether a position is not one in an earlier topic of the same name.
fn is_of_topic(value: &OffsetValue, topic_id: TopicId) -> bool {
    let unknown = TopicId::default();
    value.topic_id == unknown || topic_id == unknown || value.topic_id == topic_id
}

fn fetched(partition: i32, value: Option<&OffsetValue>) -> FetchedOffset {
    match value {
        Some(value) => FetchedOffset {
            partition,
            offset: value.offset,
            leader_epoch: value.leader_epoch,
            metadata: value.metadata.clone(),
        },
        None => FetchedOffset { partition, offset: NO_OFFSET, leader_epoch: None, metadata: Name::default() },
    }
}
