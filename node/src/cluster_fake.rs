//! A controller in memory, until the agent is there.
use core::net::SocketAddr;
use ringlog_image::*;
use ringlog_model::*;
use ringlog_native::cluster::*;
use ringlog_reactor::{Reactor, local::Notify};
use std::{
    cell::{Cell, RefCell},
    path::PathBuf,
    time::Duration,
};

#[derive(Clone, Debug)]
pub(crate) struct AgentOptions {
    pub(crate) node: NodeId,
    pub(crate) incarnation: Uuid,
    pub(crate) storage: Uuid,
    pub(crate) cluster: Option<ClusterId>,
    pub(crate) listeners: Vec<ListenerAddress>,
    pub(crate) controllers: Vec<SocketAddr>,
    pub(crate) image_file: PathBuf,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Freshness {
    Nothing,
    Saved,
    Live,
}
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) image: Image,
    pub(crate) position: u64,
    pub(crate) freshness: Freshness,
    pub(crate) version: u64,
}
#[derive(Debug)]
#[allow(dead_code)]
pub(crate) enum ClusterError {
    Unavailable,
    Refused(RefusalV1),
    Stopping,
}
pub(crate) struct Agent {
    view: RefCell<View>,
    changed: Notify,
    next: Cell<i64>,
    reactor: Reactor,
    node: NodeId,
    file: PathBuf,
}

impl Agent {
    pub(crate) fn start(reactor: &Reactor, options: AgentOptions) -> Agent {
        let mut image = Image::default();
        let saved = std::fs::read(&options.image_file).unwrap_or_default();
        for record in decode_records(&saved).unwrap_or_default() {
            image.apply(&record).unwrap();
        }
        if image.cluster().is_none() {
            let id =
                Uuid::from_random(u128::from(reactor.random_u64()) << 64 | u128::from(reactor.random_u64()));
            image.apply(&MetadataRecord::ClusterFormed { cluster: ClusterId(id), format: 1 }).unwrap();
        }
        image
            .apply(&MetadataRecord::NodeRegistered {
                node: options.node,
                incarnation: options.incarnation,
                listeners: options.listeners.clone(),
            })
            .unwrap();
        Agent {
            view: RefCell::new(View { image, position: 1, freshness: Freshness::Live, version: 1 }),
            changed: Notify::new(),
            next: Cell::new(0),
            reactor: reactor.clone(),
            node: options.node,
            file: options.image_file,
        }
    }
    pub(crate) fn view(&self) -> View {
        self.view.borrow().clone()
    }
    pub(crate) async fn changed(&self, version: u64) -> View {
        loop {
            let changed = self.changed.notified();
            if self.view.borrow().version > version {
                return self.view();
            }
            changed.await;
        }
    }
    fn commit(&self, records: Vec<MetadataRecord>) -> u64 {
        let mut view = self.view.borrow_mut();
        for record in records {
            view.image.apply(&record).unwrap();
        }
        view.version += 1;
        view.position += 1;
        std::fs::write(&self.file, encode_records(&view.image.records())).unwrap();
        self.changed.notify_all();
        view.position
    }
    pub(crate) async fn create_topics(
        &self,
        request: &CreateTopicsV1,
        _: Duration,
    ) -> Result<CreateTopicsReplyV1, ClusterError> {
        let mut topics = Vec::new();
        let mut records = Vec::new();
        for topic in &request.topics {
            let partitions = if topic.partitions < 0 { 1 } else { topic.partitions };
            let id = Uuid::from_random(
                u128::from(self.reactor.random_u64()) << 64 | u128::from(self.reactor.random_u64()),
            );
            if self.view.borrow().image.topic_by_name(&topic.name).is_some() {
                topics.push(CreatedTopicV1 {
                    name: topic.name.clone(),
                    refusal: Some(RefusalV1::new(RefusalKind::TopicExists, "exists")),
                    topic: [0; 16],
                    partitions: -1,
                    replication_factor: -1,
                });
                continue;
            }
            records.push(MetadataRecord::TopicCreated { topic: TopicId(id), name: topic.name.clone() });
            for config in &topic.configs {
                records.push(MetadataRecord::TopicConfigured {
                    topic: TopicId(id),
                    name: config.name.clone(),
                    value: config.value.clone(),
                });
            }
            for index in 0..partitions {
                records.push(MetadataRecord::Partition {
                    partition: PartitionId { topic: TopicId(id), index: PartitionIndex(index) },
                    state: PartitionState {
                        replicas: vec![self.node],
                        isr: vec![self.node],
                        leader: Some(self.node),
                        leader_epoch: LeaderEpoch(0),
                        partition_epoch: 0,
                    },
                });
            }
            topics.push(CreatedTopicV1 {
                name: topic.name.clone(),
                refusal: None,
                topic: id.0,
                partitions,
                replication_factor: 1,
            });
        }
        let position = self.commit(records);
        Ok(CreateTopicsReplyV1 { position, topics })
    }
    pub(crate) async fn delete_topics(
        &self,
        request: &DeleteTopicsV1,
        _: Duration,
    ) -> Result<DeleteTopicsReplyV1, ClusterError> {
        let mut topics = Vec::new();
        let mut records = Vec::new();
        for reference in &request.topics {
            let image = self.view().image;
            let topic = match &reference.name {
                Some(name) => image.topic_by_name(name),
                None => image.topic(TopicId(Uuid(reference.topic))),
            };
            match topic {
                Some(topic) => {
                    records.push(MetadataRecord::TopicDeleted { topic: topic.id });
                    topics.push(DeletedTopicV1 {
                        name: Some(topic.name.to_string()),
                        topic: topic.id.0.0,
                        refusal: None,
                    })
                }
                None => topics.push(DeletedTopicV1 {
                    name: reference.name.clone(),
                    topic: reference.topic,
                    refusal: Some(RefusalV1::new(RefusalKind::UnknownTopic, "unknown")),
                }),
            }
        }
        let position = self.commit(records);
        Ok(DeleteTopicsReplyV1 { position, topics })
    }
    pub(crate) async fn allocate_producer_ids(&self, _: Duration) -> Result<(ProducerId, i32), ClusterError> {
        let first = self.next.get();
        self.next.set(first + 1000);
        Ok((ProducerId(first), 1000))
    }
    pub(crate) async fn stop(&self) {}
}
