//! Kafka's protocol: from a frame to the handler of its API and back.
//!
//! Architecture invariant: what is served is said in one place, [`SERVED`]; each API has one file.

mod alter_configs;
mod alter_partition_reassignments;
mod alter_replica_log_dirs;
mod api_versions;
mod client_quotas;
mod config_resources;
mod create_partitions;
mod create_topics;
mod delete_records;
mod delete_topics;
mod describe_cluster;
mod describe_configs;
mod describe_log_dirs;
mod describe_producers;
mod describe_quorum;
mod describe_topic_partitions;
mod describe_user_scram_credentials;
mod elect_leaders;
pub(crate) mod error;
mod fetch;
mod fetch_body;
mod fetch_session;
mod groups;
mod incremental_alter_configs;
mod init_producer_id;
mod list_config_resources;
mod list_offsets;
mod list_partition_reassignments;
mod metadata;
mod node_configs;
mod node_loggers;
mod offset_for_leader_epoch;
pub(crate) mod produce;
mod rejected_records;
mod telemetry;
mod topics;
mod unregister_broker;

pub(crate) use config_resources::resource;
pub(crate) use describe_configs::config_values;
pub(crate) use fetch_body::prepare;
pub(crate) use fetch_session::FetchSessions;
pub(crate) use produce::check_batch;

use crate::{
    connection::{
        Connection, ConnectionError, FrameReader, Framing, Outgoing, Part, Pipeline, ReceivedFrame, Work,
    },
    shard::Shard,
};
use bytes::Bytes;
use ringlog_kafka::{
    ApiKey, Encoded, Message, Reader, Request, RequestHeader, Segment, encode_response, request_memory_budget,
};
use std::rc::Rc;

/// The APIs that are served. Of each, all versions that the codec implements and Apache Kafka has released.
pub(crate) const SERVED: &[ApiKey] = &[
    ApiKey::Produce,
    ApiKey::Fetch,
    ApiKey::ListOffsets,
    ApiKey::Metadata,
    ApiKey::OffsetCommit,
    ApiKey::OffsetFetch,
    ApiKey::FindCoordinator,
    ApiKey::JoinGroup,
    ApiKey::Heartbeat,
    ApiKey::LeaveGroup,
    ApiKey::SyncGroup,
    ApiKey::DescribeGroups,
    ApiKey::ListGroups,
    ApiKey::ApiVersions,
    ApiKey::CreateTopics,
    ApiKey::DeleteTopics,
    ApiKey::InitProducerId,
    ApiKey::OffsetForLeaderEpoch,
    ApiKey::DescribeConfigs,
    ApiKey::DeleteGroups,
    ApiKey::ListPartitionReassignments,
    ApiKey::OffsetDelete,
    ApiKey::DescribeCluster,
    ApiKey::ConsumerGroupHeartbeat,
    ApiKey::ConsumerGroupDescribe,
    ApiKey::DescribeTopicPartitions,
    ApiKey::ListConfigResources,
    ApiKey::PushTelemetry,
    ApiKey::GetTelemetrySubscriptions,
    ApiKey::UnregisterBroker,
    ApiKey::ElectLeaders,
    ApiKey::DescribeProducers,
    ApiKey::DescribeLogDirs,
    ApiKey::DeleteRecords,
    ApiKey::CreatePartitions,
    ApiKey::IncrementalAlterConfigs,
    ApiKey::AlterConfigs,
    ApiKey::AlterReplicaLogDirs,
    ApiKey::AlterPartitionReassignments,
    ApiKey::DescribeClientQuotas,
    ApiKey::AlterClientQuotas,
    ApiKey::DescribeUserScramCredentials,
    ApiKey::DescribeQuorum,
];

/// Length of the prefix that says how long a frame is.
const PREFIX_BYTES: usize = 4;

/// One request, as its handler sees it.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) connection: Rc<Connection>,
    pub(crate) version: i16,
    pub(crate) correlation_id: i32,
}

/// What a handler makes of a request; `None` sends nothing.
pub(crate) type Answer = Result<Option<Outgoing>, ConnectionError>;

/// Serves a Kafka client to its end.
pub(crate) async fn serve(connection: &Rc<Connection>, received: Bytes) -> Result<(), ConnectionError> {
    let reader = FrameReader::new(&connection.shard, Framing::Kafka, received);
    Pipeline::new(connection).run(reader, async |frame| begin(connection, frame).await).await
}

/// Fixes a request's order. Appends are submitted here; everything else happens when its turn comes.
async fn begin(connection: &Rc<Connection>, frame: ReceivedFrame) -> Result<Work, ConnectionError> {
    let body = frame.bytes.slice(PREFIX_BYTES..);
    let Preface { api, version, correlation_id } = Preface::read(&body)?;
    let asked = Asked { connection: connection.clone(), version, correlation_id };
    let served = ApiKey::from_code(api).filter(|api| SERVED.contains(api));
    let Some(api) = served else {
        return Err(ConnectionError::Request(format!("API {api} is not served")));
    };
    if !is_served(api, version) {
        if api == ApiKey::ApiVersions {
            return Ok(Work::Ready(api_versions::unsupported(&asked)?));
        }
        return Err(ConnectionError::Request(format!("{api} version {version} is not served")));
    }
    if api == ApiKey::Produce {
        return produce::begin(asked, body).await;
    }
    Ok(Work::Later(Box::pin(answer(asked, api, body))))
}

