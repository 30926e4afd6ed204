use super::*;
use crate::config::nothing_set;
use crate::{ListenerAddress, decode_records, encode_records};
use alloc::vec;
use ringlog_model::{LeaderEpoch, PartitionIndex};

fn uuid(low: u8) -> Uuid {
    let mut bytes = [0; 16];
    bytes[15] = low;
    Uuid(bytes)
}

fn partition(topic: u8, index: i32) -> PartitionId {
    PartitionId { topic: TopicId(uuid(topic)), index: PartitionIndex(index) }
}

fn state(replicas: &[i32], isr: &[i32], leader: Option<i32>) -> PartitionState {
    PartitionState {
        replicas: replicas.iter().copied().map(NodeId).collect(),
        isr: isr.iter().copied().map(NodeId).collect(),
        leader: leader.map(NodeId),
        leader_epoch: LeaderEpoch(0),
        partition_epoch: 0,
    }
}

fn registered(node: i32, incarnation: u8) -> MetadataRecord {
    let listener = ListenerAddress { name: "KAFKA".into(), host: "localhost".into(), port: 9092 };
    MetadataRecord::NodeRegistered {
        node: NodeId(node),
        incarnation: uuid(incarnation),
        storage: uuid(4),
        listeners: vec![listener],
    }
}

fn configured(resource: ConfigResource, name: &str, value: Option<&str>) -> MetadataRecord {
    MetadataRecord::ResourceConfigured { resource, name: name.into(), value: value.map(Into::into) }
}

fn image_of(records: &[MetadataRecord]) -> Image {
    let mut image = Image::default();
    for record in records {
        image.apply(record).unwrap();
    }
    image
}

fn full() -> Image {
    image_of(&[
        MetadataRecord::ClusterFormed { cluster: ClusterId(uuid(1)), format: 1 },
        registered(1, 10),
        registered(2, 11),
        MetadataRecord::NodeFenced { node: NodeId(2), incarnation: uuid(11) },
        MetadataRecord::TopicCreated { topic: TopicId(uuid(9)), name: "b".into() },
        MetadataRecord::Partition { partition: partition(9, 0), state: state(&[1, 2], &[1], Some(1)) },
        MetadataRecord::Partition { partition: partition(9, 1), state: state(&[2], &[2], None) },
        MetadataRecord::TopicCreated { topic: TopicId(uuid(8)), name: "c".into() },
        MetadataRecord::TopicConfigured {
            topic: TopicId(uuid(8)),
            name: "segment.ms".into(),
            value: Some("5".into()),
        },
        MetadataRecord::ProducerIdsAllocated { next: ProducerId(2000), node: NodeId(1) },
        configured(ConfigResource::AllNodes, "log.retention.ms", Some("3")),
        configured(ConfigResource::Node(NodeId(2)), "log.retention.ms", Some("2")),
        configured(ConfigResource::Group("g".into()), "consumer.session.timeout.ms", Some("50000")),
    ])
}

#[test]
fn a_snapshot_gives_the_same_image_back_through_its_bytes() {
    let image = full();
    let records = decode_records(&encode_records(&image.records())).unwrap();
    assert_eq!(image_of(&records), image);
    assert_eq!(image_of(&[]).records(), vec![]);
}

#[test]
fn applying_a_record_again_changes_nothing() {
    let mut image = full();
    let before = image.clone();
    for record in before.records() {
        // Registration makes a fenced node alive, and the record after it fences it again.
        image.apply(&record).unwrap();
    }
    assert_eq!(image, before);
}

