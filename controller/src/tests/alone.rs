use super::*;
use ringlog_model::NodeId;
use ringlog_native::cluster::{
    AllocateProducerIdsReplyV1, AllocateProducerIdsV1, DeleteTopicsReplyV1, DeleteTopicsV1,
    DescribeQuorumReplyV1, DescribeQuorumV1, RefusalKind, TopicReferenceV1, UnregisterNodeReplyV1,
    UnregisterNodeV1,
};
use ringlog_reactor::simulation::{Crash, Simulation};

#[test]
fn a_node_registers_follows_and_changes_topics() {
    let simulation = Simulation::new(1);
    let (controller, node) = (simulation.host("controller"), simulation.host("node"));
    let _running = start_alone(&controller);
    let address = controller.socket_address(PORT);
    simulation.run_on(&node, move |reactor| async move {
        let mut node = TestNode::register(&reactor, 1, 1, &[address]).await;
        assert!(node.image.node(NodeId(1)).unwrap().is_alive());
        assert!(node.image.cluster().is_some());

        let reply: CreateTopicsReplyV1 = node.ask(&one_topic("a")).await.unwrap();
        node.follow_to(reply.position).await;
        let topic = node.image.topic_by_name("a").unwrap();
        assert_eq!(topic.id.0.0, reply.topics[0].topic);
        assert_eq!(topic.partitions[1].leader, Some(NodeId(1)));
        assert_eq!(node.create("a").await, Ok(false));

        let only = CreateTopicsV1 { validate_only: true, ..one_topic("b") };
        let reply: CreateTopicsReplyV1 = node.ask(&only).await.unwrap();
        assert_eq!((reply.topics[0].refusal.clone(), reply.topics[0].topic), (None, [0; 16]));
        // Each topic of a request by itself, in order.
        let mut several = one_topic("c");
        several.topics.extend(["c", "", "d"].map(|name| one_topic(name).topics.remove(0)));
        let reply: CreateTopicsReplyV1 = node.ask(&several).await.unwrap();
        let kinds: Vec<_> =
            reply.topics.iter().map(|topic| topic.refusal.as_ref().and_then(RefusalV1::kind)).collect();
        let expected = [None, Some(RefusalKind::TopicExists), Some(RefusalKind::InvalidTopicName), None];
        assert_eq!(kinds, expected);
        node.follow_to(reply.position).await;
        assert_eq!(names(&node.image), ["a", "c", "d"]);

        let named = |name: &str| TopicReferenceV1 { name: Some(name.into()), topic: [0; 16] };
        let topics = vec![named("a"), named("b"), TopicReferenceV1 { name: None, topic: [9; 16] }];
        let reply: DeleteTopicsReplyV1 = node.ask(&DeleteTopicsV1 { topics }).await.unwrap();
        let kinds: Vec<_> =
            reply.topics.iter().map(|topic| topic.refusal.as_ref().and_then(RefusalV1::kind)).collect();
        assert_eq!(kinds, [None, Some(RefusalKind::UnknownTopic), Some(RefusalKind::UnknownTopicId)]);
        node.follow_to(reply.position).await;
        assert_eq!(names(&node.image), ["c", "d"]);

        let ids = AllocateProducerIdsV1 { node: 1, incarnation: [1; 16] };
        for first in [0, 1000, 2000] {
            let block: AllocateProducerIdsReplyV1 = node.ask(&ids).await.unwrap();
            assert_eq!((block.first, block.count), (first, 1000));
        }
    });
}

#[test]
fn the_quorum_knows_how_far_a_node_has_come() {
    let simulation = Simulation::new(3);
    let (controller, node) = (simulation.host("controller"), simulation.host("node"));
    let _running = start_alone(&controller);
    let address = controller.socket_address(PORT);
    simulation.run_on(&node, move |reactor| async move {
        let mut node = TestNode::register(&reactor, 4, 1, &[address]).await;
        node.heartbeat().await.unwrap();
        let asked = DescribeQuorumV1 { node: 4 };
        let quorum: DescribeQuorumReplyV1 = node.ask(&asked).await.unwrap();
        assert_eq!((quorum.leader, quorum.voters.len(), quorum.nodes.len()), (1, 1, 1));
        assert_eq!(quorum.voters[0].end, Some(quorum.committed_end));
        assert_eq!(quorum.voters[0].address, address.to_string());
        let follower = &quorum.nodes[0];
        assert_eq!((follower.id, follower.end), (4, Some(quorum.committed_end)));
        assert!(follower.caught_up_at_ms.is_some());

        // It does not say that it has seen what it caused.
        node.create("a").await.unwrap();
        let quorum: DescribeQuorumReplyV1 = node.ask(&asked).await.unwrap();
        let follower = &quorum.nodes[0];
        assert!(follower.end < Some(quorum.committed_end) && follower.caught_up_at_ms.is_none());
    });
}

