//! Records of idempotent producers go, and then the power fails: a retry is a duplicate all the same.
#![allow(clippy::unwrap_used, reason = "a step that fails fails its test")]

use core::time::Duration;
use ringlog_batch::{BatchBuilder, Compression};
use ringlog_kafka::messages::delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
use ringlog_kafka::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use ringlog_kafka::messages::produce_request::{PartitionProduceData, TopicProduceData};
use ringlog_kafka::messages::{DeleteRecordsRequest, ListOffsetsRequest, ProduceRequest};
use ringlog_kafka::{ErrorCode, Response};
use ringlog_model::{ProducerEpoch, ProducerId, Sequence, Timestamp};
use ringlog_reactor::simulation::{Crash, Host, Simulation};
use ringlog_simulation::client::Connection;
use ringlog_simulation::cluster::{Cluster, ClusterShape};

const TOPIC: &str = "topic";
const EARLIEST: i64 = -2;

struct World {
    simulation: Simulation,
    cluster: Cluster,
    clients: Host,
}

impl World {
    fn new(seed: u64) -> World {
        let simulation = Simulation::new(seed);
        let cluster = Cluster::new(&simulation, ClusterShape { controllers: 1, nodes: 1, shards: 1 });
        let clients = simulation.host("clients");
        cluster.start();
        let world = World { simulation, cluster, clients };
        world.ready(1);
        world
    }

    fn ready(&self, count: u32) {
        self.simulation.run_until(|| self.cluster.ready_count() >= count).unwrap();
    }

    fn lose_power(&self) {
        self.cluster.crash_node(0, Crash::Power);
        let ready = self.cluster.ready_count();
        self.cluster.start_node(0);
        self.ready(ready + 1);
    }

    fn client<T: 'static, F>(&self, body: impl FnOnce(Connection) -> F + 'static) -> T
    where
        F: Future<Output = T> + 'static,
    {
        let node = self.cluster.bootstrap()[0];
        self.simulation.run_on(&self.clients, move |reactor| async move {
            body(Connection::open(&reactor, node).await.unwrap()).await
        })
    }

    fn create(&self, configs: &'static [(&'static str, &'static str)]) {
        self.client(move |mut connection| async move {
            connection.create_topic(TOPIC, 1, configs).await.unwrap();
        });
    }

    /// Produces until the node knows that it leads the partition; gives the offset.
    fn produce(&self, producer: i64, sequence: i32) -> i64 {
        for _ in 0..1000 {
            match self.try_produce(producer, sequence) {
                Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION | ErrorCode::NOT_LEADER_OR_FOLLOWER) => {
                    self.simulation.run_for(Duration::from_millis(5));
                }
                other => return other.unwrap(),
            }
        }
        panic!("the partition has no leader");
    }

    fn try_produce(&self, producer: i64, sequence: i32) -> Result<i64, ErrorCode> {
        self.client(move |mut connection| async move {
            let stamp = (ProducerId(producer), ProducerEpoch(0), Sequence(sequence));
            let mut builder = BatchBuilder::new().producer(stamp.0, stamp.1, stamp.2);
            builder.append(Timestamp(1000), None, Some(b"value"), &[]).unwrap();
            let bytes = builder.build(Compression::None).unwrap();
            let partition_data = vec![PartitionProduceData { index: 0, records: Some(&bytes) }];
            let topic_data =
                vec![TopicProduceData { name: TOPIC, partition_data, ..TopicProduceData::default() }];
            let request = ProduceRequest { transactional_id: None, acks: -1, timeout_ms: 5000, topic_data };
            let answer = connection.call(9, &request).await.unwrap();
            let Response::Produce(response) = answer.response().unwrap() else { panic!("produce") };
            let partition = &response.responses[0].partition_responses[0];
            match partition.error_code {
                ErrorCode::NONE => Ok(partition.base_offset),
                refused => Err(refused),
            }
        })
    }

    fn delete_records(&self, before: i64) {
        self.client(move |mut connection| async move {
            let partitions = vec![DeleteRecordsPartition { partition_index: 0, offset: before }];
            let topics = vec![DeleteRecordsTopic { name: TOPIC, partitions }];
            let request = DeleteRecordsRequest { topics, timeout_ms: 5000 };
            let answer = connection.call(2, &request).await.unwrap();
            let Response::DeleteRecords(response) = answer.response().unwrap() else { panic!("delete") };
            assert_eq!(response.topics[0].partitions[0].low_watermark, before);
        });
    }

    fn start(&self) -> i64 {
        self.client(|mut connection| async move {
            let partitions = vec![ListOffsetsPartition { timestamp: EARLIEST, ..Default::default() }];
            let topics = vec![ListOffsetsTopic { name: TOPIC, partitions }];
            let request = ListOffsetsRequest { topics, ..ListOffsetsRequest::default() };
            let answer = connection.call(7, &request).await.unwrap();
            let Response::ListOffsets(response) = answer.response().unwrap() else { panic!("offsets") };
            response.topics[0].partitions[0].offset
        })
    }
}

/// Two producers; of the second the last record is still there.
fn produce_some(world: &World) {
    let offsets =
        [(7, 0), (8, 0), (7, 1), (8, 1)].map(|(producer, sequence)| world.produce(producer, sequence));
    assert_eq!(offsets, [0, 1, 2, 3]);
}

fn expect_duplicates(world: &World) {
    assert_eq!(world.produce(7, 1), 2, "its records are gone, and it is known");
    assert_eq!(world.produce(7, 0), 0);
    assert_eq!(world.produce(8, 1), 3);
    assert_eq!(world.produce(7, 2), 4, "it goes on where it was");
}

#[test]
fn producers_whose_records_were_deleted_are_known_after_a_loss_of_power() {
    for seed in 0..4 {
        let world = World::new(seed);
        world.create(&[]);
        produce_some(&world);
        world.delete_records(3);
        world.lose_power();
        expect_duplicates(&world);
        assert_eq!(world.start(), 3);
    }
}

#[test]
fn producers_whose_records_have_expired_are_known_after_a_loss_of_power() {
    for seed in 10..14 {
        let world = World::new(seed);
        world.create(&[("retention.ms", "1"), ("segment.ms", "1")]);
        produce_some(&world);
        // Sooner or later retention looks at it.
        world.simulation.run_for(Duration::from_secs(15));
        assert_eq!(world.start(), 4);
        world.lose_power();
        expect_duplicates(&world);
    }
}