#[test]
fn topics_are_found_by_name_and_by_id_until_deleted() {
    let mut image = full();
    assert_eq!(image.topics().map(|topic| &*topic.name).collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!(image.topic_by_name("b").unwrap().id, TopicId(uuid(9)));
    assert_eq!(image.partition(partition(9, 1)).unwrap().replicas, [NodeId(2)]);
    assert_eq!(image.partition(partition(9, 2)), None);
    assert_eq!(image.partition(partition(9, -1)), None);
    image.apply(&MetadataRecord::TopicDeleted { topic: TopicId(uuid(9)) }).unwrap();
    assert!(image.topic_by_name("b").is_none() && image.topic(TopicId(uuid(9))).is_none());
    assert_eq!(image.topic_count(), 1);
    // The name is free for another topic now.
    image.apply(&MetadataRecord::TopicCreated { topic: TopicId(uuid(7)), name: "b".into() }).unwrap();
}

#[test]
fn a_clone_does_not_see_later_changes() {
    let mut image = full();
    let old = image.clone();
    image.apply(&MetadataRecord::TopicDeleted { topic: TopicId(uuid(9)) }).unwrap();
    image.apply(&registered(3, 12)).unwrap();
    assert_eq!(old, full());
}

#[test]
fn fencing_an_earlier_life_leaves_the_next_one_alive() {
    let mut image = full();
    image.apply(&registered(1, 99)).unwrap();
    image.apply(&MetadataRecord::NodeFenced { node: NodeId(1), incarnation: uuid(10) }).unwrap();
    assert!(image.node(NodeId(1)).unwrap().is_alive());
    image.apply(&MetadataRecord::NodeFenced { node: NodeId(1), incarnation: uuid(99) }).unwrap();
    assert_eq!(image.alive_nodes().count(), 0);
    image.apply(&MetadataRecord::NodeUnfenced { node: NodeId(1), incarnation: uuid(99) }).unwrap();
    assert_eq!(image.alive_nodes().map(|node| node.id).collect::<Vec<_>>(), [NodeId(1)]);
    assert_eq!(image.node(NodeId(1)).unwrap().listener("KAFKA").unwrap().port, 9092);
}

#[test]
fn records_that_contradict_the_image_are_refused_and_change_nothing() {
    let set = |partition, state| MetadataRecord::Partition { partition, state };
    let cases = [
        (
            MetadataRecord::ClusterFormed { cluster: ClusterId(uuid(2)), format: 1 },
            ApplyError::OtherCluster { has: ClusterId(uuid(1)), said: ClusterId(uuid(2)) },
        ),
        (
            MetadataRecord::NodeFenced { node: NodeId(5), incarnation: uuid(1) },
            ApplyError::UnknownNode(NodeId(5)),
        ),
        (
            MetadataRecord::TopicCreated { topic: TopicId(uuid(4)), name: "b".into() },
            ApplyError::TopicNameTaken("b".into()),
        ),
        (
            MetadataRecord::TopicDeleted { topic: TopicId(uuid(4)) },
            ApplyError::UnknownTopic(TopicId(uuid(4))),
        ),
        (
            set(partition(9, 3), state(&[1], &[1], None)),
            ApplyError::PartitionGap { partition: partition(9, 3), count: 2 },
        ),
        (
            set(partition(9, -1), state(&[1], &[1], None)),
            ApplyError::PartitionGap { partition: partition(9, -1), count: 2 },
        ),
        (
            set(partition(9, 0), state(&[1], &[], None)),
            ApplyError::BadPartition { partition: partition(9, 0), reason: "nobody is in sync" },
        ),
        (
            set(partition(9, 0), state(&[1], &[1], Some(2))),
            ApplyError::BadPartition { partition: partition(9, 0), reason: "the leader is not in sync" },
        ),
        (
            MetadataRecord::ProducerIdsAllocated { next: ProducerId(1999), node: NodeId(1) },
            ApplyError::ProducerIdsWentBack { has: ProducerId(2000), said: ProducerId(1999) },
        ),
    ];
    for (record, error) in cases {
        let mut image = full();
        assert_eq!(image.apply(&record), Err(error));
        assert_eq!(image, full());
    }
}

#[test]
fn configs_of_nodes_and_groups_stay_until_they_are_taken_back() {
    let mut image = full();
    let topic = image.topic_by_name("b").unwrap().clone();
    assert_eq!(image.topic_config(&topic, NodeId(2), nothing_set()).retention_ms, Some(2));
    assert_eq!(image.topic_config(&topic, NodeId(1), nothing_set()).retention_ms, Some(3));
    assert_eq!(image.group_config("g", NodeId(1), nothing_set()).session_timeout_ms, 50_000);
    assert_eq!(image.group_config("h", NodeId(1), nothing_set()).session_timeout_ms, 45_000);
    let before = image.clone();
    image.apply(&configured(ConfigResource::Node(NodeId(2)), "log.retention.ms", None)).unwrap();
    assert_eq!(image.topic_config(&topic, NodeId(2), nothing_set()).retention_ms, Some(3));
    assert!(image.has_node_configs_of(&before, NodeId(1)));
    assert!(!image.has_node_configs_of(&before, NodeId(2)));
    assert_eq!(image.configured().count(), 2);
    // Taking back what was never set changes nothing.
    image.apply(&configured(ConfigResource::Group("h".into()), "consumer.session.timeout.ms", None)).unwrap();
    assert_eq!(image.configured().count(), 2);
}

#[test]
fn an_unregistered_node_is_forgotten_and_may_come_back() {
    let mut image = full();
    for _ in 0..2 {
        image.apply(&MetadataRecord::NodeUnregistered { node: NodeId(2) }).unwrap();
        assert!(image.node(NodeId(2)).is_none());
    }
    image.apply(&registered(2, 12)).unwrap();
    assert!(image.node(NodeId(2)).unwrap().is_alive());
}
