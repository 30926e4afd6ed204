//! A member of a consumer group, by the protocol in which the coordinator assigns partitions (KIP-848).

use super::control::resolve;
use super::control_kafka::KafkaControl;
use super::kafka::said;
use super::{Layout, control_kafka::Connection};
use anyhow::{Context, Result, bail};
use ringlog_kafka::messages::consumer_group_heartbeat_request::TopicPartitions;
use ringlog_kafka::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use ringlog_kafka::messages::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, OffsetCommitRequest, OffsetCommitResponse,
};
use ringlog_kafka::{ApiKey, ErrorCode, Message};
use ringlog_model::TopicId;
use ringlog_reactor::Reactor;
use std::rc::Rc;
use std::time::Duration;

const REBALANCE_TIMEOUT_MS: i32 = 30_000;
/// The last version of commits that names topics by name; the first that takes a member's epoch.
const COMMIT_VERSION: i16 = 9;
const TRIES: usize = 100;
const PAUSE: Duration = Duration::from_millis(100);

/// What the coordinator made of what a member said.
#[derive(Debug)]
pub(crate) enum Heard {
    Yes,
    /// The coordinator is not ready; the same may be said again.
    NotNow,
    /// The coordinator has given the member up. It joins again with its next heartbeat.
    Fenced,
    /// The connection has ended, or the group is coordinated elsewhere: see [`Membership::reconnect`].
    Lost(String),
}

pub(crate) struct Membership {
    reactor: Reactor,
    connection: Connection,
    layout: Rc<Layout>,
    group: String,
    id: String,
    epoch: i32,
    /// How often the coordinator wants to hear of the member.
    interval: Duration,
    places: Vec<usize>,
    /// The coordinator does not know yet that the member took or gave up partitions.
    is_news: bool,
}

impl Membership {
    /// Joins; what the member is to read comes with a later [`Membership::beat`].
    pub(crate) async fn join(
        reactor: &Reactor,
        layout: &Rc<Layout>,
        brokers: &str,
        group: &str,
        id: String,
    ) -> Result<Membership> {
        if layout.versions.of(ApiKey::ConsumerGroupHeartbeat).is_none() {
            bail!("--group needs a broker with the consumer group protocol of Kafka 4 (KIP-848)");
        }
        let connection = find(reactor, brokers, group).await?;
        let mut membership = Membership {
            reactor: reactor.clone(),
            connection,
            layout: layout.clone(),
            group: group.to_owned(),
            id,
            epoch: 0,
            interval: PAUSE,
            places: Vec::new(),
            is_news: true,
        };
        match membership.beat().await? {
            Heard::Lost(reason) => bail!("{reason}"),
            _ => Ok(membership),
        }
    }

    /// Looks for the coordinator again. The member goes on as who it was.
    pub(crate) async fn reconnect(&mut self, brokers: &str) -> Result<()> {
        self.connection = find(&self.reactor, brokers, &self.group).await?;
        // What the last heartbeat said may not have been heard.
        self.is_news = true;
        Ok(())
    }

    /// What the member is to read, as far as it knows.
    pub(crate) fn places(&self) -> &[usize] {
        &self.places
    }

    pub(crate) fn interval(&self) -> Duration {
        self.interval
    }

    /// Tells the coordinator that the member is there, and takes what it assigns.
    pub(crate) async fn beat(&mut self) -> Result<Heard> {
        let is_first = self.epoch == 0;
        let request = ConsumerGroupHeartbeatRequest {
            group_id: &self.group,
            member_id: &self.id,
            member_epoch: self.epoch,
            rebalance_timeout_ms: if is_first { REBALANCE_TIMEOUT_MS } else { -1 },
            subscribed_topic_names: is_first.then(|| self.layout.topics.iter().map(String::as_str).collect()),
            // Who joins owns nothing.
            topic_partitions: self.is_news.then(|| if is_first { Vec::new() } else { self.owned() }),
            ..ConsumerGroupHeartbeatRequest::default()
        };
        let version = self.layout.versions.of(ApiKey::ConsumerGroupHeartbeat).unwrap_or_default();
        let body = match self.connection.ask(&self.reactor, version, &request).await {
            Ok(body) => body,
            Err(error) => return Ok(Heard::Lost(format!("{error:#}"))),
        };
        let response = ConsumerGroupHeartbeatResponse::decode_all(&body, version)?;
        if let Some(heard) = passing(response.error_code) {
            if matches!(heard, Heard::Fenced) {
                self.epoch = 0;
                self.is_news = true;
            }
            return Ok(heard);
        }
        if !response.error_code.is_none() {
            bail!("group {:?}: {}", self.group, said(response.error_code, response.error_message));
        }
        self.is_news = false;
        self.epoch = response.member_epoch;
        self.interval = Duration::from_millis(u64::try_from(response.heartbeat_interval_ms).unwrap_or(1000));
        let Some(assignment) = response.assignment else { return Ok(Heard::Yes) };
        let mut places = Vec::new();
        for topic in &assignment.topic_partitions {
            for &partition in &topic.partitions {
                let at = self.layout.places.iter().position(|place| {
                    place.topic_id == TopicId(topic.topic_id) && place.partition.0 == partition
                });
                places.push(at.context("assigned a partition that was not subscribed to")?);
            }
        }
        places.sort_unstable();
        self.places = places;
        self.is_news = true;
        Ok(Heard::Yes)
    }

