//! A topic is deleted, and the node that holds it dies in the middle.
#![allow(clippy::unwrap_used, reason = "a step that fails fails its test")]

use core::time::Duration;
use ringlog_batch::{BatchBuilder, Compression};
use ringlog_kafka::messages::delete_topics_request::DeleteTopicState;
use ringlog_kafka::messages::metadata_request::MetadataRequestTopic;
use ringlog_kafka::messages::{DeleteTopicsRequest, MetadataRequest};
use ringlog_kafka::{ErrorCode, Response};
use ringlog_model::Timestamp;
use ringlog_reactor::simulation::Crash;
use ringlog_simulation::client::Connection;
use ringlog_simulation::world::World;
use std::path::Path;

const TOPIC: &str = "doomed";
const PARTITIONS: i32 = 4;
/// Retired files that the two shards keep for new segments.
const POOL: usize = 2 * 16;

fn create(world: &World) {
    world.create(TOPIC, PARTITIONS, &[]);
}

/// Appends to every partition; gives the offsets.
fn produce(world: &World) -> Vec<i64> {
    let mut builder = BatchBuilder::new();
    for _ in 0..50 {
        builder.append(Timestamp(1000), None, Some(&[b'x'; 2000]), &[]).unwrap();
    }
    let batch = builder.build(Compression::None).unwrap();
    (0..PARTITIONS).map(|index| world.produce(TOPIC, index, &batch)).collect()
}

/// Asks for the deletion and does not wait.
fn begin_to_delete(world: &World) {
    let node = world.cluster.bootstrap()[0];
    let _asking = world.clients.start("deleting", move |reactor| async move {
        let mut connection = Connection::open(&reactor, node).await.unwrap();
        let topics = vec![DeleteTopicState { name: Some(TOPIC), ..DeleteTopicState::default() }];
        let request = DeleteTopicsRequest { topics, timeout_ms: 5000, ..DeleteTopicsRequest::default() };
        // Whether an answer comes is up to the crash.
        let _ = connection.call(6, &request).await.map(|_| ());
    });
}

fn exists(world: &World) -> bool {
    world.client(|mut connection| async move {
        let topics = vec![MetadataRequestTopic { name: Some(TOPIC), ..MetadataRequestTopic::default() }];
        let request = MetadataRequest {
            topics: Some(topics),
            allow_auto_topic_creation: false,
            ..MetadataRequest::default()
        };
        let answer = connection.call(9, &request).await.unwrap();
        let Response::Metadata(response) = answer.response().unwrap() else { panic!("metadata") };
        response.topics[0].error_code == ErrorCode::NONE
    })
}

fn segment_files(world: &World) -> usize {
    let node = world.cluster.nodes()[0].clone();
    world.simulation.run_on(&node, |reactor| async move {
        reactor.read_directory(Path::new("/data/segments")).await.unwrap().len()
    })
}

#[test]
fn a_deletion_that_was_decided_is_carried_out_whenever_the_node_dies() {
    let mut deleted = 0;
    for seed in 0..24u64 {
        let world = World::new(seed, 2);
        create(&world);
        assert_eq!(produce(&world), [0; PARTITIONS as usize]);
        begin_to_delete(&world);
        world.simulation.run_for(Duration::from_micros(300 * seed));
        world.crash_and_start(if seed % 2 == 0 { Crash::Power } else { Crash::Process });
        world.simulation.run_for(Duration::from_secs(5));
        if exists(&world) {
            // The controller never heard of it: nothing is lost.
            assert_eq!(produce(&world), [50; PARTITIONS as usize], "seed {seed}");
            continue;
        }
        deleted += 1;
        assert!(segment_files(&world) <= POOL, "seed {seed}");
        create(&world);
        assert_eq!(
            produce(&world),
            [0; PARTITIONS as usize],
            "seed {seed}: a topic of that name begins anew"
        );
    }
    assert!((1..24).contains(&deleted), "{deleted} of 24 crashes came after the decision");
}
