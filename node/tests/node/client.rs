//! A tiny Kafka client: one connection, any message of the codec.

use bytes::Bytes;
use ringlog_batch::{BatchBuilder, Compression, split_batches};
use ringlog_kafka::{
    ApiKey, ErrorCode, Message, Records, Response, decode_response, encode_request,
    messages::{
        FetchRequest, FetchResponse, ListOffsetsRequest, MetadataRequest, ProduceRequest, ProduceResponse,
        fetch_request::{FetchPartition, FetchTopic},
        list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
        metadata_request::MetadataRequestTopic,
        produce_request::{PartitionProduceData, TopicProduceData},
    },
};
use ringlog_model::{ProducerEpoch, ProducerId, Sequence, Timestamp};
use ringlog_reactor::{Reactor, Receive, Stream};
use std::{cell::Cell, net::SocketAddr, time::Duration};

/// How long a client waits for an answer before the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Client {
    reactor: Reactor,
    pub(crate) stream: Stream,
    correlation: Cell<i32>,
}

/// A response's frame, without its length.
pub(crate) struct Reply {
    pub(crate) frame: Bytes,
    api: ApiKey,
    version: i16,
}

impl Reply {
    pub(crate) fn decode(&self) -> Response<'_> {
        decode_response(&self.frame, self.api, self.version).unwrap().1
    }
}

impl Client {
    pub(crate) async fn connect(reactor: &Reactor, address: SocketAddr) -> Client {
        let stream = reactor.connect(address).await.unwrap();
        Client { reactor: reactor.clone(), stream, correlation: Cell::new(0) }
    }

    pub(crate) async fn send<'a, M: Message<'a>>(&self, version: i16, request: &M) {
        self.correlation.set(self.correlation.get() + 1);
        let encoded = encode_request(self.correlation.get(), Some("test"), version, request).unwrap();
        let bytes = encoded.into_bytes(|_| &[]);
        self.stream.send(vec![bytes]).await.unwrap();
    }

    /// The next frame; `None` if the node closes.
    pub(crate) async fn receive_frame(&self) -> Option<Bytes> {
        let prefix = self.receive_exactly(4).await?;
        let length = i32::from_be_bytes(prefix[..].try_into().unwrap());
        self.receive_exactly(usize::try_from(length).unwrap()).await
    }

    async fn receive_exactly(&self, length: usize) -> Option<Bytes> {
        let receiving = self.stream.receive(self.reactor.buffer(length), Receive::All(length));
        let (received, buffer) = self.reactor.timeout(PATIENCE, receiving).await.expect("an answer in time");
        match received {
            Ok(count) if count == length => Some(buffer.freeze()),
            _ => None,
        }
    }

    pub(crate) async fn receive(&self, api: ApiKey, version: i16) -> Reply {
        let frame = self.receive_frame().await.expect("the node answers");
        Reply { frame, api, version }
    }

    pub(crate) async fn ask<'a, M: Message<'a>>(&self, version: i16, request: &M) -> Reply {
        self.send(version, request).await;
        self.receive(M::API, version).await
    }

    /// Asks for a topic's metadata, which creates it.
    pub(crate) async fn create(&self, topic: &str) {
        let topics = vec![MetadataRequestTopic { name: Some(topic), ..MetadataRequestTopic::default() }];
        let request = MetadataRequest { topics: Some(topics), ..MetadataRequest::default() };
        let reply = self.ask(9, &request).await;
        let Response::Metadata(metadata) = reply.decode() else { panic!("metadata") };
        assert_eq!(metadata.topics[0].error_code, ErrorCode::NONE);
        assert_eq!(metadata.topics[0].partitions[0].leader_id, 1);
    }

    /// Appends one batch; gives the base offset or the error.
    pub(crate) async fn produce(&self, topic: &str, partition: i32, batch: &[u8]) -> Result<i64, ErrorCode> {
        let reply = self.ask(9, &produce_request(topic, partition, batch, -1)).await;
        let Response::Produce(response) = reply.decode() else { panic!("produce") };
        produced(&response)
    }

