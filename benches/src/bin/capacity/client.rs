//! A small Kafka client: one connection, any message of the codec.

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use ringlog_batch::{BatchBuilder, Compression};
use ringlog_kafka::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use ringlog_kafka::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use ringlog_kafka::messages::produce_request::{PartitionProduceData, TopicProduceData};
use ringlog_kafka::messages::{CreateTopicsRequest, IncrementalAlterConfigsRequest, ProduceRequest};
use ringlog_kafka::{ApiKey, Message, Response, decode_response, encode_request};
use ringlog_model::Timestamp;
use ringlog_reactor::{Reactor, Receive, Stream, Task};
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

/// How long an answer may take. Rebalances of a thousand groups are waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// The type of a topic among configured resources.
const TOPIC_RESOURCE: i8 = 2;
/// The operation that sets a value.
const SET: i8 = 0;

/// One connection.
pub(crate) struct Client {
    reactor: Reactor,
    stream: Stream,
    correlation: Cell<i32>,
}

/// A response's frame.
pub(crate) struct Answer {
    frame: Bytes,
    api: ApiKey,
    version: i16,
}

impl Answer {
    pub(crate) fn response(&self) -> Result<Response<'_>> {
        Ok(decode_response(&self.frame, self.api, self.version)?.1)
    }
}

impl Client {
    pub(crate) async fn open(reactor: &Reactor, address: SocketAddr) -> Result<Client> {
        let stream = reactor.connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Client { reactor: reactor.clone(), stream, correlation: Cell::new(0) })
    }

    /// Sends a request and receives its answer.
    pub(crate) async fn ask<'a, M: Message<'a>>(&self, version: i16, request: &M) -> Result<Answer> {
        self.correlation.set(self.correlation.get() + 1);
        let encoded = encode_request(self.correlation.get(), Some("capacity"), version, request)?;
        self.stream.send(vec![encoded.into_bytes(|_| &[])]).await?;
        let prefix = self.receive_exactly(4).await?;
        let length = u32::from_be_bytes([prefix[0], prefix[1], prefix[2], prefix[3]]) as usize;
        Ok(Answer { frame: self.receive_exactly(length).await?, api: M::API, version })
    }

    async fn receive_exactly(&self, length: usize) -> Result<Bytes> {
        let receiving = self.stream.receive(self.reactor.buffer(length), Receive::All(length));
        let received = self.reactor.timeout(PATIENCE, receiving).await;
        let (result, buffer) = received.map_err(|_| anyhow::anyhow!("no answer in {PATIENCE:?}"))?;
        result?;
        ensure!(buffer.len() == length, "the broker closed the connection");
        Ok(buffer.freeze())
    }

    pub(crate) async fn create_topic(
        &self,
        name: &str,
        partitions: i32,
        configs: &[(&str, &str)],
    ) -> Result<()> {
        let configs = configs.iter().map(|(name, value)| CreatableTopicConfig { name, value: Some(value) });
        let topic = CreatableTopic {
            name,
            num_partitions: partitions,
            replication_factor: -1,
            assignments: Vec::new(),
            configs: configs.collect(),
        };
        let request = CreateTopicsRequest { topics: vec![topic], timeout_ms: 30_000, validate_only: false };
        let answer = self.ask(7, &request).await?;
        let Response::CreateTopics(created) = answer.response()? else { bail!("no answer about topics") };
        let topic = created.topics.first().context("no topic in the answer")?;
        ensure!(topic.error_code.is_none(), "{name} is not created: {}", topic.error_code);
        Ok(())
    }

    pub(crate) async fn set_topic_config(&self, topic: &str, name: &str, value: &str) -> Result<()> {
        let config = AlterableConfig { name, config_operation: SET, value: Some(value) };
        let resource = AlterConfigsResource {
            resource_type: TOPIC_RESOURCE,
            resource_name: topic,
            configs: vec![config],
        };
        let request = IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
        let answer = self.ask(1, &request).await?;
        let Response::IncrementalAlterConfigs(altered) = answer.response()? else {
            bail!("no answer about configs")
        };
        let altered = altered.responses.first().context("no resource in the answer")?;
        ensure!(altered.error_code.is_none(), "{name} of {topic} is not set: {}", altered.error_code);
        Ok(())
    }

    /// Appends one batch to a partition, on disk.
    pub(crate) async fn produce(&self, topic: &str, partition: i32, batch: &[u8]) -> Result<()> {
        let partition_data = vec![PartitionProduceData { index: partition, records: Some(batch) }];
        let topic_data =
            vec![TopicProduceData { name: topic, partition_data, ..TopicProduceData::default() }];
        let request =
            ProduceRequest { acks: -1, timeout_ms: 30_000, topic_data, ..ProduceRequest::default() };
        let answer = self.ask(9, &request).await?;
        let Response::Produce(response) = answer.response()? else { bail!("no answer about a batch") };
        let topic = response.responses.first().context("no topic in the answer")?;
        let partition = topic.partition_responses.first().context("no partition in the answer")?;
        ensure!(partition.error_code.is_none(), "a batch was refused: {}", partition.error_code);
        Ok(())
    }
}

/// A batch of one record.
pub(crate) fn batch(key: Option<&[u8]>, value: &[u8]) -> Result<Vec<u8>> {
    batch_of([(key, value)])
}

/// A batch of records that are written now.
pub(crate) fn batch_of<'a>(
    records: impl IntoIterator<Item = (Option<&'a [u8]>, &'a [u8])>,
) -> Result<Vec<u8>> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let mut builder = BatchBuilder::new();
    for (key, value) in records {
        builder.append(Timestamp(now.as_millis() as i64), key, Some(value), &[])?;
    }
    Ok(builder.build(Compression::None)?)
}

/// Does a job for each number below `count`, `at_once` of them at the same time, each worker over a connection of its own.
pub(crate) async fn for_each<J, F>(
    reactor: &Reactor,
    address: SocketAddr,
    count: usize,
    at_once: usize,
    job: J,
) -> Result<()>
where
    J: Fn(Rc<Client>, usize) -> F + 'static,
    F: Future<Output = Result<()>> + 'static,
{
    let (next, job) = (Rc::new(Cell::new(0)), Rc::new(job));
    let workers: Vec<Task<Result<()>>> = (0..at_once.min(count))
        .map(|_| {
            let (worker, next, job) = (reactor.clone(), next.clone(), job.clone());
            reactor.spawn(async move {
                let client = Rc::new(Client::open(&worker, address).await?);
                while next.get() < count {
                    let number = next.replace(next.get() + 1);
                    job(client.clone(), number).await?;
                }
                Ok(())
            })
        })
        .collect();
    for worker in workers {
        worker.await?;
    }
    Ok(())
}