/// Whatever was acknowledged is there after every crash, whenever it comes, and the controller leads again soon.
#[test]
fn nothing_acknowledged_is_lost_in_twenty_crashes() {
    let simulation = Simulation::new(5);
    let (controller, node) = (simulation.host("controller"), simulation.host("node"));
    let _running = start_alone(&controller);
    let (address, inside) = (controller.socket_address(PORT), controller.clone());
    simulation.run_on(&node, move |reactor| async move {
        let mut created: Vec<String> = Vec::new();
        for round in 0..20u64 {
            let mut node = TestNode::register(&reactor, 1, 1, &[address]).await;
            for name in &created {
                assert!(node.image.topic_by_name(name).is_some(), "{name} is lost in round {round}");
            }
            let crash = async {
                reactor.sleep(Duration::from_micros(1_500 + 777 * round)).await;
            };
            let load = async {
                for number in 0.. {
                    let name = format!("t-{round}-{number}");
                    match node.create(&name).await {
                        Ok(true) => created.push(name),
                        other => panic!("{other:?}"),
                    }
                }
            };
            futures_lite::future::or(crash, load).await;
            inside.crash(if round % 2 == 0 { Crash::Power } else { Crash::Process });
            let _ = start_alone(&inside);
        }
        assert!(created.len() > 20, "only {} topics", created.len());
    });
}

#[test]
fn a_silent_node_leads_nothing_until_it_is_heard_of_again() {
    let simulation = Simulation::new(6);
    let (controller, node) = (simulation.host("controller"), simulation.host("node"));
    let _running = start_alone(&controller);
    let address = controller.socket_address(PORT);
    simulation.run_on(&node, move |reactor| async move {
        let mut silent = TestNode::register(&reactor, 1, 1, &[address]).await;
        assert_eq!(silent.create("t").await, Ok(true));
        let mut other = TestNode::register(&reactor, 2, 1, &[address]).await;
        for _ in 0..10 {
            reactor.sleep(Duration::from_millis(500)).await;
            other.heartbeat().await.unwrap();
        }
        assert!(!other.image.node(NodeId(1)).unwrap().is_alive());
        assert!(other.image.node(NodeId(2)).unwrap().is_alive());
        assert_eq!(other.image.topic_by_name("t").unwrap().partitions[0].leader, None);
        let position = silent.heartbeat().await.unwrap().position;
        silent.follow_to(position).await;
        assert_eq!(silent.image.topic_by_name("t").unwrap().partitions[0].leader, Some(NodeId(1)));

        // One that says that it stops is not waited for.
        let leaving = UnregisterNodeV1 { node: 1, incarnation: [1; 16] };
        let reply: UnregisterNodeReplyV1 = silent.ask(&leaving).await.unwrap();
        silent.follow_to(reply.position).await;
        assert!(!silent.image.node(NodeId(1)).unwrap().is_alive());
    });
}

#[test]
fn a_stopped_controller_leaves_in_order_and_comes_back() {
    let simulation = Simulation::new(7);
    let (controller, node) = (simulation.host("controller"), simulation.host("node"));
    let address = controller.socket_address(PORT);
    for round in 0..3 {
        let running = start_alone(&controller);
        simulation.run_on(&node, move |reactor| async move {
            let mut node = TestNode::register(&reactor, 1, round + 1, &[address]).await;
            assert_eq!(node.image.topic_count(), usize::from(round));
            assert_eq!(node.create(&format!("t{round}")).await, Ok(true));
        });
        controller.request_shutdown();
        simulation.run_until(|| running.is_finished()).unwrap();
        running.take_output().unwrap().unwrap();
        controller.crash(Crash::Power);
    }
}

#[test]
fn a_full_disk_refuses_new_topics_and_still_deletes() {
    let simulation = Simulation::new(8);
    let (controller, node) = (simulation.host("controller"), simulation.host("node"));
    controller.set_capacity(256 << 20);
    let _running = start_alone(&controller);
    let (address, inside) = (controller.socket_address(PORT), controller.clone());
    simulation.run_on(&node, move |reactor| async move {
        let mut node = TestNode::register(&reactor, 1, 1, &[address]).await;
        assert_eq!(node.create("t").await, Ok(true));
        // What is there fits, and not a byte more.
        inside.set_capacity(9 << 20);
        for _ in 0..24 {
            reactor.sleep(Duration::from_millis(500)).await;
            node.heartbeat().await.unwrap();
        }
        let reply: CreateTopicsReplyV1 = node.ask(&one_topic("u")).await.unwrap();
        assert_eq!(reply.topics[0].refusal.as_ref().unwrap().kind(), Some(RefusalKind::DiskFull));
        let topics = vec![TopicReferenceV1 { name: Some("t".into()), topic: [0; 16] }];
        let reply: DeleteTopicsReplyV1 = node.ask(&DeleteTopicsV1 { topics }).await.unwrap();
        assert_eq!(reply.topics[0].refusal, None);
        inside.set_capacity(256 << 20);
        for _ in 0..24 {
            reactor.sleep(Duration::from_millis(500)).await;
            node.heartbeat().await.unwrap();
        }
        assert_eq!(node.create("u").await, Ok(true));
    });
}

/// openraft and redb bring no chance of their own: the same seed is the same run, down to every byte on disk and wire.
#[test]
fn the_same_seed_gives_the_same_trace() {
    let trace = |seed| {
        let simulation = Simulation::new(seed);
        let (controller, node) = (simulation.host("controller"), simulation.host("node"));
        let _running = start_alone(&controller);
        let (address, inside) = (controller.socket_address(PORT), controller.clone());
        simulation.run_on(&node, move |reactor| async move {
            for round in 0..3 {
                let mut node = TestNode::register(&reactor, 1, 1, &[address]).await;
                for number in 0..10 {
                    assert_eq!(node.create(&format!("t-{round}-{number}")).await, Ok(true));
                }
                inside.crash(Crash::Power);
                let _ = start_alone(&inside);
            }
        });
        (simulation.trace_hash(), simulation.trace_events())
    };
    assert_eq!(trace(11), trace(11));
    assert_ne!(trace(11), trace(12));
}
