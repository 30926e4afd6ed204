//! A controller in memory: registers the node, creates and deletes topics, gives away producer ids. Speaks the cluster
//! listener's protocol, so that the node under test is whole.

use ringlog_image::{ConfigResource, Image, ListenerAddress, MetadataRecord, PartitionState, encode_records};
use ringlog_model::{ClusterId, LeaderEpoch, NodeId, PartitionId, PartitionIndex, ProducerId, TopicId, Uuid};
use ringlog_native::{
    Correlation, Flags, Frame, FrameBuffer,
    cluster::{
        AllocateProducerIdsReplyV1, AllocateProducerIdsV1, AlterConfigsReplyV1, AlterConfigsV1,
        AlterResourceV1, ClusterBody, ConfigChangeV1, CreatePartitionsReplyV1, CreatePartitionsV1,
        CreateTopicsReplyV1, CreateTopicsV1, CreatedTopicV1, DeleteTopicsReplyV1, DeleteTopicsV1,
        DeletedTopicV1, DescribeQuorumReplyV1, ElectLeadersReplyV1, ElectLeadersV1, ElectedV1, GrowTopicV1,
        HeartbeatReplyV1, ImagePartV1, QuorumMemberV1, RefusalKind, RefusalV1, RegisterNodeReplyV1,
        RegisterNodeV1, ResourceKindV1, Schema, UnregisterNodeReplyV1, body, frame,
    },
};
use ringlog_reactor::{Reactor, Receive, Stream};
use std::{cell::RefCell, net::SocketAddr, rc::Rc};

/// What the controller knows; survives the lives of the node.
#[derive(Clone, Default)]
pub(crate) struct Controller {
    state: Rc<RefCell<State>>,
}

#[derive(Default)]
struct State {
    image: Image,
    position: u64,
    topics_made: u64,
}

