//! A small Kafka client over simulated sockets: one connection, requests and responses as the codec has them.

use std::net::SocketAddr;
use std::time::Duration;

use ringlog_kafka::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use ringlog_kafka::messages::metadata_request::MetadataRequestTopic;
use ringlog_kafka::messages::{CreateTopicsRequest, InitProducerIdRequest, MetadataRequest};
use ringlog_kafka::{ApiKey, ErrorCode, Message, Response, decode_response, encode_request};
use ringlog_model::{ProducerEpoch, ProducerId};
use ringlog_reactor::{Reactor, Receive, Stream};

/// How long a client waits for a connection or an answer before it tries elsewhere.
const PATIENCE: Duration = Duration::from_secs(10);
/// No answer is longer: fetches ask for less.
const RESPONSE_BYTES_MAX: usize = 32 << 20;

/// Why a request has no useful answer. The effect of a request that was sent is unknown then, unless it was refused.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The connection could not be made or has ended.
    #[error("connection: {0}")]
    Connection(#[from] std::io::Error),
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The node answered with an error.
    #[error("refused: {0}")]
    Refused(ErrorCode),
    /// The answer is not what was asked for.
    #[error("a senseless answer: {0}")]
    Senseless(String),
}

/// One connection to a node.
#[derive(Debug)]
pub struct Connection {
    reactor: Reactor,
    stream: Stream,
    correlation: i32,
}

/// A received frame, to be decoded by whoever knows what was asked.
#[derive(Debug)]
pub struct Answer {
    frame: Vec<u8>,
    api: ApiKey,
    version: i16,
    correlation: i32,
}

impl Answer {
    /// The response inside.
    pub fn response(&self) -> Result<Response<'_>, Failure> {
        let (correlation, response) = decode_response(&self.frame, self.api, self.version)
            .map_err(|error| Failure::Senseless(error.to_string()))?;
        if correlation == self.correlation {
            Ok(response)
        } else {
            Err(Failure::Senseless(format!("answer {correlation} to request {}", self.correlation)))
        }
    }
}

impl Connection {
    /// Connects.
    pub async fn open(reactor: &Reactor, address: SocketAddr) -> Result<Connection, Failure> {
        let stream =
            reactor.timeout(PATIENCE, reactor.connect(address)).await.map_err(|_| Failure::Timeout)??;
        Ok(Connection { reactor: reactor.clone(), stream, correlation: 0 })
    }

    /// Sends a request; gives the correlation id that its answer will have.
    pub async fn send<'a, M: Message<'a>>(&mut self, version: i16, request: &M) -> Result<i32, Failure> {
        self.correlation += 1;
        let encoded = encode_request(self.correlation, Some("simulated"), version, request)
            .map_err(|error| Failure::Senseless(error.to_string()))?;
        let sending = self.stream.send(vec![encoded.into_bytes(|_| &[])]);
        self.reactor.timeout(PATIENCE, sending).await.map_err(|_| Failure::Timeout)??;
        Ok(self.correlation)
    }

    /// Receives the answer to the request with this correlation id.
    pub async fn receive<'a, M: Message<'a>>(
        &mut self,
        version: i16,
        correlation: i32,
    ) -> Result<Answer, Failure> {
        let length = self.receive_exactly(4).await?;
        let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]) as usize;
        if length > RESPONSE_BYTES_MAX {
            return Err(Failure::Senseless(format!("a frame of {length} bytes")));
        }
        let frame = self.receive_exactly(length).await?;
        Ok(Answer { frame, api: M::API, version, correlation })
    }

    /// Sends a request and receives its answer.
    pub async fn call<'a, M: Message<'a>>(&mut self, version: i16, request: &M) -> Result<Answer, Failure> {
        let correlation = self.send(version, request).await?;
        self.receive::<M>(version, correlation).await
    }

    async fn receive_exactly(&mut self, length: usize) -> Result<Vec<u8>, Failure> {
        let receiving = self.stream.receive(self.reactor.buffer(length), Receive::All(length));
        let (result, buffer) =
            self.reactor.timeout(PATIENCE, receiving).await.map_err(|_| Failure::Timeout)?;
        result?;
        if buffer.len() == length {
            Ok(buffer.to_vec())
        } else {
            Err(Failure::Connection(std::io::ErrorKind::UnexpectedEof.into()))
        }
    }
}

/// Requests about the cluster.
impl Connection {
    /// Where the leader of a partition is reached.
    pub async fn leader_of(&mut self, topic: &str, partition: i32) -> Result<SocketAddr, Failure> {
        let wanted = MetadataRequestTopic { name: Some(topic), ..MetadataRequestTopic::default() };
        let request = MetadataRequest { topics: Some(vec![wanted]), ..MetadataRequest::default() };
        let answer = self.call(12, &request).await?;
        let Response::Metadata(metadata) = answer.response()? else {
            return Err(Failure::Senseless("no metadata".to_owned()));
        };
        let found = metadata.topics.first().ok_or(Failure::Refused(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION))?;
        accepted(found.error_code)?;
        let place = found.partitions.iter().find(|place| place.partition_index == partition);
        let place = place.ok_or(Failure::Refused(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION))?;
        accepted(place.error_code)?;
        let leader = metadata.brokers.iter().find(|node| node.node_id == place.leader_id);
        let leader = leader.ok_or(Failure::Refused(ErrorCode::LEADER_NOT_AVAILABLE))?;
        format!("{}:{}", leader.host, leader.port)
            .parse()
            .map_err(|_| Failure::Senseless(format!("a leader at {}:{}", leader.host, leader.port)))
    }

    /// Creates a topic; one that exists already is as good.
    pub async fn create_topic(
        &mut self,
        name: &str,
        partitions: i32,
        configs: &[(&str, &str)],
    ) -> Result<(), Failure> {
        let configs =
            configs.iter().map(|(name, value)| CreatableTopicConfig { name, value: Some(value) }).collect();
        let topic = CreatableTopic {
            name,
            num_partitions: partitions,
            replication_factor: -1,
            assignments: Vec::new(),
            configs,
        };
        let request = CreateTopicsRequest { topics: vec![topic], timeout_ms: 5000, validate_only: false };
        let answer = self.call(7, &request).await?;
        let Response::CreateTopics(created) = answer.response()? else {
            return Err(Failure::Senseless("no answer about topics".to_owned()));
        };
        match created.topics.first().map(|topic| topic.error_code) {
            Some(ErrorCode::TOPIC_ALREADY_EXISTS) => Ok(()),
            Some(code) => accepted(code),
            None => Err(Failure::Senseless("no topic in the answer".to_owned())),
        }
    }

    /// An identity for an idempotent producer.
    pub async fn producer_identity(&mut self) -> Result<(ProducerId, ProducerEpoch), Failure> {
        let request = InitProducerIdRequest {
            transaction_timeout_ms: 60_000,
            producer_id: -1,
            producer_epoch: -1,
            ..InitProducerIdRequest::default()
        };
        let answer = self.call(4, &request).await?;
        let Response::InitProducerId(identity) = answer.response()? else {
            return Err(Failure::Senseless("no producer id".to_owned()));
        };
        accepted(identity.error_code)?;
        Ok((ProducerId(identity.producer_id), ProducerEpoch(identity.producer_epoch)))
    }
}

/// An error code as a result.
pub fn accepted(code: ErrorCode) -> Result<(), Failure> {
    if code.is_none() { Ok(()) } else { Err(Failure::Refused(code)) }
}
