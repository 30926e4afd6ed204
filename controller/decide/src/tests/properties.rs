use super::*;
use proptest::prelude::*;

/// Something that happens to a cluster.
#[derive(Clone, Debug)]
enum Happening {
    Register { node: i32, life: u8, disks: u8 },
    Fence { node: i32 },
    Hear { node: i32 },
    Create { name: i32, partitions: i32, factor: i16 },
    Delete { name: i32 },
    ChangeInSync { topic: usize, mask: u8 },
    Allocate { node: i32 },
    Grow { name: i32, count: i32 },
    Elect { topic: i32, any: bool },
    Forget { node: i32 },
    Configure { name: i32, value: i32 },
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let node = 1..5i32;
    let one = prop_oneof![
        (node.clone(), 1..4u8, 1..3u8).prop_map(|(node, life, disks)| Happening::Register {
            node,
            life,
            disks
        }),
        node.clone().prop_map(|node| Happening::Fence { node }),
        node.clone().prop_map(|node| Happening::Hear { node }),
        (0..6i32, -2..5i32, -2..5i16).prop_map(|(name, partitions, factor)| Happening::Create {
            name,
            partitions,
            factor
        }),
        (0..6i32).prop_map(|name| Happening::Delete { name }),
        (0..6usize, any::<u8>()).prop_map(|(topic, mask)| Happening::ChangeInSync { topic, mask }),
        node.clone().prop_map(|node| Happening::Allocate { node }),
        (0..6i32, -1..9i32).prop_map(|(name, count)| Happening::Grow { name, count }),
        (0..6i32, any::<bool>()).prop_map(|(topic, any)| Happening::Elect { topic, any }),
        node.prop_map(|node| Happening::Forget { node }),
        (0..6i32, -3..9i32).prop_map(|(name, value)| Happening::Configure { name, value }),
    ];
    proptest::collection::vec(one, 0..60)
}

fn life_of(image: &Image, node: i32) -> Uuid {
    image.node(NodeId(node)).map_or(uuid(200), |node| node.incarnation)
}

fn decide(image: &Image, happening: &Happening, step: usize) -> Result<Vec<MetadataRecord>, Refusal> {
    match happening {
        Happening::Register { node, life, disks } => {
            let request = Registration {
                incarnation: uuid(10 * life + u8::try_from(*node).unwrap()),
                storage: uuid(100 + disks),
                ..registration(*node)
            };
            register_node(image, &request, step.is_multiple_of(2)).map(|decision| decision.records)
        }
        Happening::Fence { node } => {
            fence_node(image, NodeId(*node), life_of(image, *node)).map(|decision| decision.records)
        }
        Happening::Hear { node } => {
            hear_from_node(image, NodeId(*node), life_of(image, *node)).map(|decision| decision.records)
        }
        Happening::Grow { name, count } => {
            let growth = Growth { topic: numbered("t", *name), count: *count, assignments: None };
            grow_topic(image, &growth).map(|decision| decision.records)
        }
        Happening::Elect { topic, any } => {
            let election = if *any { Election::Any } else { Election::Preferred };
            let name = numbered("t", *topic);
            elect_leader(image, &name, PartitionIndex(0), election).map(|decision| decision.records)
        }
        Happening::Forget { node } => forget_node(image, NodeId(*node)).map(|decision| decision.records),
        Happening::Configure { name, value } => {
            let change = ConfigChange {
                name: "retention.ms".into(),
                operation: if *value == 8 { ConfigOperation::Delete } else { ConfigOperation::Set },
                value: Some(value.to_string()),
            };
            let target = ConfigTarget::Topic(numbered("t", *name));
            alter_configs(image, &target, &[change], Unnamed::Keep).map(|decision| decision.records)
        }
        Happening::Create { name, partitions, factor } => {
            let fresh = TopicId(Uuid((step as u128 + 1).to_be_bytes()));
            let topic = counted(&numbered("t", *name), *partitions, *factor);
            create_topic(image, &topic, fresh, TopicDefaults::default()).map(|decision| decision.records)
        }
        Happening::Delete { name } => {
            let reference = TopicReference::Name(numbered("t", *name));
            delete_topic(image, &reference).map(|decision| decision.records)
        }
        Happening::ChangeInSync { topic, mask } => {
            let Some(topic) = image.topics().nth(*topic) else { return Ok(vec![]) };
            let (partition, state) = topic.partitions().next().unwrap();
            let Some(leader) = state.leader else { return Ok(vec![]) };
            let chosen = |node: &NodeId| *node == leader || mask & (1 << node.0) != 0;
            let request = InSyncChange {
                node: leader,
                incarnation: life_of(image, leader.0),
                partition,
                leader_epoch: state.leader_epoch,
                partition_epoch: state.partition_epoch,
                in_sync: state.replicas.iter().copied().filter(chosen).collect(),
            };
            change_in_sync(image, &request).map(|decision| decision.records)
        }
        Happening::Allocate { node } => {
            let life = life_of(image, *node);
            allocate_producer_ids(image, NodeId(*node), life).map(|decision| decision.records)
        }
    }
}

/// What holds after every decision.
fn check(before: &Image, after: &Image) {
    for topic in after.topics() {
        for (id, state) in topic.partitions() {
            let alive = |node: &NodeId| after.node(*node).is_some_and(|node| node.is_alive());
            if let Some(leader) = state.leader {
                assert!(alive(&leader), "{id} is led by {leader}, which is not alive");
                assert!(state.is_in_sync(leader));
            } else {
                assert!(!state.isr.iter().any(alive), "{id} has no leader, and somebody could lead");
            }
            let Some(old) = before.partition(id) else { continue };
            assert!(state.partition_epoch >= old.partition_epoch);
            assert!(state.leader_epoch >= old.leader_epoch);
            assert_eq!(state == old, state.partition_epoch == old.partition_epoch);
            if state.leader != old.leader {
                assert!(state.leader_epoch > old.leader_epoch, "another leader in the same epoch");
            }
            assert!(
                state.isr.iter().any(|node| old.is_in_sync(*node)),
                "{id}: nobody who was in sync still is"
            );
        }
    }
    assert!(after.next_producer_id() >= before.next_producer_id());
}

proptest! {
    #[test]
    fn decisions_fit_their_image_and_keep_what_must_hold(happenings in happenings()) {
        let mut image = cluster(&[1, 2]);
        for (step, happening) in happenings.iter().enumerate() {
            let Ok(records) = decide(&image, happening, step) else { continue };
            let before = image.clone();
            for record in &records {
                image.apply(record).unwrap_or_else(|error| panic!("{happening:?}: {error}"));
            }
            check(&before, &image);
            // Deciding the same again on the result needs no change for what is about states.
            if matches!(happening, Happening::Fence { .. } | Happening::Hear { .. }) {
                prop_assert_eq!(decide(&image, happening, step).unwrap(), vec![]);
            }
        }
        // The snapshot of where it ended is the same image.
        let mut copy = Image::default();
        for record in image.records() {
            copy.apply(&record).unwrap();
        }
        prop_assert_eq!(copy, image);
    }
}
