//! Producers that never give up: they keep a window of batches in flight and send all that is unanswered again after
//! any failure, as Kafka's idempotent producers do.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use ringlog_batch::{BatchBuilder, Compression};
use ringlog_kafka::messages::ProduceRequest;
use ringlog_kafka::messages::produce_request::{PartitionProduceData, TopicProduceData};
use ringlog_kafka::{ErrorCode, Response};
use ringlog_model::{ProducerEpoch, ProducerId, Sequence, Timestamp};
use ringlog_reactor::Reactor;

use crate::client::{Connection, Failure, accepted};
use crate::history::{History, RecordId};

/// The newest Produce that names its topics, so that one version serves all topics.
const PRODUCE_VERSION: i16 = 12;
/// Batches in flight: what idempotence allows at most.
const IN_FLIGHT_MAX: usize = 5;

/// What a producer is to do.
#[derive(Debug, Clone)]
pub struct ProducerPlan {
    /// Its number in the test.
    pub number: u32,
    /// Where to.
    pub topic: String,
    /// Where to.
    pub partition: i32,
    /// How many records in all.
    pub records: u32,
    /// How many records a batch has at most.
    pub batch_records_max: u32,
    /// Whether it asks for an id and lets the node find its retries.
    pub idempotent: bool,
    /// What it waits for: 1 or -1.
    pub acks: i16,
    /// A pause between batches, at most.
    pub pause_max: Duration,
    /// Nodes to ask for the leader.
    pub nodes: Vec<SocketAddr>,
}

struct Batch {
    first: u32,
    count: u32,
    bytes: Vec<u8>,
}

impl Batch {
    fn records(&self, producer: u32) -> impl Iterator<Item = RecordId> + use<> {
        (self.first..self.first + self.count).map(move |number| RecordId { producer, number })
    }
}

/// Sends all records of the plan, however long it takes.
pub async fn produce(reactor: Reactor, plan: ProducerPlan, history: Rc<RefCell<History>>) {
    let identity = if plan.idempotent {
        history.borrow_mut().is_idempotent(plan.partition, plan.number);
        identity(&reactor, &plan).await
    } else {
        (ProducerId::NONE, ProducerEpoch::NONE)
    };
    let mut producer = Producer { reactor, plan, history, identity, made: 0, unanswered: VecDeque::new() };
    while producer.made < producer.plan.records || !producer.unanswered.is_empty() {
        if let Err(failure) = producer.session().await {
            producer.note(&failure);
            producer.pause(Duration::from_millis(300)).await;
        }
    }
}

async fn identity(reactor: &Reactor, plan: &ProducerPlan) -> (ProducerId, ProducerEpoch) {
    loop {
        let node = plan.nodes[(reactor.random_u64() % plan.nodes.len() as u64) as usize];
        let asked = async { Connection::open(reactor, node).await?.producer_identity().await };
        if let Ok(identity) = asked.await {
            return identity;
        }
        reactor.sleep(Duration::from_millis(200)).await;
    }
}

struct Producer {
    reactor: Reactor,
    plan: ProducerPlan,
    history: Rc<RefCell<History>>,
    identity: (ProducerId, ProducerEpoch),
    /// Records made into batches so far.
    made: u32,
    unanswered: VecDeque<Batch>,
}

impl Producer {
    /// One connection to the leader, used until something fails or everything is answered.
    async fn session(&mut self) -> Result<(), Failure> {
        let node = self.plan.nodes[self.below(self.plan.nodes.len() as u64) as usize];
        let leader = Connection::open(&self.reactor, node)
            .await?
            .leader_of(&self.plan.topic, self.plan.partition)
            .await?;
        let mut connection = Connection::open(&self.reactor, leader).await?;
        let mut sent = VecDeque::new();
        loop {
            while sent.len() < IN_FLIGHT_MAX {
                if sent.len() == self.unanswered.len() && !self.make_batch() {
                    break;
                }
                sent.push_back(self.send(&mut connection, sent.len()).await?);
                if self.below(3) == 0 {
                    break;
                }
            }
            let Some(correlation) = sent.pop_front() else { return Ok(()) };
            self.receive(&mut connection, correlation).await?;
            self.pause(self.plan.pause_max).await;
        }
    }

    fn make_batch(&mut self) -> bool {
        if self.made == self.plan.records {
            return false;
        }
        let count = 1 + self.below(u64::from(self.plan.batch_records_max)) as u32;
        let count = count.min(self.plan.records - self.made);
        let (id, epoch) = self.identity;
        let mut builder = BatchBuilder::new();
        if self.plan.idempotent {
            builder = builder.producer(id, epoch, Sequence(self.made as i32));
        }
        let mut batch = Batch { first: self.made, count, bytes: Vec::new() };
        for record in batch.records(self.plan.number) {
            let now = Timestamp(self.reactor.wall_millis());
            builder.append(now, None, Some(&record.value()), &[]).expect("small records fit into a batch");
        }
        let compression = if self.below(4) == 0 { Compression::Lz4 } else { Compression::None };
        batch.bytes = builder.build(compression).expect("a batch with records");
        self.history.borrow_mut().sends(self.plan.partition, batch.records(self.plan.number));
        self.made += count;
        self.unanswered.push_back(batch);
        true
    }

    async fn send(&self, connection: &mut Connection, index: usize) -> Result<i32, Failure> {
        let data =
            PartitionProduceData { index: self.plan.partition, records: Some(&self.unanswered[index].bytes) };
        let topic = TopicProduceData {
            name: &self.plan.topic,
            partition_data: vec![data],
            ..TopicProduceData::default()
        };
        let request = ProduceRequest {
            transactional_id: None,
            acks: self.plan.acks,
            timeout_ms: 5000,
            topic_data: vec![topic],
        };
        connection.send(PRODUCE_VERSION, &request).await
    }

    /// Receives the answer to the oldest batch.
    async fn receive(&mut self, connection: &mut Connection, correlation: i32) -> Result<(), Failure> {
        let answer = connection.receive::<ProduceRequest<'_>>(PRODUCE_VERSION, correlation).await?;
        let Response::Produce(response) = answer.response()? else {
            return Err(Failure::Senseless("no answer about a batch".to_owned()));
        };
        let partition = response.responses.first().and_then(|topic| topic.partition_responses.first());
        let partition =
            partition.ok_or_else(|| Failure::Senseless("no partition in the answer".to_owned()))?;
        let told = (partition.base_offset >= 0).then_some(partition.base_offset);
        if partition.error_code != ErrorCode::DUPLICATE_SEQUENCE_NUMBER {
            accepted(partition.error_code)?;
        }
        let batch = self.unanswered.pop_front().expect("one answer per batch, in order");
        self.history.borrow_mut().acknowledged(self.plan.partition, told, batch.records(self.plan.number));
        Ok(())
    }

    /// Failures that no crash excuses are violations.
    fn note(&self, failure: &Failure) {
        let wrong = match failure {
            Failure::Senseless(_) => true,
            Failure::Refused(code) => !code.is_retriable(),
            Failure::Connection(_) | Failure::Timeout => false,
        };
        if wrong {
            let number = self.plan.number;
            self.history.borrow_mut().complain(self.plan.partition, format!("producer {number}: {failure}"));
        }
    }

    async fn pause(&self, most: Duration) {
        let nanos = self.below(most.as_nanos() as u64 + 1);
        self.reactor.sleep(Duration::from_nanos(nanos)).await;
    }

    fn below(&self, end: u64) -> u64 {
        self.reactor.random_u64() % end
    }
}
