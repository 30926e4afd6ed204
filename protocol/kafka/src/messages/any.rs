//! Any request, any response.
// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use super::*;
use crate::{ApiKey, Decode, DecodeError, DecodeFault, Encode, Reader, Sink};

/// A request of any API that this codec implements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    Produce(ProduceRequest<'a>),
    Fetch(FetchRequest<'a>),
    ListOffsets(ListOffsetsRequest<'a>),
    Metadata(MetadataRequest<'a>),
    OffsetCommit(OffsetCommitRequest<'a>),
    OffsetFetch(OffsetFetchRequest<'a>),
    FindCoordinator(FindCoordinatorRequest<'a>),
    JoinGroup(JoinGroupRequest<'a>),
    Heartbeat(HeartbeatRequest<'a>),
    LeaveGroup(LeaveGroupRequest<'a>),
    SyncGroup(SyncGroupRequest<'a>),
    DescribeGroups(DescribeGroupsRequest<'a>),
    ListGroups(ListGroupsRequest<'a>),
    SaslHandshake(SaslHandshakeRequest<'a>),
    ApiVersions(ApiVersionsRequest<'a>),
    CreateTopics(CreateTopicsRequest<'a>),
    DeleteTopics(DeleteTopicsRequest<'a>),
    DeleteRecords(DeleteRecordsRequest<'a>),
    InitProducerId(InitProducerIdRequest<'a>),
    OffsetForLeaderEpoch(OffsetForLeaderEpochRequest<'a>),
    DescribeConfigs(DescribeConfigsRequest<'a>),
    AlterConfigs(AlterConfigsRequest<'a>),
    AlterReplicaLogDirs(AlterReplicaLogDirsRequest<'a>),
    DescribeLogDirs(DescribeLogDirsRequest<'a>),
    SaslAuthenticate(SaslAuthenticateRequest<'a>),
    CreatePartitions(CreatePartitionsRequest<'a>),
    DeleteGroups(DeleteGroupsRequest<'a>),
    ElectLeaders(ElectLeadersRequest<'a>),
    IncrementalAlterConfigs(IncrementalAlterConfigsRequest<'a>),
    AlterPartitionReassignments(AlterPartitionReassignmentsRequest<'a>),
    ListPartitionReassignments(ListPartitionReassignmentsRequest<'a>),
    OffsetDelete(OffsetDeleteRequest<'a>),
    DescribeClientQuotas(DescribeClientQuotasRequest<'a>),
    AlterClientQuotas(AlterClientQuotasRequest<'a>),
    DescribeUserScramCredentials(DescribeUserScramCredentialsRequest<'a>),
    DescribeQuorum(DescribeQuorumRequest<'a>),
    DescribeCluster(DescribeClusterRequest),
    DescribeProducers(DescribeProducersRequest<'a>),
    UnregisterBroker(UnregisterBrokerRequest),
    ConsumerGroupHeartbeat(ConsumerGroupHeartbeatRequest<'a>),
    ConsumerGroupDescribe(ConsumerGroupDescribeRequest<'a>),
    GetTelemetrySubscriptions(GetTelemetrySubscriptionsRequest),
    PushTelemetry(PushTelemetryRequest<'a>),
    ListConfigResources(ListConfigResourcesRequest),
    DescribeTopicPartitions(DescribeTopicPartitionsRequest<'a>),
}

impl<'a> Request<'a> {
    /// Reads a request of this API and version to the end of the reader; bytes behind it are an error.
    pub fn decode(api: ApiKey, version: i16, reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        if let Some(versions) = api.versions()
            && !versions.contains(version)
        {
            let fault = DecodeFault::UnsupportedVersion { api: api.code(), version };
            return Err(reader.error("Request", fault));
        }
        let value = match api {
            ApiKey::Produce => Self::Produce(Decode::decode(reader, version)?),
            ApiKey::Fetch => Self::Fetch(Decode::decode(reader, version)?),
            ApiKey::ListOffsets => Self::ListOffsets(Decode::decode(reader, version)?),
            ApiKey::Metadata => Self::Metadata(Decode::decode(reader, version)?),
            ApiKey::OffsetCommit => Self::OffsetCommit(Decode::decode(reader, version)?),
            ApiKey::OffsetFetch => Self::OffsetFetch(Decode::decode(reader, version)?),
            ApiKey::FindCoordinator => Self::FindCoordinator(Decode::decode(reader, version)?),
            ApiKey::JoinGroup => Self::JoinGroup(Decode::decode(reader, version)?),
            ApiKey::Heartbeat => Self::Heartbeat(Decode::decode(reader, version)?),
            ApiKey::LeaveGroup => Self::LeaveGroup(Decode::decode(reader, version)?),
            ApiKey::SyncGroup => Self::SyncGroup(Decode::decode(reader, version)?),
            ApiKey::DescribeGroups => Self::DescribeGroups(Decode::decode(reader, version)?),
            ApiKey::ListGroups => Self::ListGroups(Decode::decode(reader, version)?),
            ApiKey::SaslHandshake => Self::SaslHandshake(Decode::decode(reader, version)?),
            ApiKey::ApiVersions => Self::ApiVersions(Decode::decode(reader, version)?),
            ApiKey::CreateTopics => Self::CreateTopics(Decode::decode(reader, version)?),
            ApiKey::DeleteTopics => Self::DeleteTopics(Decode::decode(reader, version)?),
            ApiKey::DeleteRecords => Self::DeleteRecords(Decode::decode(reader, version)?),
            ApiKey::InitProducerId => Self::InitProducerId(Decode::decode(reader, version)?),
            ApiKey::OffsetForLeaderEpoch => Self::OffsetForLeaderEpoch(Decode::decode(reader, version)?),
            ApiKey::DescribeConfigs => Self::DescribeConfigs(Decode::decode(reader, version)?),
            ApiKey::AlterConfigs => Self::AlterConfigs(Decode::decode(reader, version)?),
            ApiKey::AlterReplicaLogDirs => Self::AlterReplicaLogDirs(Decode::decode(reader, version)?),
            ApiKey::DescribeLogDirs => Self::DescribeLogDirs(Decode::decode(reader, version)?),
            ApiKey::SaslAuthenticate => Self::SaslAuthenticate(Decode::decode(reader, version)?),
            ApiKey::CreatePartitions => Self::CreatePartitions(Decode::decode(reader, version)?),
            ApiKey::DeleteGroups => Self::DeleteGroups(Decode::decode(reader, version)?),
            ApiKey::ElectLeaders => Self::ElectLeaders(Decode::decode(reader, version)?),
            ApiKey::IncrementalAlterConfigs => {
                Self::IncrementalAlterConfigs(Decode::decode(reader, version)?)
            }
            ApiKey::AlterPartitionReassignments => {
                Self::AlterPartitionReassignments(Decode::decode(reader, version)?)
            }
            ApiKey::ListPartitionReassignments => {
                Self::ListPartitionReassignments(Decode::decode(reader, version)?)
            }
            ApiKey::OffsetDelete => Self::OffsetDelete(Decode::decode(reader, version)?),
            ApiKey::DescribeClientQuotas => Self::DescribeClientQuotas(Decode::decode(reader, version)?),
            ApiKey::AlterClientQuotas => Self::AlterClientQuotas(Decode::decode(reader, version)?),
            ApiKey::DescribeUserScramCredentials => {
                Self::DescribeUserScramCredentials(Decode::decode(reader, version)?)
            }
            ApiKey::DescribeQuorum => Self::DescribeQuorum(Decode::decode(reader, version)?),
            ApiKey::DescribeCluster => Self::DescribeCluster(Decode::decode(reader, version)?),
            ApiKey::DescribeProducers => Self::DescribeProducers(Decode::decode(reader, version)?),
            ApiKey::UnregisterBroker => Self::UnregisterBroker(Decode::decode(reader, version)?),
            ApiKey::ConsumerGroupHeartbeat => Self::ConsumerGroupHeartbeat(Decode::decode(reader, version)?),
            ApiKey::ConsumerGroupDescribe => Self::ConsumerGroupDescribe(Decode::decode(reader, version)?),
            ApiKey::GetTelemetrySubscriptions => {
                Self::GetTelemetrySubscriptions(Decode::decode(reader, version)?)
            }
            ApiKey::PushTelemetry => Self::PushTelemetry(Decode::decode(reader, version)?),
            ApiKey::ListConfigResources => Self::ListConfigResources(Decode::decode(reader, version)?),
            ApiKey::DescribeTopicPartitions => {
                Self::DescribeTopicPartitions(Decode::decode(reader, version)?)
            }
            other => return Err(reader.error("Request", DecodeFault::UnknownApi(other.code()))),
        };
        reader.finish()?;
        Ok(value)
    }

    /// The API it belongs to.
    #[must_use]
    pub fn api(&self) -> ApiKey {
        match self {
            Self::Produce(_) => ApiKey::Produce,
            Self::Fetch(_) => ApiKey::Fetch,
            Self::ListOffsets(_) => ApiKey::ListOffsets,
            Self::Metadata(_) => ApiKey::Metadata,
            Self::OffsetCommit(_) => ApiKey::OffsetCommit,
            Self::OffsetFetch(_) => ApiKey::OffsetFetch,
            Self::FindCoordinator(_) => ApiKey::FindCoordinator,
            Self::JoinGroup(_) => ApiKey::JoinGroup,
            Self::Heartbeat(_) => ApiKey::Heartbeat,
            Self::LeaveGroup(_) => ApiKey::LeaveGroup,
            Self::SyncGroup(_) => ApiKey::SyncGroup,
            Self::DescribeGroups(_) => ApiKey::DescribeGroups,
            Self::ListGroups(_) => ApiKey::ListGroups,
            Self::SaslHandshake(_) => ApiKey::SaslHandshake,
            Self::ApiVersions(_) => ApiKey::ApiVersions,
            Self::CreateTopics(_) => ApiKey::CreateTopics,
            Self::DeleteTopics(_) => ApiKey::DeleteTopics,
            Self::DeleteRecords(_) => ApiKey::DeleteRecords,
            Self::InitProducerId(_) => ApiKey::InitProducerId,
            Self::OffsetForLeaderEpoch(_) => ApiKey::OffsetForLeaderEpoch,
            Self::DescribeConfigs(_) => ApiKey::DescribeConfigs,
            Self::AlterConfigs(_) => ApiKey::AlterConfigs,
            Self::AlterReplicaLogDirs(_) => ApiKey::AlterReplicaLogDirs,
            Self::DescribeLogDirs(_) => ApiKey::DescribeLogDirs,
            Self::SaslAuthenticate(_) => ApiKey::SaslAuthenticate,
            Self::CreatePartitions(_) => ApiKey::CreatePartitions,
            Self::DeleteGroups(_) => ApiKey::DeleteGroups,
            Self::ElectLeaders(_) => ApiKey::ElectLeaders,
            Self::IncrementalAlterConfigs(_) => ApiKey::IncrementalAlterConfigs,
            Self::AlterPartitionReassignments(_) => ApiKey::AlterPartitionReassignments,
            Self::ListPartitionReassignments(_) => ApiKey::ListPartitionReassignments,
            Self::OffsetDelete(_) => ApiKey::OffsetDelete,
            Self::DescribeClientQuotas(_) => ApiKey::DescribeClientQuotas,
            Self::AlterClientQuotas(_) => ApiKey::AlterClientQuotas,
            Self::DescribeUserScramCredentials(_) => ApiKey::DescribeUserScramCredentials,
            Self::DescribeQuorum(_) => ApiKey::DescribeQuorum,
            Self::DescribeCluster(_) => ApiKey::DescribeCluster,
            Self::DescribeProducers(_) => ApiKey::DescribeProducers,
            Self::UnregisterBroker(_) => ApiKey::UnregisterBroker,
            Self::ConsumerGroupHeartbeat(_) => ApiKey::ConsumerGroupHeartbeat,
            Self::ConsumerGroupDescribe(_) => ApiKey::ConsumerGroupDescribe,
            Self::GetTelemetrySubscriptions(_) => ApiKey::GetTelemetrySubscriptions,
            Self::PushTelemetry(_) => ApiKey::PushTelemetry,
            Self::ListConfigResources(_) => ApiKey::ListConfigResources,
            Self::DescribeTopicPartitions(_) => ApiKey::DescribeTopicPartitions,
        }
    }
}

impl Encode for Request<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        match self {
            Self::Produce(message) => message.encode(sink, version),
            Self::Fetch(message) => message.encode(sink, version),
            Self::ListOffsets(message) => message.encode(sink, version),
            Self::Metadata(message) => message.encode(sink, version),
            Self::OffsetCommit(message) => message.encode(sink, version),
            Self::OffsetFetch(message) => message.encode(sink, version),
            Self::FindCoordinator(message) => message.encode(sink, version),
            Self::JoinGroup(message) => message.encode(sink, version),
            Self::Heartbeat(message) => message.encode(sink, version),
            Self::LeaveGroup(message) => message.encode(sink, version),
            Self::SyncGroup(message) => message.encode(sink, version),
            Self::DescribeGroups(message) => message.encode(sink, version),
            Self::ListGroups(message) => message.encode(sink, version),
            Self::SaslHandshake(message) => message.encode(sink, version),
            Self::ApiVersions(message) => message.encode(sink, version),
            Self::CreateTopics(message) => message.encode(sink, version),
            Self::DeleteTopics(message) => message.encode(sink, version),
            Self::DeleteRecords(message) => message.encode(sink, version),
            Self::InitProducerId(message) => message.encode(sink, version),
            Self::OffsetForLeaderEpoch(message) => message.encode(sink, version),
            Self::DescribeConfigs(message) => message.encode(sink, version),
            Self::AlterConfigs(message) => message.encode(sink, version),
            Self::AlterReplicaLogDirs(message) => message.encode(sink, version),
            Self::DescribeLogDirs(message) => message.encode(sink, version),
            Self::SaslAuthenticate(message) => message.encode(sink, version),
            Self::CreatePartitions(message) => message.encode(sink, version),
            Self::DeleteGroups(message) => message.encode(sink, version),
            Self::ElectLeaders(message) => message.encode(sink, version),
            Self::IncrementalAlterConfigs(message) => message.encode(sink, version),
            Self::AlterPartitionReassignments(message) => message.encode(sink, version),
            Self::ListPartitionReassignments(message) => message.encode(sink, version),
            Self::OffsetDelete(message) => message.encode(sink, version),
            Self::DescribeClientQuotas(message) => message.encode(sink, version),
            Self::AlterClientQuotas(message) => message.encode(sink, version),
            Self::DescribeUserScramCredentials(message) => message.encode(sink, version),
            Self::DescribeQuorum(message) => message.encode(sink, version),
            Self::DescribeCluster(message) => message.encode(sink, version),
            Self::DescribeProducers(message) => message.encode(sink, version),
            Self::UnregisterBroker(message) => message.encode(sink, version),
            Self::ConsumerGroupHeartbeat(message) => message.encode(sink, version),
            Self::ConsumerGroupDescribe(message) => message.encode(sink, version),
            Self::GetTelemetrySubscriptions(message) => message.encode(sink, version),
            Self::PushTelemetry(message) => message.encode(sink, version),
            Self::ListConfigResources(message) => message.encode(sink, version),
            Self::DescribeTopicPartitions(message) => message.encode(sink, version),
        }
    }
}

/// A response of any API that this codec implements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response<'a> {
    Produce(ProduceResponse<'a>),
    Fetch(FetchResponse<'a>),
    ListOffsets(ListOffsetsResponse<'a>),
    Metadata(MetadataResponse<'a>),
    OffsetCommit(OffsetCommitResponse<'a>),
    OffsetFetch(OffsetFetchResponse<'a>),
    FindCoordinator(FindCoordinatorResponse<'a>),
    JoinGroup(JoinGroupResponse<'a>),
    Heartbeat(HeartbeatResponse),
    LeaveGroup(LeaveGroupResponse<'a>),
    SyncGroup(SyncGroupResponse<'a>),
    DescribeGroups(DescribeGroupsResponse<'a>),
    ListGroups(ListGroupsResponse<'a>),
    SaslHandshake(SaslHandshakeResponse<'a>),
    ApiVersions(ApiVersionsResponse<'a>),
    CreateTopics(CreateTopicsResponse<'a>),
    DeleteTopics(DeleteTopicsResponse<'a>),
    DeleteRecords(DeleteRecordsResponse<'a>),
    InitProducerId(InitProducerIdResponse),
    OffsetForLeaderEpoch(OffsetForLeaderEpochResponse<'a>),
    DescribeConfigs(DescribeConfigsResponse<'a>),
    AlterConfigs(AlterConfigsResponse<'a>),
    AlterReplicaLogDirs(AlterReplicaLogDirsResponse<'a>),
    DescribeLogDirs(DescribeLogDirsResponse<'a>),
    SaslAuthenticate(SaslAuthenticateResponse<'a>),
    CreatePartitions(CreatePartitionsResponse<'a>),
    DeleteGroups(DeleteGroupsResponse<'a>),
    ElectLeaders(ElectLeadersResponse<'a>),
    IncrementalAlterConfigs(IncrementalAlterConfigsResponse<'a>),
    AlterPartitionReassignments(AlterPartitionReassignmentsResponse<'a>),
    ListPartitionReassignments(ListPartitionReassignmentsResponse<'a>),
    OffsetDelete(OffsetDeleteResponse<'a>),
    DescribeClientQuotas(DescribeClientQuotasResponse<'a>),
    AlterClientQuotas(AlterClientQuotasResponse<'a>),
    DescribeUserScramCredentials(DescribeUserScramCredentialsResponse<'a>),
    DescribeQuorum(DescribeQuorumResponse<'a>),
    DescribeCluster(DescribeClusterResponse<'a>),
    DescribeProducers(DescribeProducersResponse<'a>),
    UnregisterBroker(UnregisterBrokerResponse<'a>),
    ConsumerGroupHeartbeat(ConsumerGroupHeartbeatResponse<'a>),
    ConsumerGroupDescribe(ConsumerGroupDescribeResponse<'a>),
    GetTelemetrySubscriptions(GetTelemetrySubscriptionsResponse<'a>),
    PushTelemetry(PushTelemetryResponse),
    ListConfigResources(ListConfigResourcesResponse<'a>),
    DescribeTopicPartitions(DescribeTopicPartitionsResponse<'a>),
}

impl<'a> Response<'a> {
    /// Reads a response of this API and version to the end of the reader; bytes behind it are an error.
    pub fn decode(api: ApiKey, version: i16, reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        if let Some(versions) = api.versions()
            && !versions.contains(version)
        {
            let fault = DecodeFault::UnsupportedVersion { api: api.code(), version };
            return Err(reader.error("Response", fault));
        }
        let value = match api {
            ApiKey::Produce => Self::Produce(Decode::decode(reader, version)?),
            ApiKey::Fetch => Self::Fetch(Decode::decode(reader, version)?),
            ApiKey::ListOffsets => Self::ListOffsets(Decode::decode(reader, version)?),
            ApiKey::Metadata => Self::Metadata(Decode::decode(reader, version)?),
            ApiKey::OffsetCommit => Self::OffsetCommit(Decode::decode(reader, version)?),
            ApiKey::OffsetFetch => Self::OffsetFetch(Decode::decode(reader, version)?),
            ApiKey::FindCoordinator => Self::FindCoordinator(Decode::decode(reader, version)?),
            ApiKey::JoinGroup => Self::JoinGroup(Decode::decode(reader, version)?),
            ApiKey::Heartbeat => Self::Heartbeat(Decode::decode(reader, version)?),
            ApiKey::LeaveGroup => Self::LeaveGroup(Decode::decode(reader, version)?),
            ApiKey::SyncGroup => Self::SyncGroup(Decode::decode(reader, version)?),
            ApiKey::DescribeGroups => Self::DescribeGroups(Decode::decode(reader, version)?),
            ApiKey::ListGroups => Self::ListGroups(Decode::decode(reader, version)?),
            ApiKey::SaslHandshake => Self::SaslHandshake(Decode::decode(reader, version)?),
            ApiKey::ApiVersions => Self::ApiVersions(Decode::decode(reader, version)?),
            ApiKey::CreateTopics => Self::CreateTopics(Decode::decode(reader, version)?),
            ApiKey::DeleteTopics => Self::DeleteTopics(Decode::decode(reader, version)?),
            ApiKey::DeleteRecords => Self::DeleteRecords(Decode::decode(reader, version)?),
            ApiKey::InitProducerId => Self::InitProducerId(Decode::decode(reader, version)?),
            ApiKey::OffsetForLeaderEpoch => Self::OffsetForLeaderEpoch(Decode::decode(reader, version)?),
            ApiKey::DescribeConfigs => Self::DescribeConfigs(Decode::decode(reader, version)?),
            ApiKey::AlterConfigs => Self::AlterConfigs(Decode::decode(reader, version)?),
            ApiKey::AlterReplicaLogDirs => Self::AlterReplicaLogDirs(Decode::decode(reader, version)?),
            ApiKey::DescribeLogDirs => Self::DescribeLogDirs(Decode::decode(reader, version)?),
            ApiKey::SaslAuthenticate => Self::SaslAuthenticate(Decode::decode(reader, version)?),
            ApiKey::CreatePartitions => Self::CreatePartitions(Decode::decode(reader, version)?),
            ApiKey::DeleteGroups => Self::DeleteGroups(Decode::decode(reader, version)?),
            ApiKey::ElectLeaders => Self::ElectLeaders(Decode::decode(reader, version)?),
            ApiKey::IncrementalAlterConfigs => {
                Self::IncrementalAlterConfigs(Decode::decode(reader, version)?)
            }
            ApiKey::AlterPartitionReassignments => {
                Self::AlterPartitionReassignments(Decode::decode(reader, version)?)
            }
            ApiKey::ListPartitionReassignments => {
                Self::ListPartitionReassignments(Decode::decode(reader, version)?)
            }
            ApiKey::OffsetDelete => Self::OffsetDelete(Decode::decode(reader, version)?),
            ApiKey::DescribeClientQuotas => Self::DescribeClientQuotas(Decode::decode(reader, version)?),
            ApiKey::AlterClientQuotas => Self::AlterClientQuotas(Decode::decode(reader, version)?),
            ApiKey::DescribeUserScramCredentials => {
                Self::DescribeUserScramCredentials(Decode::decode(reader, version)?)
            }
            ApiKey::DescribeQuorum => Self::DescribeQuorum(Decode::decode(reader, version)?),
            ApiKey::DescribeCluster => Self::DescribeCluster(Decode::decode(reader, version)?),
            ApiKey::DescribeProducers => Self::DescribeProducers(Decode::decode(reader, version)?),
            ApiKey::UnregisterBroker => Self::UnregisterBroker(Decode::decode(reader, version)?),
            ApiKey::ConsumerGroupHeartbeat => Self::ConsumerGroupHeartbeat(Decode::decode(reader, version)?),
            ApiKey::ConsumerGroupDescribe => Self::ConsumerGroupDescribe(Decode::decode(reader, version)?),
            ApiKey::GetTelemetrySubscriptions => {
                Self::GetTelemetrySubscriptions(Decode::decode(reader, version)?)
            }
            ApiKey::PushTelemetry => Self::PushTelemetry(Decode::decode(reader, version)?),
            ApiKey::ListConfigResources => Self::ListConfigResources(Decode::decode(reader, version)?),
            ApiKey::DescribeTopicPartitions => {
                Self::DescribeTopicPartitions(Decode::decode(reader, version)?)
            }
            other => return Err(reader.error("Response", DecodeFault::UnknownApi(other.code()))),
        };
        reader.finish()?;
        Ok(value)
    }

    /// The API it belongs to.
    #[must_use]
    pub fn api(&self) -> ApiKey {
        match self {
            Self::Produce(_) => ApiKey::Produce,
            Self::Fetch(_) => ApiKey::Fetch,
            Self::ListOffsets(_) => ApiKey::ListOffsets,
            Self::Metadata(_) => ApiKey::Metadata,
            Self::OffsetCommit(_) => ApiKey::OffsetCommit,
            Self::OffsetFetch(_) => ApiKey::OffsetFetch,
            Self::FindCoordinator(_) => ApiKey::FindCoordinator,
            Self::JoinGroup(_) => ApiKey::JoinGroup,
            Self::Heartbeat(_) => ApiKey::Heartbeat,
            Self::LeaveGroup(_) => ApiKey::LeaveGroup,
            Self::SyncGroup(_) => ApiKey::SyncGroup,
            Self::DescribeGroups(_) => ApiKey::DescribeGroups,
            Self::ListGroups(_) => ApiKey::ListGroups,
            Self::SaslHandshake(_) => ApiKey::SaslHandshake,
            Self::ApiVersions(_) => ApiKey::ApiVersions,
            Self::CreateTopics(_) => ApiKey::CreateTopics,
            Self::DeleteTopics(_) => ApiKey::DeleteTopics,
            Self::DeleteRecords(_) => ApiKey::DeleteRecords,
            Self::InitProducerId(_) => ApiKey::InitProducerId,
            Self::OffsetForLeaderEpoch(_) => ApiKey::OffsetForLeaderEpoch,
            Self::DescribeConfigs(_) => ApiKey::DescribeConfigs,
            Self::AlterConfigs(_) => ApiKey::AlterConfigs,
            Self::AlterReplicaLogDirs(_) => ApiKey::AlterReplicaLogDirs,
            Self::DescribeLogDirs(_) => ApiKey::DescribeLogDirs,
            Self::SaslAuthenticate(_) => ApiKey::SaslAuthenticate,
            Self::CreatePartitions(_) => ApiKey::CreatePartitions,
            Self::DeleteGroups(_) => ApiKey::DeleteGroups,
            Self::ElectLeaders(_) => ApiKey::ElectLeaders,
            Self::IncrementalAlterConfigs(_) => ApiKey::IncrementalAlterConfigs,
            Self::AlterPartitionReassignments(_) => ApiKey::AlterPartitionReassignments,
            Self::ListPartitionReassignments(_) => ApiKey::ListPartitionReassignments,
            Self::OffsetDelete(_) => ApiKey::OffsetDelete,
            Self::DescribeClientQuotas(_) => ApiKey::DescribeClientQuotas,
            Self::AlterClientQuotas(_) => ApiKey::AlterClientQuotas,
            Self::DescribeUserScramCredentials(_) => ApiKey::DescribeUserScramCredentials,
            Self::DescribeQuorum(_) => ApiKey::DescribeQuorum,
            Self::DescribeCluster(_) => ApiKey::DescribeCluster,
            Self::DescribeProducers(_) => ApiKey::DescribeProducers,
            Self::UnregisterBroker(_) => ApiKey::UnregisterBroker,
            Self::ConsumerGroupHeartbeat(_) => ApiKey::ConsumerGroupHeartbeat,
            Self::ConsumerGroupDescribe(_) => ApiKey::ConsumerGroupDescribe,
            Self::GetTelemetrySubscriptions(_) => ApiKey::GetTelemetrySubscriptions,
            Self::PushTelemetry(_) => ApiKey::PushTelemetry,
            Self::ListConfigResources(_) => ApiKey::ListConfigResources,
            Self::DescribeTopicPartitions(_) => ApiKey::DescribeTopicPartitions,
        }
    }
}

impl Encode for Response<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        match self {
            Self::Produce(message) => message.encode(sink, version),
            Self::Fetch(message) => message.encode(sink, version),
            Self::ListOffsets(message) => message.encode(sink, version),
            Self::Metadata(message) => message.encode(sink, version),
            Self::OffsetCommit(message) => message.encode(sink, version),
            Self::OffsetFetch(message) => message.encode(sink, version),
            Self::FindCoordinator(message) => message.encode(sink, version),
            Self::JoinGroup(message) => message.encode(sink, version),
            Self::Heartbeat(message) => message.encode(sink, version),
            Self::LeaveGroup(message) => message.encode(sink, version),
            Self::SyncGroup(message) => message.encode(sink, version),
            Self::DescribeGroups(message) => message.encode(sink, version),
            Self::ListGroups(message) => message.encode(sink, version),
            Self::SaslHandshake(message) => message.encode(sink, version),
            Self::ApiVersions(message) => message.encode(sink, version),
            Self::CreateTopics(message) => message.encode(sink, version),
            Self::DeleteTopics(message) => message.encode(sink, version),
            Self::DeleteRecords(message) => message.encode(sink, version),
            Self::InitProducerId(message) => message.encode(sink, version),
            Self::OffsetForLeaderEpoch(message) => message.encode(sink, version),
            Self::DescribeConfigs(message) => message.encode(sink, version),
            Self::AlterConfigs(message) => message.encode(sink, version),
            Self::AlterReplicaLogDirs(message) => message.encode(sink, version),
            Self::DescribeLogDirs(message) => message.encode(sink, version),
            Self::SaslAuthenticate(message) => message.encode(sink, version),
            Self::CreatePartitions(message) => message.encode(sink, version),
            Self::DeleteGroups(message) => message.encode(sink, version),
            Self::ElectLeaders(message) => message.encode(sink, version),
            Self::IncrementalAlterConfigs(message) => message.encode(sink, version),
            Self::AlterPartitionReassignments(message) => message.encode(sink, version),
            Self::ListPartitionReassignments(message) => message.encode(sink, version),
            Self::OffsetDelete(message) => message.encode(sink, version),
            Self::DescribeClientQuotas(message) => message.encode(sink, version),
            Self::AlterClientQuotas(message) => message.encode(sink, version),
            Self::DescribeUserScramCredentials(message) => message.encode(sink, version),
            Self::DescribeQuorum(message) => message.encode(sink, version),
            Self::DescribeCluster(message) => message.encode(sink, version),
            Self::DescribeProducers(message) => message.encode(sink, version),
            Self::UnregisterBroker(message) => message.encode(sink, version),
            Self::ConsumerGroupHeartbeat(message) => message.encode(sink, version),
            Self::ConsumerGroupDescribe(message) => message.encode(sink, version),
            Self::GetTelemetrySubscriptions(message) => message.encode(sink, version),
            Self::PushTelemetry(message) => message.encode(sink, version),
            Self::ListConfigResources(message) => message.encode(sink, version),
            Self::DescribeTopicPartitions(message) => message.encode(sink, version),
        }
    }
}