    fn owned(&self) -> Vec<TopicPartitions> {
        let mut topics: Vec<TopicPartitions> = Vec::new();
        for &place in &self.places {
            let place = self.layout.places[place];
            match topics.last_mut().filter(|topic| topic.topic_id == place.topic_id.0) {
                Some(topic) => topic.partitions.push(place.partition.0),
                None => topics.push(TopicPartitions {
                    topic_id: place.topic_id.0,
                    partitions: vec![place.partition.0],
                }),
            }
        }
        topics
    }

    /// Writes how far the member has read.
    pub(crate) async fn commit(&mut self, positions: &[(usize, i64)]) -> Result<Heard> {
        let layout = self.layout.clone();
        let mut topics: Vec<OffsetCommitRequestTopic<'_>> = Vec::new();
        for &(place, committed_offset) in positions {
            let place = layout.places[place];
            let name = layout.topics[place.topic].as_str();
            let partition = OffsetCommitRequestPartition {
                partition_index: place.partition.0,
                committed_offset,
                committed_leader_epoch: -1,
                ..OffsetCommitRequestPartition::default()
            };
            match topics.last_mut().filter(|topic| topic.name == name) {
                Some(topic) => topic.partitions.push(partition),
                None => topics.push(OffsetCommitRequestTopic {
                    name,
                    partitions: vec![partition],
                    ..OffsetCommitRequestTopic::default()
                }),
            }
        }
        let request = OffsetCommitRequest {
            group_id: &self.group,
            generation_id_or_member_epoch: self.epoch,
            member_id: &self.id,
            topics,
            ..OffsetCommitRequest::default()
        };
        let version = layout.versions.up_to(ApiKey::OffsetCommit, COMMIT_VERSION);
        let body = match self.connection.ask(&self.reactor, version, &request).await {
            Ok(body) => body,
            Err(error) => return Ok(Heard::Lost(format!("{error:#}"))),
        };
        let response = OffsetCommitResponse::decode_all(&body, version)?;
        let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
        let Some(code) = partitions.map(|partition| partition.error_code).find(|code| !code.is_none()) else {
            return Ok(Heard::Yes);
        };
        match passing(code) {
            // The next heartbeat is told so too, and then there is a new epoch.
            Some(Heard::Fenced) => Ok(Heard::NotNow),
            Some(heard) => Ok(heard),
            None => bail!("group {:?} does not take offsets: {}", self.group, said(code, None)),
        }
    }

    /// Says good-bye, so that nobody waits for the member.
    pub(crate) async fn leave(mut self) {
        const LEAVING: i32 = -1;
        let request = ConsumerGroupHeartbeatRequest {
            group_id: &self.group,
            member_id: &self.id,
            member_epoch: LEAVING,
            ..ConsumerGroupHeartbeatRequest::default()
        };
        let version = self.layout.versions.of(ApiKey::ConsumerGroupHeartbeat).unwrap_or_default();
        // Who does not hear of it notices that the heartbeats have ended.
        let _ = self.connection.ask(&self.reactor, version, &request).await;
    }
}

/// What an error means that does not last; none of other codes.
fn passing(code: ErrorCode) -> Option<Heard> {
    match code {
        ErrorCode::COORDINATOR_LOAD_IN_PROGRESS | ErrorCode::COORDINATOR_NOT_AVAILABLE => Some(Heard::NotNow),
        ErrorCode::NOT_COORDINATOR => Some(Heard::Lost(said(code, None))),
        ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::FENCED_MEMBER_EPOCH | ErrorCode::STALE_MEMBER_EPOCH => {
            Some(Heard::Fenced)
        }
        _ => None,
    }
}

/// A connection to the coordinator of a group.
async fn find(reactor: &Reactor, brokers: &str, group: &str) -> Result<Connection> {
    let mut control = KafkaControl::connect(reactor, &resolve(brokers)?).await?;
    let mut address = None;
    for _ in 0..TRIES {
        address = control.coordinator(group).await?;
        if address.is_some() {
            break;
        }
        reactor.sleep(PAUSE).await;
    }
    let address = address.with_context(|| format!("group {group:?} has no coordinator"))?;
    Connection::open(reactor, address).await
}
