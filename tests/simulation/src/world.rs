//! The smallest cluster, for tests that lead one topic through what happens to it: a controller, a node, and a host for
//! clients. What goes wrong in a step panics: it fails the test.
#![allow(clippy::unwrap_used, reason = "a step that fails fails its test")]

use std::time::Duration;

use ringlog_kafka::messages::ProduceRequest;
use ringlog_kafka::messages::produce_request::{PartitionProduceData, TopicProduceData};
use ringlog_kafka::{ErrorCode, Response};
use ringlog_reactor::simulation::{Crash, Host, Simulation};

use crate::client::Connection;
use crate::cluster::{Cluster, ClusterShape};

/// How often a client asks again, and after which pause.
const TRIES: usize = 1000;
const PAUSE: Duration = Duration::from_millis(5);

/// A cluster of one node that serves.
pub struct World {
    /// All of it.
    pub simulation: Simulation,
    /// The controller and the node.
    pub cluster: Cluster,
    /// Where clients run.
    pub clients: Host,
}

impl World {
    /// Everything is started when this returns; `shards` are those of the node.
    #[must_use]
    pub fn new(seed: u64, shards: u16) -> World {
        let simulation = Simulation::new(seed);
        let cluster = Cluster::new(&simulation, ClusterShape { controllers: 1, nodes: 1, shards });
        let clients = simulation.host("clients");
        cluster.start();
        let world = World { simulation, cluster, clients };
        world.until_ready(1);
        world
    }

    /// Waits until the node has become ready so often.
    fn until_ready(&self, count: u32) {
        self.simulation.run_until(|| self.cluster.ready_count() >= count).unwrap();
    }

    /// The node ends this way and is started again; it serves when this returns.
    pub fn crash_and_start(&self, crash: Crash) {
        self.cluster.crash_node(0, crash);
        self.start_again();
    }

    /// The node is told to stop and is started again once it has; gives how long the stop took.
    pub fn stop_and_start(&self) -> Duration {
        let begun = self.simulation.now();
        self.cluster.nodes()[0].request_shutdown();
        self.simulation.run_until(|| !self.cluster.ends().is_empty()).unwrap();
        let took = self.simulation.now() - begun;
        assert_eq!(self.cluster.ends(), ["node-1: Ok(())"]);
        self.cluster.forgive_ends();
        self.start_again();
        took
    }

    fn start_again(&self) {
        let ready = self.cluster.ready_count();
        self.cluster.start_node(0);
        self.until_ready(ready + 1);
    }

    /// What a client does over a connection of its own.
    pub fn client<T, F>(&self, body: impl FnOnce(Connection) -> F + 'static) -> T
    where
        F: Future<Output = T> + 'static,
        T: 'static,
    {
        let node = self.cluster.bootstrap()[0];
        self.simulation.run_on(&self.clients, move |reactor| async move {
            body(Connection::open(&reactor, node).await.unwrap()).await
        })
    }

    /// Creates a topic.
    pub fn create(
        &self,
        topic: &'static str,
        partitions: i32,
        configs: &'static [(&'static str, &'static str)],
    ) {
        self.client(move |mut connection| async move {
            connection.create_topic(topic, partitions, configs).await.unwrap();
        });
    }

    /// Appends a batch, as clients do: again while the node has not heard that it leads the partition. Gives the offset.
    pub fn produce(&self, topic: &'static str, index: i32, batch: &[u8]) -> i64 {
        for _ in 0..TRIES {
            match self.try_produce(topic, index, batch.to_vec()) {
                Ok(offset) => return offset,
                Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION | ErrorCode::NOT_LEADER_OR_FOLLOWER) => {
                    self.simulation.run_for(PAUSE);
                }
                Err(refused) => panic!("produce to partition {index}: {refused:?}"),
            }
        }
        panic!("partition {index} has no leader");
    }

    /// Appends a batch if the node takes it.
    pub fn try_produce(&self, topic: &'static str, index: i32, batch: Vec<u8>) -> Result<i64, ErrorCode> {
        self.client(move |mut connection| async move {
            let partition_data = vec![PartitionProduceData { index, records: Some(&batch) }];
            let topic_data =
                vec![TopicProduceData { name: topic, partition_data, ..TopicProduceData::default() }];
            let request = ProduceRequest { transactional_id: None, acks: -1, timeout_ms: 5000, topic_data };
            let answer = connection.call(12, &request).await.unwrap();
            let Response::Produce(response) = answer.response().unwrap() else { panic!("produce") };
            let partition = &response.responses[0].partition_responses[0];
            match partition.error_code {
                ErrorCode::NONE => Ok(partition.base_offset),
                refused => Err(refused),
            }
        })
    }
}