/// The part of a request's header that all versions share: enough to decide who reads the rest, and to answer a version
/// whose header nobody here can read.
struct Preface {
    api: i16,
    version: i16,
    correlation_id: i32,
}

impl Preface {
    fn read(body: &[u8]) -> Result<Preface, ConnectionError> {
        let Some([a0, a1, v0, v1, correlation @ ..]) = body.first_chunk::<8>() else {
            return Err(refuse("a request without a header"));
        };
        Ok(Preface {
            api: i16::from_be_bytes([*a0, *a1]),
            version: i16::from_be_bytes([*v0, *v1]),
            correlation_id: i32::from_be_bytes(*correlation),
        })
    }
}

fn is_served(api: ApiKey, version: i16) -> bool {
    api.versions().is_some_and(|versions| (versions.first..=versions.last_stable()).contains(&version))
}

async fn answer(asked: Asked, api: ApiKey, body: Bytes) -> Answer {
    let request = decode(api, asked.version, &body)?;
    match request {
        Request::Fetch(request) => fetch::answer(&asked, request).await,
        Request::ListOffsets(request) => asked.respond(&list_offsets::answer(&asked, &request).await),
        Request::Metadata(request) => metadata::answer(&asked, &request).await,
        Request::ApiVersions(request) => api_versions::answer(&asked, &request),
        Request::CreateTopics(request) => create_topics::answer(&asked, &request).await,
        Request::DeleteTopics(request) => delete_topics::answer(&asked, &request).await,
        Request::InitProducerId(request) => asked.respond(&init_producer_id::answer(&asked, &request).await),
        Request::OffsetForLeaderEpoch(request) => {
            asked.respond(&offset_for_leader_epoch::answer(&asked, &request).await)
        }
        Request::DescribeConfigs(request) => describe_configs::answer(&asked, &request),
        Request::ListPartitionReassignments(_) => asked.respond(&list_partition_reassignments::answer()),
        Request::DescribeCluster(request) => describe_cluster::answer(&asked, &request),
        Request::DescribeTopicPartitions(request) => describe_topic_partitions::answer(&asked, &request),
        Request::AlterConfigs(request) => alter_configs::answer(&asked, &request).await,
        Request::IncrementalAlterConfigs(request) => {
            incremental_alter_configs::answer(&asked, &request).await
        }
        Request::ListConfigResources(request) => list_config_resources::answer(&asked, &request),
        Request::CreatePartitions(request) => create_partitions::answer(&asked, &request).await,
        Request::DeleteRecords(request) => delete_records::answer(&asked, &request).await,
        Request::DescribeLogDirs(request) => describe_log_dirs::answer(&asked, &request).await,
        Request::DescribeProducers(request) => describe_producers::answer(&asked, &request).await,
        Request::ElectLeaders(request) => elect_leaders::answer(&asked, &request).await,
        Request::UnregisterBroker(request) => unregister_broker::answer(&asked, &request).await,
        Request::GetTelemetrySubscriptions(request) => telemetry::subscriptions(&asked, &request),
        Request::PushTelemetry(request) => telemetry::push(&asked, &request),
        Request::AlterReplicaLogDirs(request) => alter_replica_log_dirs::answer(&asked, &request).await,
        Request::AlterPartitionReassignments(request) => {
            alter_partition_reassignments::answer(&asked, &request)
        }
        Request::DescribeClientQuotas(_) => client_quotas::describe(&asked),
        Request::AlterClientQuotas(request) => client_quotas::alter(&asked, &request),
        Request::DescribeUserScramCredentials(request) => {
            describe_user_scram_credentials::answer(&asked, &request)
        }
        Request::DescribeQuorum(request) => describe_quorum::answer(&asked, &request).await,
        request => match groups::answer(&asked, &body, request).await {
            Some(answer) => answer,
            // Produce is begun elsewhere, the others are not in `SERVED`.
            None => Err(ConnectionError::Request(format!("{api} is not served"))),
        },
    }
}

/// Reads a request out of its frame.
fn decode(api: ApiKey, version: i16, body: &Bytes) -> Result<Request<'_>, ConnectionError> {
    let mut reader = Reader::with_memory_budget(body, request_memory_budget(body.len()));
    RequestHeader::read(&mut reader).map_err(refuse)?;
    Request::decode(api, version, &mut reader).map_err(refuse)
}

fn refuse(error: impl std::fmt::Display) -> ConnectionError {
    ConnectionError::Request(error.to_string())
}

impl Asked {
    /// The shard that serves the connection.
    pub(crate) fn shard(&self) -> &Shard {
        &self.connection.shard
    }

    /// A response without bodies of its own.
    pub(crate) fn respond<'a, M: Message<'a>>(&self, response: &M) -> Answer {
        Ok(Some(Outgoing { parts: parts(self.encode(response)?, Vec::new()), reservation: None }))
    }

    /// A response's frame.
    fn encode<'a, M: Message<'a>>(&self, response: &M) -> Result<Encoded, ConnectionError> {
        let encoded = encode_response(self.correlation_id, self.version, response).map_err(refuse)?;
        self.shard().counters.requests.errors(encoded.errors());
        Ok(encoded)
    }
}

/// The frame's own bytes with the bodies between them.
fn parts(encoded: Encoded, mut bodies: Vec<Vec<Part>>) -> Vec<Part> {
    let mut parts = Vec::new();
    for segment in encoded.into_segments() {
        match segment {
            Segment::Bytes(bytes) => parts.push(Part::Bytes(bytes)),
            Segment::External(external) => parts.append(&mut bodies[external.body]),
        }
    }
    parts
}
