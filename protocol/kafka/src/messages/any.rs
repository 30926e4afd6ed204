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
    FindCoordinator(FindCoordinatorRequest<'a>),
    ApiVersions(ApiVersionsRequest<'a>),
    CreateTopics(CreateTopicsRequest<'a>),
    DeleteTopics(DeleteTopicsRequest<'a>),
    InitProducerId(InitProducerIdRequest<'a>),
    OffsetForLeaderEpoch(OffsetForLeaderEpochRequest<'a>),
    DescribeConfigs(DescribeConfigsRequest<'a>),
    ListPartitionReassignments(ListPartitionReassignmentsRequest<'a>),
    DescribeCluster(DescribeClusterRequest),
    DescribeTopicPartitions(DescribeTopicPartitionsRequest<'a>),
}

impl<'a> Request<'a> {
    /// Reads a request of this API and version to the end of the reader; bytes behind it are an error.
    pub fn decode(api: ApiKey, version: i16, reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        if !api.versions().is_some_and(|versions| versions.contains(version)) {
            let fault = DecodeFault::UnsupportedVersion { api: api.code(), version };
            return Err(reader.error("Request", fault));
        }
        let value = match api {
            ApiKey::Produce => Self::Produce(Decode::decode(reader, version)?),
            ApiKey::Fetch => Self::Fetch(Decode::decode(reader, version)?),
            ApiKey::ListOffsets => Self::ListOffsets(Decode::decode(reader, version)?),
            ApiKey::Metadata => Self::Metadata(Decode::decode(reader, version)?),
            ApiKey::FindCoordinator => Self::FindCoordinator(Decode::decode(reader, version)?),
            ApiKey::ApiVersions => Self::ApiVersions(Decode::decode(reader, version)?),
            ApiKey::CreateTopics => Self::CreateTopics(Decode::decode(reader, version)?),
            ApiKey::DeleteTopics => Self::DeleteTopics(Decode::decode(reader, version)?),
            ApiKey::InitProducerId => Self::InitProducerId(Decode::decode(reader, version)?),
            ApiKey::OffsetForLeaderEpoch => Self::OffsetForLeaderEpoch(Decode::decode(reader, version)?),
            ApiKey::DescribeConfigs => Self::DescribeConfigs(Decode::decode(reader, version)?),
            ApiKey::ListPartitionReassignments => {
                Self::ListPartitionReassignments(Decode::decode(reader, version)?)
            }
            ApiKey::DescribeCluster => Self::DescribeCluster(Decode::decode(reader, version)?),
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
            Self::FindCoordinator(_) => ApiKey::FindCoordinator,
            Self::ApiVersions(_) => ApiKey::ApiVersions,
            Self::CreateTopics(_) => ApiKey::CreateTopics,
            Self::DeleteTopics(_) => ApiKey::DeleteTopics,
            Self::InitProducerId(_) => ApiKey::InitProducerId,
            Self::OffsetForLeaderEpoch(_) => ApiKey::OffsetForLeaderEpoch,
            Self::DescribeConfigs(_) => ApiKey::DescribeConfigs,
            Self::ListPartitionReassignments(_) => ApiKey::ListPartitionReassignments,
            Self::DescribeCluster(_) => ApiKey::DescribeCluster,
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
            Self::FindCoordinator(message) => message.encode(sink, version),
            Self::ApiVersions(message) => message.encode(sink, version),
            Self::CreateTopics(message) => message.encode(sink, version),
            Self::DeleteTopics(message) => message.encode(sink, version),
            Self::InitProducerId(message) => message.encode(sink, version),
            Self::OffsetForLeaderEpoch(message) => message.encode(sink, version),
            Self::DescribeConfigs(message) => message.encode(sink, version),
            Self::ListPartitionReassignments(message) => message.encode(sink, version),
            Self::DescribeCluster(message) => message.encode(sink, version),
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
    FindCoordinator(FindCoordinatorResponse<'a>),
    ApiVersions(ApiVersionsResponse<'a>),
    CreateTopics(CreateTopicsResponse<'a>),
    DeleteTopics(DeleteTopicsResponse<'a>),
    InitProducerId(InitProducerIdResponse),
    OffsetForLeaderEpoch(OffsetForLeaderEpochResponse<'a>),
    DescribeConfigs(DescribeConfigsResponse<'a>),
    ListPartitionReassignments(ListPartitionReassignmentsResponse<'a>),
    DescribeCluster(DescribeClusterResponse<'a>),
    DescribeTopicPartitions(DescribeTopicPartitionsResponse<'a>),
}

impl<'a> Response<'a> {
    /// Reads a response of this API and version to the end of the reader; bytes behind it are an error.
    pub fn decode(api: ApiKey, version: i16, reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        if !api.versions().is_some_and(|versions| versions.contains(version)) {
            let fault = DecodeFault::UnsupportedVersion { api: api.code(), version };
            return Err(reader.error("Response", fault));
        }
        let value = match api {
            ApiKey::Produce => Self::Produce(Decode::decode(reader, version)?),
            ApiKey::Fetch => Self::Fetch(Decode::decode(reader, version)?),
            ApiKey::ListOffsets => Self::ListOffsets(Decode::decode(reader, version)?),
            ApiKey::Metadata => Self::Metadata(Decode::decode(reader, version)?),
            ApiKey::FindCoordinator => Self::FindCoordinator(Decode::decode(reader, version)?),
            ApiKey::ApiVersions => Self::ApiVersions(Decode::decode(reader, version)?),
            ApiKey::CreateTopics => Self::CreateTopics(Decode::decode(reader, version)?),
            ApiKey::DeleteTopics => Self::DeleteTopics(Decode::decode(reader, version)?),
            ApiKey::InitProducerId => Self::InitProducerId(Decode::decode(reader, version)?),
            ApiKey::OffsetForLeaderEpoch => Self::OffsetForLeaderEpoch(Decode::decode(reader, version)?),
            ApiKey::DescribeConfigs => Self::DescribeConfigs(Decode::decode(reader, version)?),
            ApiKey::ListPartitionReassignments => {
                Self::ListPartitionReassignments(Decode::decode(reader, version)?)
            }
            ApiKey::DescribeCluster => Self::DescribeCluster(Decode::decode(reader, version)?),
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
            Self::FindCoordinator(_) => ApiKey::FindCoordinator,
            Self::ApiVersions(_) => ApiKey::ApiVersions,
            Self::CreateTopics(_) => ApiKey::CreateTopics,
            Self::DeleteTopics(_) => ApiKey::DeleteTopics,
            Self::InitProducerId(_) => ApiKey::InitProducerId,
            Self::OffsetForLeaderEpoch(_) => ApiKey::OffsetForLeaderEpoch,
            Self::DescribeConfigs(_) => ApiKey::DescribeConfigs,
            Self::ListPartitionReassignments(_) => ApiKey::ListPartitionReassignments,
            Self::DescribeCluster(_) => ApiKey::DescribeCluster,
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
            Self::FindCoordinator(message) => message.encode(sink, version),
            Self::ApiVersions(message) => message.encode(sink, version),
            Self::CreateTopics(message) => message.encode(sink, version),
            Self::DeleteTopics(message) => message.encode(sink, version),
            Self::InitProducerId(message) => message.encode(sink, version),
            Self::OffsetForLeaderEpoch(message) => message.encode(sink, version),
            Self::DescribeConfigs(message) => message.encode(sink, version),
            Self::ListPartitionReassignments(message) => message.encode(sink, version),
            Self::DescribeCluster(message) => message.encode(sink, version),
            Self::DescribeTopicPartitions(message) => message.encode(sink, version),
        }
    }
}
