//! The life of topics, forwarded to the controller, and what is known of them.

use super::{
    Session,
    places::shard_of,
    plain,
    reply::{Refused, error_of, refusal_of},
};
use crate::refusal::Refusal;
use bytes::Bytes;
use ringlog_model::{NodeId, TopicId, Uuid};
use ringlog_native::{
    Correlation, Frame,
    body::{
        PartitionDescription, TopicCreate, TopicCreateReply, TopicDelete, TopicDeleteReply, TopicDescribe,
        TopicDescribeReply, TopicListReply, TopicSummary,
    },
    cluster::{ConfigEntryV1, CreateTopicsV1, DeleteTopicsV1, NewTopicV1, TopicReferenceV1},
};
use std::rc::Rc;

pub(super) async fn create(session: &Rc<Session>, frame: &Frame) -> Result<Bytes, Refused> {
    let asked = frame.decode::<TopicCreate>()?;
    let configs = asked.configs.into_iter().map(|(name, value)| ConfigEntryV1 { name, value: Some(value) });
    let topic = NewTopicV1 {
        name: asked.name,
        partitions: asked.partitions,
        replication_factor: asked.replication_factor,
        assignments: Vec::new(),
        configs: configs.collect(),
    };
    let request = CreateTopicsV1 { topics: vec![topic], validate_only: false };
    let mut reply = session.shard().create_topics(request).await.map_err(|error| error_of(&error))?;
    let created = reply.topics.pop().ok_or(Refusal::Stopping)?;
    if let Some(refusal) = &created.refusal {
        return Err(refusal_of(refusal));
    }
    let reply = TopicCreateReply { topic: TopicId(Uuid(created.topic)), partitions: created.partitions };
    Ok(plain(frame.header.correlation, &reply))
}

pub(super) async fn delete(session: &Rc<Session>, frame: &Frame) -> Result<Bytes, Refused> {
    let asked = frame.decode::<TopicDelete>()?;
    let reference = TopicReferenceV1 { name: Some(asked.name), topic: [0; 16] };
    let request = DeleteTopicsV1 { topics: vec![reference] };
    let mut reply = session.shard().delete_topics(request).await.map_err(|error| error_of(&error))?;
    let deleted = reply.topics.pop().ok_or(Refusal::Stopping)?;
    match &deleted.refusal {
        Some(refusal) => Err(refusal_of(refusal)),
        None => Ok(plain(frame.header.correlation, &TopicDeleteReply)),
    }
}

pub(super) fn list(session: &Rc<Session>, correlation: Correlation) -> Bytes {
    let view = session.shard().view();
    let topics = view.image.topics().map(|topic| TopicSummary {
        name: topic.name.to_string(),
        topic: topic.id,
        partitions: i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX),
        replication_factor: topic
            .partitions
            .first()
            .and_then(|partition| i16::try_from(partition.replicas.len()).ok())
            .unwrap_or(0),
    });
    plain(correlation, &TopicListReply { topics: topics.collect() })
}

pub(super) fn describe(session: &Rc<Session>, frame: &Frame) -> Result<Bytes, Refused> {
    let asked = frame.decode::<TopicDescribe>()?;
    let shard = session.shard();
    let view = shard.view();
    let topic = view.image.topic_by_name(&asked.name).ok_or(Refusal::UnknownTopicOrPartition)?;
    let partitions = topic.partitions().map(|(id, partition)| PartitionDescription {
        index: id.index,
        leader: partition.leader.unwrap_or(NodeId::NONE),
        epoch: partition.leader_epoch,
        shard: shard_of(shard, id, partition),
        replicas: partition.replicas.clone(),
        in_sync: partition.isr.clone(),
    });
    let reply = TopicDescribeReply {
        name: topic.name.to_string(),
        topic: topic.id,
        partitions: partitions.collect(),
        configs: topic.configs.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
    };
    Ok(plain(frame.header.correlation, &reply))
}