impl Controller {
    /// Serves on a port of its own; returns its address.
    pub(crate) fn start(&self, reactor: &Reactor, address: SocketAddr) -> SocketAddr {
        let listener = reactor.listen(address).unwrap();
        let bound = listener.local_address();
        let (controller, reactor) = (self.clone(), reactor.clone());
        reactor
            .clone()
            .spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let (controller, spawner) = (controller.clone(), reactor.clone());
                    reactor.spawn(async move { controller.serve(spawner, stream).await }).detach();
                }
            })
            .detach();
        bound
    }

    async fn serve(&self, reactor: Reactor, stream: Stream) {
        let mut frames = FrameBuffer::new(8 << 20);
        loop {
            while let Ok(Some(frame)) = frames.next_frame() {
                for answer in self.answer(&frame) {
                    if stream.send(vec![answer]).await.is_err() {
                        return;
                    }
                }
            }
            let (received, bytes) = stream.receive(reactor.buffer(64 << 10), Receive::Some).await;
            match received {
                Ok(count) if count > 0 => frames.push(&bytes),
                _ => return,
            }
        }
    }

    fn answer(&self, asked: &Frame) -> Vec<bytes::Bytes> {
        let mut state = self.state.borrow_mut();
        let correlation = asked.header.correlation;
        match Schema::of(&asked.header).unwrap() {
            Schema::RegisterNodeV1 => {
                let asked: RegisterNodeV1 = body(asked).unwrap();
                state.register(&asked);
                let reply = RegisterNodeReplyV1 {
                    cluster: state.image.cluster().unwrap().0.0,
                    heartbeat_interval_ms: 500,
                    lease_ms: 5000,
                    position: state.position,
                };
                vec![reply_to(correlation, &reply), state.push()]
            }
            Schema::HeartbeatV1 => {
                vec![reply_to(correlation, &HeartbeatReplyV1 { position: state.position })]
            }
            Schema::UnregisterNodeV1 => {
                vec![reply_to(correlation, &UnregisterNodeReplyV1 { position: state.position })]
            }
            Schema::CreateTopicsV1 => {
                let asked: CreateTopicsV1 = body(asked).unwrap();
                let topics = asked.topics.iter().map(|topic| state.create(topic)).collect();
                let reply = CreateTopicsReplyV1 { position: state.position, topics };
                vec![state.push(), reply_to(correlation, &reply)]
            }
            Schema::DeleteTopicsV1 => {
                let asked: DeleteTopicsV1 = body(asked).unwrap();
                let topics = asked.topics.iter().map(|topic| state.delete(topic)).collect();
                let reply = DeleteTopicsReplyV1 { position: state.position, topics };
                vec![state.push(), reply_to(correlation, &reply)]
            }
            Schema::AlterConfigsV1 => {
                let asked: AlterConfigsV1 = body(asked).unwrap();
                for resource in &asked.resources {
                    state.configure(resource);
                }
                let refusals = vec![None; asked.resources.len()];
                let reply = AlterConfigsReplyV1 { position: state.position, refusals };
                vec![state.push(), reply_to(correlation, &reply)]
            }
            Schema::CreatePartitionsV1 => {
                let asked: CreatePartitionsV1 = body(asked).unwrap();
                let refusals = asked.topics.iter().map(|topic| state.grow(topic)).collect();
                let reply = CreatePartitionsReplyV1 { position: state.position, refusals };
                vec![state.push(), reply_to(correlation, &reply)]
            }
            Schema::ElectLeadersV1 => {
                let asked: ElectLeadersV1 = body(asked).unwrap();
                let stays = |(topic, partition): (String, i32)| ElectedV1 {
                    topic,
                    partition,
                    refusal: Some(RefusalV1::new(RefusalKind::ElectionNotNeeded, "it leads already")),
                };
                let partitions = asked.partitions.unwrap_or_default().into_iter().map(stays).collect();
                vec![reply_to(correlation, &ElectLeadersReplyV1 { position: state.position, partitions })]
            }
            Schema::DescribeQuorumV1 => {
                let end = Some(state.position + 1);
                let heard_at_ms = Some(7);
                let member = |id, address: &str| QuorumMemberV1 {
                    id,
                    address: address.to_owned(),
                    end,
                    heard_at_ms,
                    caught_up_at_ms: None,
                };
                let reply = DescribeQuorumReplyV1 {
                    leader: 5,
                    term: 2,
                    committed_end: state.position + 1,
                    voters: vec![member(5, "127.0.0.1:9292")],
                    nodes: vec![member(1, "")],
                };
                vec![reply_to(correlation, &reply)]
            }
            Schema::ForgetNodeV1 => {
                let refusal = RefusalV1::new(RefusalKind::UnknownNode, "no such node");
                vec![frame(Flags::RESPONSE | Flags::ERROR, correlation, &refusal)]
            }
            Schema::AllocateProducerIdsV1 => {
                let asked: AllocateProducerIdsV1 = body(asked).unwrap();
                let first = state.image.next_producer_id();
                let next = ProducerId(first.0 + 10);
                state.commit(&[MetadataRecord::ProducerIdsAllocated { next, node: NodeId(asked.node) }]);
                vec![
                    state.push(),
                    reply_to(correlation, &AllocateProducerIdsReplyV1 { first: first.0, count: 10 }),
                ]
            }
            other => panic!("a node does not send {other:?}"),
        }
    }
}

impl State {
    fn commit(&mut self, records: &[MetadataRecord]) {
        for record in records {
            self.image.apply(record).unwrap();
        }
        self.position += 1;
    }

    fn push(&self) -> bytes::Bytes {
        let records = encode_records(&self.image.records());
        let part = ImagePartV1 { position: self.position, part: 0, last: true, records };
        frame(Flags::RESPONSE, Correlation(0), &part)
    }

    fn register(&mut self, asked: &RegisterNodeV1) {
        let mut records = Vec::new();
        if self.image.cluster().is_none() {
            records.push(MetadataRecord::ClusterFormed { cluster: ClusterId(Uuid([7; 16])), format: 1 });
        }
        records.push(MetadataRecord::NodeRegistered {
            node: NodeId(asked.node),
            incarnation: Uuid(asked.incarnation),
            storage: Uuid(asked.storage),
            listeners: asked
                .listeners
                .iter()
                .map(|listener| ListenerAddress {
                    name: listener.name.clone(),
                    host: listener.host.clone(),
                    port: listener.port,
                })
                .collect(),
        });
        self.commit(&records);
    }