    /// Reads from one partition: the values of the records and the high watermark, or the error.
    pub(crate) async fn fetch(
        &self,
        topic: &str,
        partition: i32,
        offset: i64,
    ) -> Result<(Vec<String>, i64), ErrorCode> {
        let reply = self.ask(11, &fetch_request(topic, partition, offset, 0)).await;
        let Response::Fetch(response) = reply.decode() else { panic!("fetch") };
        fetched(&response)
    }

    /// Asks for an offset by timestamp, or one of the special ones.
    pub(crate) async fn offset(&self, topic: &str, partition: i32, timestamp: i64) -> i64 {
        let partitions = vec![ListOffsetsPartition {
            partition_index: partition,
            timestamp,
            ..ListOffsetsPartition::default()
        }];
        let topics = vec![ListOffsetsTopic { name: topic, partitions }];
        let reply = self.ask(7, &ListOffsetsRequest { topics, ..ListOffsetsRequest::default() }).await;
        let Response::ListOffsets(response) = reply.decode() else { panic!("list offsets") };
        let found = &response.topics[0].partitions[0];
        assert_eq!(found.error_code, ErrorCode::NONE);
        found.offset
    }
}

pub(crate) fn produced(response: &ProduceResponse<'_>) -> Result<i64, ErrorCode> {
    let partition = &response.responses[0].partition_responses[0];
    match partition.error_code {
        ErrorCode::NONE => Ok(partition.base_offset),
        error => Err(error),
    }
}

pub(crate) fn fetched(response: &FetchResponse<'_>) -> Result<(Vec<String>, i64), ErrorCode> {
    assert_eq!(response.error_code, ErrorCode::NONE);
    let partition = &response.responses[0].partitions[0];
    if partition.error_code != ErrorCode::NONE {
        return Err(partition.error_code);
    }
    let records = partition.records.as_ref().and_then(Records::bytes).unwrap_or_default();
    Ok((values(records), partition.high_watermark))
}

pub(crate) fn values(records: &[u8]) -> Vec<String> {
    let mut scratch = ringlog_batch::Scratch::default();
    let mut values = Vec::new();
    for batch in split_batches(records) {
        let batch = batch.unwrap();
        batch.verify_checksum().unwrap();
        for record in batch.records(&mut scratch, 1 << 20).unwrap() {
            values.push(String::from_utf8(record.unwrap().value.unwrap().to_vec()).unwrap());
        }
    }
    values
}

pub(crate) fn produce_request<'a>(
    topic: &'a str,
    partition: i32,
    batch: &'a [u8],
    acks: i16,
) -> ProduceRequest<'a> {
    let partition_data = vec![PartitionProduceData { index: partition, records: Some(batch) }];
    let topic_data = vec![TopicProduceData { name: topic, partition_data, ..TopicProduceData::default() }];
    ProduceRequest { acks, timeout_ms: 10_000, topic_data, ..ProduceRequest::default() }
}

pub(crate) fn fetch_request(topic: &str, partition: i32, offset: i64, max_wait_ms: i32) -> FetchRequest<'_> {
    let partitions = vec![FetchPartition {
        partition,
        fetch_offset: offset,
        partition_max_bytes: 1 << 20,
        ..FetchPartition::default()
    }];
    let topics = vec![FetchTopic { topic, partitions, ..FetchTopic::default() }];
    FetchRequest { max_wait_ms, min_bytes: 1, topics, ..FetchRequest::default() }
}

/// A batch of these values, all at time 1000.
pub(crate) fn batch(values: &[&str]) -> Vec<u8> {
    batch_at(1000, values)
}

/// A batch of these values at one time.
pub(crate) fn batch_at(time: i64, values: &[&str]) -> Vec<u8> {
    let mut builder = BatchBuilder::new();
    for value in values {
        builder.append(Timestamp(time), None, Some(value.as_bytes()), &[]).unwrap();
    }
    builder.build(Compression::None).unwrap()
}

/// A batch of an idempotent producer.
pub(crate) fn idempotent(producer: i64, sequence: i32, values: &[&str]) -> Vec<u8> {
    let mut builder =
        BatchBuilder::new().producer(ProducerId(producer), ProducerEpoch(0), Sequence(sequence));
    for value in values {
        builder.append(Timestamp(1000), None, Some(value.as_bytes()), &[]).unwrap();
    }
    builder.build(Compression::None).unwrap()
}
