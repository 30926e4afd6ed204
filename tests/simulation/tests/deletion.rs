//! A topic is deleted, and the node that holds it dies in the middle.
#![allow(clippy::unwrap_used, reason = "a step that fails fails its test")]

use core::time::Duration;
use ringlog_batch::{BatchBuilder, Compression};
use ringlog_kafka::messages::delete_topics_request::DeleteTopicState;
use ringlog_kafka::messages::metadata_request::MetadataRequestTopic;
use ringlog_kafka::messages::produce_request::{PartitionProduceData, TopicProduceData};
use ringlog_kafka::messages::{DeleteTopicsRequest, MetadataRequest, ProduceRequest};
use ringlog_kafka::{ErrorCode, Response};
use ringlog_model::Timestamp;
use ringlog_reactor::simulation::{Crash, Host, Simulation};
use ringlog_simulation::client::Connection;
use ringlog_simulation::cluster::{Cluster, ClusterShape};
use std::path::Path;

const TOPIC: &str = "doomed";
const PARTITIONS: i32 = 4;
/// Retired files that the two shards keep for new segments.
const POOL: usize = 2 * 16;

struct World {
    simulation: Simulation,
    cluster: Cluster,
    clients: Host,
}

impl World {
    fn new(seed: u64) -> World {
        let simulation = Simulation::new(seed);
        let cluster = Cluster::new(&simulation, ClusterShape { controllers: 1, nodes: 1, shards: 2 });
        let clients = simulation.host("clients");
        cluster.start();
        let world = World { simulation, cluster, clients };
        world.ready(1);
        world
    }

    fn ready(&self, count: u32) {
        self.simulation.run_until(|| self.cluster.ready_count() >= count).unwrap();
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

    fn create(&self) {
        self.client(|mut connection| async move {
            connection.create_topic(TOPIC, PARTITIONS, &[]).await.unwrap();
        });
    }

    /// Appends to every partition; gives the offsets.
    fn produce(&self) -> Vec<i64> {
        (0..PARTITIONS).map(|index| self.produce_to(index)).collect()
    }

    /// As clients do, again while the node has not heard that it leads the partition.
    fn produce_to(&self, index: i32) -> i64 {
        for _ in 0..1000 {
            match self.try_produce(index) {
                Ok(offset) => return offset,
                Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION | ErrorCode::NOT_LEADER_OR_FOLLOWER) => {
                    self.simulation.run_for(Duration::from_millis(5));
                }
                Err(refused) => panic!("produce to partition {index}: {refused:?}"),
            }
        }
        panic!("partition {index} has no leader");
    }

    fn try_produce(&self, index: i32) -> Result<i64, ErrorCode> {
        self.client(move |mut connection| async move {
            let mut builder = BatchBuilder::new();
            for _ in 0..50 {
                builder.append(Timestamp(1000), None, Some(&[b'x'; 2000]), &[]).unwrap();
            }
            let bytes = builder.build(Compression::None).unwrap();
            let topic = TopicProduceData {
                name: TOPIC,
                partition_data: vec![PartitionProduceData { index, records: Some(&bytes) }],
                ..TopicProduceData::default()
            };
            let request = ProduceRequest {
                transactional_id: None,
                acks: -1,
                timeout_ms: 5000,
                topic_data: vec![topic],
            };
            let answer = connection.call(12, &request).await.unwrap();
            let Response::Produce(response) = answer.response().unwrap() else { panic!("produce") };
            let partition = &response.responses[0].partition_responses[0];
            match partition.error_code {
                ErrorCode::NONE => Ok(partition.base_offset),
                refused => Err(refused),
            }
        })
    }

    /// Asks for the deletion and does not wait.
    fn begin_to_delete(&self) {
        let node = self.cluster.bootstrap()[0];
        let _asking = self.clients.start("deleting", move |reactor| async move {
            let mut connection = Connection::open(&reactor, node).await.unwrap();
            let topics = vec![DeleteTopicState { name: Some(TOPIC), ..DeleteTopicState::default() }];
            let request = DeleteTopicsRequest { topics, timeout_ms: 5000, ..DeleteTopicsRequest::default() };
            // Whether an answer comes is up to the crash.
            let _ = connection.call(6, &request).await.map(|_| ());
        });
    }

    fn exists(&self) -> bool {
        self.client(|mut connection| async move {
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

    fn segment_files(&self) -> usize {
        let node = self.cluster.nodes()[0].clone();
        self.simulation.run_on(&node, |reactor| async move {
            reactor.read_directory(Path::new("/data/segments")).await.unwrap().len()
        })
    }
}

#[test]
fn a_deletion_that_was_decided_is_carried_out_whenever_the_node_dies() {
    let mut deleted = 0;
    for seed in 0..24u64 {
        let world = World::new(seed);
        world.create();
        assert_eq!(world.produce(), [0; PARTITIONS as usize]);
        world.begin_to_delete();
        world.simulation.run_for(Duration::from_micros(300 * seed));
        world.cluster.crash_node(0, if seed % 2 == 0 { Crash::Power } else { Crash::Process });
        let ready = world.cluster.ready_count();
        world.cluster.start_node(0);
        world.ready(ready + 1);
        world.simulation.run_for(Duration::from_secs(5));
        if world.exists() {
            // The controller never heard of it: nothing is lost.
            assert_eq!(world.produce(), [50; PARTITIONS as usize], "seed {seed}");
            continue;
        }
        deleted += 1;
        assert!(world.segment_files() <= POOL, "seed {seed}");
        world.create();
        assert_eq!(
            world.produce(),
            [0; PARTITIONS as usize],
            "seed {seed}: a topic of that name begins anew"
        );
    }
    assert!((1..24).contains(&deleted), "{deleted} of 24 crashes came after the decision");
}