    fn create(&mut self, topic: &ringlog_native::cluster::NewTopicV1) -> CreatedTopicV1 {
        let refused = |kind| CreatedTopicV1 {
            name: topic.name.clone(),
            refusal: Some(RefusalV1::new(kind, "refused")),
            topic: [0; 16],
            partitions: -1,
            replication_factor: -1,
        };
        if self.image.topic_by_name(&topic.name).is_some() {
            return refused(RefusalKind::TopicExists);
        }
        if topic.replication_factor > 1 {
            return refused(RefusalKind::InvalidReplicationFactor);
        }
        self.topics_made += 1;
        let id = TopicId(Uuid(u128::from(self.topics_made).to_be_bytes()));
        let partitions = topic.partitions.max(1);
        let mut records = vec![MetadataRecord::TopicCreated { topic: id, name: topic.name.clone() }];
        records.extend(topic.configs.iter().map(|config| MetadataRecord::TopicConfigured {
            topic: id,
            name: config.name.clone(),
            value: config.value.clone(),
        }));
        records.extend((0..partitions).map(|index| MetadataRecord::Partition {
            partition: PartitionId { topic: id, index: PartitionIndex(index) },
            state: PartitionState {
                replicas: vec![NodeId(1)],
                isr: vec![NodeId(1)],
                leader: Some(NodeId(1)),
                leader_epoch: LeaderEpoch(0),
                partition_epoch: 0,
            },
        }));
        self.commit(&records);
        let name = topic.name.clone();
        CreatedTopicV1 { name, refusal: None, topic: id.0.0, partitions, replication_factor: 1 }
    }

    fn configure(&mut self, resource: &AlterResourceV1) {
        for ConfigChangeV1 { name, value, .. } in resource.changes.clone() {
            let other = |resource| MetadataRecord::ResourceConfigured {
                resource,
                name: name.clone(),
                value: value.clone(),
            };
            let record = match ResourceKindV1::from_number(resource.kind).unwrap() {
                ResourceKindV1::Topic => {
                    let Some(topic) = self.image.topic_by_name(&resource.name) else { continue };
                    MetadataRecord::TopicConfigured { topic: topic.id, name, value }
                }
                ResourceKindV1::AllNodes => other(ConfigResource::AllNodes),
                ResourceKindV1::Node => other(ConfigResource::Node(NodeId(resource.name.parse().unwrap()))),
                ResourceKindV1::Group => other(ConfigResource::Group(resource.name.clone())),
            };
            self.commit(&[record]);
        }
    }

    fn grow(&mut self, wanted: &GrowTopicV1) -> Option<RefusalV1> {
        let Some(topic) = self.image.topic_by_name(&wanted.name).cloned() else {
            return Some(RefusalV1::new(RefusalKind::UnknownTopic, "unknown"));
        };
        let (has, count) = (topic.partitions.len(), usize::try_from(wanted.count).unwrap());
        if count <= has {
            return Some(RefusalV1::new(RefusalKind::InvalidPartitions, "no more than before"));
        }
        for index in has..count {
            let index = PartitionIndex(i32::try_from(index).unwrap());
            let state = topic.partitions[0].clone();
            let partition = PartitionId { topic: topic.id, index };
            self.commit(&[MetadataRecord::Partition { partition, state }]);
        }
        None
    }

    fn delete(&mut self, topic: &ringlog_native::cluster::TopicReferenceV1) -> DeletedTopicV1 {
        let found = match &topic.name {
            Some(name) => self.image.topic_by_name(name).cloned(),
            None => self.image.topic(TopicId(Uuid(topic.topic))).cloned(),
        };
        match found {
            Some(found) => {
                self.commit(&[MetadataRecord::TopicDeleted { topic: found.id }]);
                let name = Some(found.name.to_string());
                DeletedTopicV1 { name, topic: found.id.0.0, refusal: None }
            }
            None => DeletedTopicV1 {
                name: topic.name.clone(),
                topic: topic.topic,
                refusal: Some(RefusalV1::new(RefusalKind::UnknownTopic, "unknown")),
            },
        }
    }
}

fn reply_to<B: ClusterBody>(correlation: Correlation, body: &B) -> bytes::Bytes {
    frame(Flags::RESPONSE, correlation, body)
}
