//! Questions in the Kafka protocol, one at a time.

use super::control::{Edge, NewTopic, add_target, sorted};
use super::kafka::said;
use super::{CLIENT, Layout, Place, Target, Versions};
use crate::bench::lane::Identity;
use crate::bench::settings::Protocol;
use anyhow::{Context, Result, anyhow, bail};
use bytes::Bytes;
use ringlog_kafka::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use ringlog_kafka::messages::delete_topics_request::DeleteTopicState;
use ringlog_kafka::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use ringlog_kafka::messages::metadata_request::MetadataRequestTopic;
use ringlog_kafka::messages::{
    ApiVersionsRequest, ApiVersionsResponse, CreateTopicsRequest, CreateTopicsResponse, DeleteTopicsRequest,
    DeleteTopicsResponse, FindCoordinatorRequest, FindCoordinatorResponse, InitProducerIdRequest,
    InitProducerIdResponse, ListOffsetsRequest, ListOffsetsResponse, MetadataRequest, MetadataResponse,
};
use ringlog_kafka::{ApiKey, Decode, ErrorCode, Message, Reader, ResponseHeader, encode_request};
use ringlog_model::{LeaderEpoch, PartitionIndex, ProducerEpoch, ProducerId, TopicId};
use ringlog_reactor::{Reactor, Receive, Stream};
use std::collections::BTreeMap;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
const REQUEST_TIMEOUT_MS: i32 = 30_000;
/// The last version that asks for one group.
const COORDINATOR_VERSION: i16 = 3;
/// A partition that was just made gets so many tries to know its offsets.
const OFFSET_TRIES: usize = 100;
const IDENTITY_TRIES: usize = 100;
const TRY_PAUSE: Duration = Duration::from_millis(100);
const FRAME_BYTES_MAX: usize = 64 << 20;

pub(crate) struct KafkaControl {
    reactor: Reactor,
    home: Connection,
    versions: Versions,
    leaders: BTreeMap<SocketAddr, Connection>,
}

/// One connection on which one question is asked at a time.
pub(super) struct Connection {
    stream: Stream,
    address: SocketAddr,
    correlation: i32,
}

