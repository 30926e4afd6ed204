//! One generator per message.
// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

mod api_versions_request;
mod api_versions_response;
mod create_topics_request;
mod create_topics_response;
mod delete_topics_request;
mod delete_topics_response;
mod describe_cluster_request;
mod describe_cluster_response;
mod describe_configs_request;
mod describe_configs_response;
mod describe_topic_partitions_request;
mod describe_topic_partitions_response;
mod fetch_request;
mod fetch_response;
mod find_coordinator_request;
mod find_coordinator_response;
mod init_producer_id_request;
mod init_producer_id_response;
mod list_offsets_request;
mod list_offsets_response;
mod list_partition_reassignments_request;
mod list_partition_reassignments_response;
mod metadata_request;
mod metadata_response;
mod offset_for_leader_epoch_request;
mod offset_for_leader_epoch_response;
mod produce_request;
mod produce_response;
mod request_header;
mod response_header;

impl<'a> crate::Request<'a> {
    /// An arbitrary request of an API, in a version of it.
    pub fn generate(api: crate::ApiKey, version: i16, source: &mut super::Source<'a>) -> Option<Self> {
        use super::Generate;
        use crate::messages::*;
        Some(match api {
            crate::ApiKey::Produce => Self::Produce(ProduceRequest::generate(source, version)),
            crate::ApiKey::Fetch => Self::Fetch(FetchRequest::generate(source, version)),
            crate::ApiKey::ListOffsets => Self::ListOffsets(ListOffsetsRequest::generate(source, version)),
            crate::ApiKey::Metadata => Self::Metadata(MetadataRequest::generate(source, version)),
            crate::ApiKey::FindCoordinator => {
                Self::FindCoordinator(FindCoordinatorRequest::generate(source, version))
            }
            crate::ApiKey::ApiVersions => Self::ApiVersions(ApiVersionsRequest::generate(source, version)),
            crate::ApiKey::CreateTopics => Self::CreateTopics(CreateTopicsRequest::generate(source, version)),
            crate::ApiKey::DeleteTopics => Self::DeleteTopics(DeleteTopicsRequest::generate(source, version)),
            crate::ApiKey::InitProducerId => {
                Self::InitProducerId(InitProducerIdRequest::generate(source, version))
            }
            crate::ApiKey::OffsetForLeaderEpoch => {
                Self::OffsetForLeaderEpoch(OffsetForLeaderEpochRequest::generate(source, version))
            }
            crate::ApiKey::DescribeConfigs => {
                Self::DescribeConfigs(DescribeConfigsRequest::generate(source, version))
            }
            crate::ApiKey::ListPartitionReassignments => {
                Self::ListPartitionReassignments(ListPartitionReassignmentsRequest::generate(source, version))
            }
            crate::ApiKey::DescribeCluster => {
                Self::DescribeCluster(DescribeClusterRequest::generate(source, version))
            }
            crate::ApiKey::DescribeTopicPartitions => {
                Self::DescribeTopicPartitions(DescribeTopicPartitionsRequest::generate(source, version))
            }
            _ => return None,
        })
    }
}

impl<'a> crate::Response<'a> {
    /// An arbitrary response of an API, in a version of it.
    pub fn generate(api: crate::ApiKey, version: i16, source: &mut super::Source<'a>) -> Option<Self> {
        use super::Generate;
        use crate::messages::*;
        Some(match api {
            crate::ApiKey::Produce => Self::Produce(ProduceResponse::generate(source, version)),
            crate::ApiKey::Fetch => Self::Fetch(FetchResponse::generate(source, version)),
            crate::ApiKey::ListOffsets => Self::ListOffsets(ListOffsetsResponse::generate(source, version)),
            crate::ApiKey::Metadata => Self::Metadata(MetadataResponse::generate(source, version)),
            crate::ApiKey::FindCoordinator => {
                Self::FindCoordinator(FindCoordinatorResponse::generate(source, version))
            }
            crate::ApiKey::ApiVersions => Self::ApiVersions(ApiVersionsResponse::generate(source, version)),
            crate::ApiKey::CreateTopics => {
                Self::CreateTopics(CreateTopicsResponse::generate(source, version))
            }
            crate::ApiKey::DeleteTopics => {
                Self::DeleteTopics(DeleteTopicsResponse::generate(source, version))
            }
            crate::ApiKey::InitProducerId => {
                Self::InitProducerId(InitProducerIdResponse::generate(source, version))
            }
            crate::ApiKey::OffsetForLeaderEpoch => {
                Self::OffsetForLeaderEpoch(OffsetForLeaderEpochResponse::generate(source, version))
            }
            crate::ApiKey::DescribeConfigs => {
                Self::DescribeConfigs(DescribeConfigsResponse::generate(source, version))
            }
            crate::ApiKey::ListPartitionReassignments => Self::ListPartitionReassignments(
                ListPartitionReassignmentsResponse::generate(source, version),
            ),
            crate::ApiKey::DescribeCluster => {
                Self::DescribeCluster(DescribeClusterResponse::generate(source, version))
            }
            crate::ApiKey::DescribeTopicPartitions => {
                Self::DescribeTopicPartitions(DescribeTopicPartitionsResponse::generate(source, version))
            }
            _ => return None,
        })
    }
}
