//! Records of idempotent producers go, and then the power fails: a retry is a duplicate all the same.
#![allow(clippy::unwrap_used, reason = "a step that fails fails its test")]

use core::time::Duration;
use ringlog_batch::{BatchBuilder, Compression};
use ringlog_kafka::Response;
use ringlog_kafka::messages::delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
use ringlog_kafka::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use ringlog_kafka::messages::{DeleteRecordsRequest, ListOffsetsRequest};
use ringlog_model::{ProducerEpoch, ProducerId, Sequence, Timestamp};
use ringlog_reactor::simulation::Crash;
use ringlog_simulation::client::Connection;
use ringlog_simulation::world::World;

const TOPIC: &str = "topic";
const EARLIEST: i64 = -2;

fn world(seed: u64, configs: &'static [(&'static str, &'static str)]) -> World {
    let world = World::new(seed, 1);
    world.create(TOPIC, 1, configs);
    world
}

fn produce(world: &World, producer: i64, sequence: i32) -> i64 {
    let mut builder =
        BatchBuilder::new().producer(ProducerId(producer), ProducerEpoch(0), Sequence(sequence));
    builder.append(Timestamp(1000), None, Some(b"value"), &[]).unwrap();
    world.produce(TOPIC, 0, &builder.build(Compression::None).unwrap())
}

fn delete_records(world: &World, before: i64) {
    world.client(move |mut connection| async move {
        let partitions = vec![DeleteRecordsPartition { partition_index: 0, offset: before }];
        let topics = vec![DeleteRecordsTopic { name: TOPIC, partitions }];
        let request = DeleteRecordsRequest { topics, timeout_ms: 5000 };
        let answer = connection.call(2, &request).await.unwrap();
        let Response::DeleteRecords(response) = answer.response().unwrap() else { panic!("delete") };
        assert_eq!(response.topics[0].partitions[0].low_watermark, before);
    });
}

fn start(world: &World) -> i64 {
    world.client(|mut connection| async move {
        let partitions = vec![ListOffsetsPartition { timestamp: EARLIEST, ..Default::default() }];
        let topics = vec![ListOffsetsTopic { name: TOPIC, partitions }];
        let request = ListOffsetsRequest { topics, ..ListOffsetsRequest::default() };
        let answer = connection.call(7, &request).await.unwrap();
        let Response::ListOffsets(response) = answer.response().unwrap() else { panic!("offsets") };
        response.topics[0].partitions[0].offset
    })
}

/// Two producers; of the second the last record is still there.
fn produce_some(world: &World) {
    let offsets =
        [(7, 0), (8, 0), (7, 1), (8, 1)].map(|(producer, sequence)| produce(world, producer, sequence));
    assert_eq!(offsets, [0, 1, 2, 3]);
}

fn expect_duplicates(world: &World) {
    assert_eq!(produce(world, 7, 1), 2, "its records are gone, and it is known");
    assert_eq!(produce(world, 7, 0), 0);
    assert_eq!(produce(world, 8, 1), 3);
    assert_eq!(produce(world, 7, 2), 4, "it goes on where it was");
}

#[test]
fn producers_whose_records_were_deleted_are_known_after_a_loss_of_power() {
    for seed in 0..4 {
        let world = world(seed, &[]);
        produce_some(&world);
        delete_records(&world, 3);
        world.crash_and_start(Crash::Power);
        expect_duplicates(&world);
        assert_eq!(start(&world), 3);
    }
}

#[test]
fn producers_whose_records_have_expired_are_known_after_a_loss_of_power() {
    for seed in 10..14 {
        let world = world(seed, &[("retention.ms", "1"), ("segment.ms", "1")]);
        produce_some(&world);
        // Sooner or later retention looks at it.
        world.simulation.run_for(Duration::from_secs(15));
        assert_eq!(start(&world), 4);
        world.crash_and_start(Crash::Power);
        expect_duplicates(&world);
    }
}

/// What is written and acknowledged before it is synced is synced within a second, and a few syncs follow that. Who waits longer
/// has missed it and waits for the end of its patience.
const SYNCED_WITHIN: Duration = Duration::from_millis(1500);

fn world_of_late_syncs(seed: u64) -> World {
    let world = world(seed, &[("durability", "written")]);
    produce_some(&world);
    let sync = Duration::from_millis(20);
    world.simulation.faults(|faults| faults.sync_delay = sync..=sync);
    world
}

#[test]
fn records_are_deleted_as_soon_as_their_producers_are_synced() {
    for seed in 20..24 {
        let world = world_of_late_syncs(seed);
        assert_eq!(produce(&world, 7, 2), 4);
        assert_eq!(produce(&world, 8, 2), 5);
        let begun = world.simulation.now();
        delete_records(&world, 5);
        let took = world.simulation.now() - begun;
        assert!(took < SYNCED_WITHIN, "seed {seed}: {took:?}");
        world.crash_and_start(Crash::Power);
        assert_eq!(start(&world), 5, "seed {seed}");
        assert_eq!(produce(&world, 7, 2), 4, "seed {seed}: its records are gone, and it is known");
    }
}

#[test]
fn a_stop_waits_for_no_more_than_the_syncs() {
    for seed in 30..34 {
        let world = world_of_late_syncs(seed);
        let node = world.cluster.bootstrap()[0];
        // It asks nothing, and goes when the node says so.
        let _idle = world.clients.start("idle", move |reactor| async move {
            let connection = Connection::open(&reactor, node).await.unwrap();
            reactor.sleep(Duration::from_secs(3600)).await;
            drop(connection);
        });
        assert_eq!(produce(&world, 7, 2), 4);
        let took = world.stop_and_start();
        assert!(took < SYNCED_WITHIN, "seed {seed}: {took:?}");
        assert_eq!(produce(&world, 7, 2), 4, "seed {seed}");
        assert_eq!(produce(&world, 8, 1), 3, "seed {seed}");
    }
}