impl KafkaControl {
    pub(super) async fn connect(reactor: &Reactor, addresses: &[SocketAddr]) -> Result<KafkaControl> {
        let mut last = anyhow!("no address");
        for &address in addresses {
            match Connection::open(reactor, address).await {
                Ok(mut home) => {
                    let versions = home.versions(reactor).await.with_context(|| {
                        format!("{address} does not answer as a Kafka listener (the native port is another)")
                    })?;
                    return Ok(KafkaControl {
                        reactor: reactor.clone(),
                        home,
                        versions,
                        leaders: BTreeMap::new(),
                    });
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    pub(super) async fn partitions(&mut self, name: &str) -> Result<Option<usize>> {
        let frame = self.metadata(&[name.to_owned()]).await?;
        let response = MetadataResponse::decode_all(&frame.1, frame.0)?;
        let topic = response.topics.first().context("a metadata answer without the topic")?;
        match topic.error_code {
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION => Ok(None),
            ErrorCode::NONE | ErrorCode::LEADER_NOT_AVAILABLE => Ok(Some(topic.partitions.len())),
            code => bail!("topic {name:?} cannot be looked up: {}", said(code, None)),
        }
    }

    pub(super) async fn create(&mut self, topic: &NewTopic<'_>) -> Result<()> {
        let version = self.version(ApiKey::CreateTopics)?;
        // Before version 4 there was no number for the cluster's default.
        let replication_factor =
            if version < 4 { topic.replication_factor.max(1) } else { topic.replication_factor };
        let configs = topic.configs.iter();
        let creatable = CreatableTopic {
            name: topic.name,
            num_partitions: topic.partitions,
            replication_factor,
            configs: configs.map(|(name, value)| CreatableTopicConfig { name, value: Some(value) }).collect(),
            ..CreatableTopic::default()
        };
        let request = CreateTopicsRequest {
            topics: vec![creatable],
            timeout_ms: REQUEST_TIMEOUT_MS,
            validate_only: false,
        };
        let body = self.home.ask(&self.reactor, version, &request).await?;
        let response = CreateTopicsResponse::decode_all(&body, version)?;
        let result = response.topics.first().context("an answer without the topic")?;
        match result.error_code {
            ErrorCode::NONE | ErrorCode::TOPIC_ALREADY_EXISTS => Ok(()),
            code => bail!("{}", said(code, result.error_message)),
        }
    }

    pub(super) async fn identity(&mut self) -> Result<Identity> {
        let version = self.version(ApiKey::InitProducerId)?;
        let request =
            InitProducerIdRequest { transaction_timeout_ms: -1, ..InitProducerIdRequest::default() };
        // The coordinator of producer ids may not be ready at once.
        for _ in 0..IDENTITY_TRIES {
            let body = self.home.ask(&self.reactor, version, &request).await?;
            let response = InitProducerIdResponse::decode_all(&body, version)?;
            match response.error_code {
                ErrorCode::NONE => {
                    return Ok(Identity {
                        id: ProducerId(response.producer_id),
                        epoch: ProducerEpoch(response.producer_epoch),
                    });
                }
                ErrorCode::COORDINATOR_LOAD_IN_PROGRESS | ErrorCode::COORDINATOR_NOT_AVAILABLE => {
                    self.reactor.sleep(TRY_PAUSE).await;
                }
                code => bail!("no producer id: {}", said(code, None)),
            }
        }
        bail!("no producer id after {IDENTITY_TRIES} tries")
    }

    /// Where a group is coordinated; none if nobody does it yet.
    pub(super) async fn coordinator(&mut self, group: &str) -> Result<Option<SocketAddr>> {
        let version = self.versions.up_to(ApiKey::FindCoordinator, COORDINATOR_VERSION);
        let request = FindCoordinatorRequest { key: group, ..FindCoordinatorRequest::default() };
        let body = self.home.ask(&self.reactor, version, &request).await?;
        let response = FindCoordinatorResponse::decode_all(&body, version)?;
        match response.error_code {
            ErrorCode::NONE => {
                let found: Vec<_> = (response.host, response.port as u16).to_socket_addrs()?.collect();
                let home = found.contains(&self.home.address).then_some(self.home.address);
                Ok(home.or(found.first().copied()))
            }
            ErrorCode::COORDINATOR_LOAD_IN_PROGRESS | ErrorCode::COORDINATOR_NOT_AVAILABLE => Ok(None),
            code => bail!("group {group:?} has no coordinator: {}", said(code, response.error_message)),
        }
    }

    pub(super) async fn delete(&mut self, name: &str) -> Result<()> {
        let version = self.version(ApiKey::DeleteTopics)?;
        let mut request =
            DeleteTopicsRequest { timeout_ms: REQUEST_TIMEOUT_MS, ..DeleteTopicsRequest::default() };
        if version >= 6 {
            request.topics = vec![DeleteTopicState { name: Some(name), ..DeleteTopicState::default() }];
        } else {
            request.topic_names = vec![name];
        }
        let body = self.home.ask(&self.reactor, version, &request).await?;
        let response = DeleteTopicsResponse::decode_all(&body, version)?;
        match response.responses.first().map_or(ErrorCode::NONE, |result| result.error_code) {
            ErrorCode::NONE | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION => Ok(()),
            code => bail!("cannot delete topic {name:?}: {}", said(code, None)),
        }
    }

    pub(super) async fn layout(&mut self, names: &[String]) -> Result<Layout> {
        let (version, body) = self.metadata(names).await?;
        let response = MetadataResponse::decode_all(&body, version)?;
        let mut brokers = BTreeMap::new();
        for broker in &response.brokers {
            let found = (broker.host, broker.port as u16).to_socket_addrs();
            let found = found
                .with_context(|| format!("cannot resolve {}, which a broker advertises", broker.host))?;
            // The way we came works; of an advertised name with several addresses any may not.
            let found: Vec<_> = found.collect();
            let address = if found.contains(&self.home.address) {
                Some(self.home.address)
            } else {
                found.first().copied()
            };
            brokers.insert(broker.node_id, address.context("a broker without an address")?);
        }
        let (mut targets, mut places) = (Vec::new(), Vec::new());
        for topic in &response.topics {
            let name = topic.name.unwrap_or_default();
            let at = names.iter().position(|wanted| wanted == name).context("a topic not asked for")?;
            if !topic.error_code.is_none() {
                bail!("topic {name:?} cannot be used: {}", said(topic.error_code, None));
            }
            for partition in &topic.partitions {
                let index = partition.partition_index;
                let address = brokers.get(&partition.leader_id);
                let address =
                    *address.with_context(|| format!("partition {index} of {name:?} has no leader"))?;
                places.push(Place {
                    topic: at,
                    partition: PartitionIndex(index),
                    target: add_target(&mut targets, Target { address, shard: None }),
                    topic_id: TopicId(topic.topic_id),
                    epoch: LeaderEpoch(partition.leader_epoch),
                });
            }
        }
        if places.is_empty() {
            bail!("the topic has no partitions yet");
        }
        Ok(Layout {
            protocol: Protocol::Kafka,
            versions: self.versions.clone(),
            topics: names.to_vec(),
            targets,
            places: sorted(places),
        })
    }

    pub(super) async fn offsets(&mut self, layout: &Layout, edge: Edge) -> Result<Vec<i64>> {
        for _ in 0..OFFSET_TRIES {
            match self.offsets_now(layout, edge).await {
                Err(error) if error.is::<NotYet>() => self.reactor.sleep(TRY_PAUSE).await,
                answered => return answered,
            }
        }
        self.offsets_now(layout, edge).await
    }

    async fn offsets_now(&mut self, layout: &Layout, edge: Edge) -> Result<Vec<i64>> {
        let timestamp = match edge {
            Edge::Beginning => -2,
            Edge::End => -1,
        };
        let version = self.version(ApiKey::ListOffsets)?;
        let mut offsets = vec![0; layout.places.len()];
        for (number, target) in layout.targets.iter().enumerate() {
            let mut topics: Vec<ListOffsetsTopic<'_>> = Vec::new();
            for place in layout.places.iter().filter(|place| place.target == number) {
                let name = layout.topics[place.topic].as_str();
                let partition = ListOffsetsPartition {
                    partition_index: place.partition.0,
                    timestamp,
                    ..ListOffsetsPartition::default()
                };
                match topics.last_mut().filter(|topic| topic.name == name) {
                    Some(topic) => topic.partitions.push(partition),
                    None => topics.push(ListOffsetsTopic { name, partitions: vec![partition] }),
                }
            }
            let request = ListOffsetsRequest { replica_id: -1, topics, ..ListOffsetsRequest::default() };
            let reactor = self.reactor.clone();
            let body = self.leader(target.address).await?.ask(&reactor, version, &request).await?;
            let response = ListOffsetsResponse::decode_all(&body, version)?;
            for topic in &response.topics {
                for partition in &topic.partitions {
                    let at = layout.places.iter().position(|place| {
                        layout.topics[place.topic] == topic.name
                            && place.partition.0 == partition.partition_index
                    });
                    if !partition.error_code.is_none() {
                        let (index, code) = (partition.partition_index, partition.error_code);
                        let reason = said(code, None);
                        let refused = format!("no offset of partition {index} of {:?}: {reason}", topic.name);
                        return Err(if is_passing(code) { NotYet(refused).into() } else { anyhow!(refused) });
                    }
                    offsets[at.context("an offset not asked for")?] = partition.offset;
                }
            }
        }
        Ok(offsets)
    }

    async fn leader(&mut self, address: SocketAddr) -> Result<&mut Connection> {
        if address == self.home.address {
            return Ok(&mut self.home);
        }
        if !self.leaders.contains_key(&address) {
            let connection = Connection::open(&self.reactor, address).await?;
            self.leaders.insert(address, connection);
        }
        self.leaders.get_mut(&address).context("just inserted")
    }

    async fn metadata(&mut self, names: &[String]) -> Result<(i16, Bytes)> {
        let version = self.version(ApiKey::Metadata)?;
        let topics = names
            .iter()
            .map(|name| MetadataRequestTopic { name: Some(name), ..MetadataRequestTopic::default() });
        let request = MetadataRequest {
            topics: Some(topics.collect()),
            allow_auto_topic_creation: false,
            ..MetadataRequest::default()
        };
        Ok((version, self.home.ask(&self.reactor, version, &request).await?))
    }

    fn version(&self, api: ApiKey) -> Result<i16> {
        let version = self.versions.of(api);
        version.with_context(|| format!("the broker has no version of {} that we have", api.name()))
    }
}

/// Refused, but perhaps not for long.
#[derive(Debug)]
struct NotYet(String);

impl std::fmt::Display for NotYet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for NotYet {}

/// Whether a broker that is asked again may give another answer: a new leader hears of its partition a little later than
/// the metadata says so.
fn is_passing(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::NOT_LEADER_OR_FOLLOWER
            | ErrorCode::LEADER_NOT_AVAILABLE
            | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
            | ErrorCode::OFFSET_NOT_AVAILABLE
    )
}

impl Connection {
    pub(super) async fn open(reactor: &Reactor, address: SocketAddr) -> Result<Connection> {
        let connecting = reactor.timeout(Duration::from_secs(10), reactor.connect(address)).await;
        let refused = || format!("cannot connect to {address}. Is a broker running there?");
        let stream = connecting.with_context(refused)?.with_context(refused)?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, address, correlation: 0 })
    }

    async fn versions(&mut self, reactor: &Reactor) -> Result<Versions> {
        let body = self.ask(reactor, 0, &ApiVersionsRequest::default()).await?;
        let response = ApiVersionsResponse::decode_all(&body, 0)?;
        let mut versions = BTreeMap::new();
        for advertised in &response.api_keys {
            let ours = ApiKey::from_code(advertised.api_key).and_then(ApiKey::versions);
            if let Some(ours) = ours {
                let highest = ours.last_stable().min(advertised.max_version);
                if ours.contains(highest) && highest >= advertised.min_version {
                    versions.insert(advertised.api_key, highest);
                }
            }
        }
        Ok(Versions(versions))
    }

    /// The body of the answer.
    pub(super) async fn ask<'a, M: Message<'a>>(
        &mut self,
        reactor: &Reactor,
        version: i16,
        request: &M,
    ) -> Result<Bytes> {
        self.correlation += 1;
        let encoded = encode_request(self.correlation, Some(CLIENT), version, request)?;
        let frame = encoded.into_bytes(|_| &[]);
        let asked = reactor.timeout(ANSWER_TIMEOUT, self.exchange(reactor, frame)).await;
        let frame = asked.with_context(|| format!("{} from {}", M::API.name(), self.address))??;
        let mut reader = Reader::new(&frame);
        let header = ResponseHeader::decode(&mut reader, M::API.response_header_version(version))?;
        if header.correlation_id != self.correlation {
            bail!("{} answered another question than was asked", self.address);
        }
        // The header has a correlation id and, in its second form, an empty list of tags.
        let head = if M::API.response_header_version(version) >= 1 { 5 } else { 4 };
        Ok(frame.slice(head..))
    }

    async fn exchange(&self, reactor: &Reactor, frame: Bytes) -> Result<Bytes> {
        self.stream.send(vec![frame]).await?;
        let prefix = self.receive(reactor, 4).await?;
        let prefix: [u8; 4] = prefix[..].try_into().context("four bytes were asked for")?;
        let length =
            usize::try_from(i32::from_be_bytes(prefix)).ok().filter(|&length| length <= FRAME_BYTES_MAX);
        let length = length.with_context(|| format!("{prefix:02x?} is no length of a Kafka frame"))?;
        self.receive(reactor, length).await
    }

    async fn receive(&self, reactor: &Reactor, length: usize) -> Result<Bytes> {
        let (received, buffer) = self.stream.receive(reactor.buffer(length), Receive::All(length)).await;
        if received? < length {
            bail!("{} closed the connection", self.address);
        }
        Ok(buffer.freeze())
    }
}
