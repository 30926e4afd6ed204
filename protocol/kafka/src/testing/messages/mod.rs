//! One generator per message.
// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

mod alter_client_quotas_request;
mod alter_client_quotas_response;
mod alter_configs_request;
mod alter_configs_response;
mod alter_partition_reassignments_request;
mod alter_partition_reassignments_response;
mod alter_replica_log_dirs_request;
mod alter_replica_log_dirs_response;
mod api_versions_request;
mod api_versions_response;
mod consumer_group_current_member_assignment_value;
mod consumer_group_describe_request;
mod consumer_group_describe_response;
mod consumer_group_heartbeat_request;
mod consumer_group_heartbeat_response;
mod consumer_group_key;
mod consumer_group_member_key;
mod consumer_group_member_metadata_value;
mod consumer_group_metadata_value;
mod consumer_group_partition_metadata_value;
mod consumer_group_regular_expression_key;
mod consumer_group_regular_expression_value;
mod consumer_group_target_assignment_member_value;
mod consumer_group_target_assignment_metadata_value;
mod consumer_protocol_assignment;
mod consumer_protocol_subscription;
mod create_partitions_request;
mod create_partitions_response;
mod create_topics_request;
mod create_topics_response;
mod delete_groups_request;
mod delete_groups_response;
mod delete_records_request;
mod delete_records_response;
mod delete_topics_request;
mod delete_topics_response;
mod describe_client_quotas_request;
mod describe_client_quotas_response;
mod describe_cluster_request;
mod describe_cluster_response;
mod describe_configs_request;
mod describe_configs_response;
mod describe_groups_request;
mod describe_groups_response;
mod describe_log_dirs_request;
mod describe_log_dirs_response;
mod describe_producers_request;
mod describe_producers_response;
mod describe_quorum_request;
mod describe_quorum_response;
mod describe_topic_partitions_request;
mod describe_topic_partitions_response;
mod describe_user_scram_credentials_request;
mod describe_user_scram_credentials_response;
mod elect_leaders_request;
mod elect_leaders_response;
mod fetch_request;
mod fetch_response;
mod find_coordinator_request;
mod find_coordinator_response;
mod get_telemetry_subscriptions_request;
mod get_telemetry_subscriptions_response;
mod group_metadata_key;
mod group_metadata_value;
mod heartbeat_request;
mod heartbeat_response;
mod incremental_alter_configs_request;
mod incremental_alter_configs_response;
mod init_producer_id_request;
mod init_producer_id_response;
mod join_group_request;
mod join_group_response;
mod leave_group_request;
mod leave_group_response;
mod list_config_resources_request;
mod list_config_resources_response;
mod list_groups_request;
mod list_groups_response;
mod list_offsets_request;
mod list_offsets_response;
mod list_partition_reassignments_request;
mod list_partition_reassignments_response;
mod metadata_request;
mod metadata_response;
mod offset_commit_key;
mod offset_commit_request;
mod offset_commit_response;
mod offset_commit_value;
mod offset_delete_request;
mod offset_delete_response;
mod offset_fetch_request;
mod offset_fetch_response;
mod offset_for_leader_epoch_request;
mod offset_for_leader_epoch_response;
mod produce_request;
mod produce_response;
mod push_telemetry_request;
mod push_telemetry_response;
mod request_header;
mod response_header;
mod sasl_authenticate_request;
mod sasl_authenticate_response;
mod sasl_handshake_request;
mod sasl_handshake_response;
mod sync_group_request;
mod sync_group_response;
mod unregister_broker_request;
mod unregister_broker_response;

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
            crate::ApiKey::OffsetCommit => Self::OffsetCommit(OffsetCommitRequest::generate(source, version)),
            crate::ApiKey::OffsetFetch => Self::OffsetFetch(OffsetFetchRequest::generate(source, version)),
            crate::ApiKey::FindCoordinator => {
                Self::FindCoordinator(FindCoordinatorRequest::generate(source, version))
            }
            crate::ApiKey::JoinGroup => Self::JoinGroup(JoinGroupRequest::generate(source, version)),
            crate::ApiKey::Heartbeat => Self::Heartbeat(HeartbeatRequest::generate(source, version)),
            crate::ApiKey::LeaveGroup => Self::LeaveGroup(LeaveGroupRequest::generate(source, version)),
            crate::ApiKey::SyncGroup => Self::SyncGroup(SyncGroupRequest::generate(source, version)),
            crate::ApiKey::DescribeGroups => {
                Self::DescribeGroups(DescribeGroupsRequest::generate(source, version))
            }
            crate::ApiKey::ListGroups => Self::ListGroups(ListGroupsRequest::generate(source, version)),
            crate::ApiKey::SaslHandshake => {
                Self::SaslHandshake(SaslHandshakeRequest::generate(source, version))
            }
            crate::ApiKey::ApiVersions => Self::ApiVersions(ApiVersionsRequest::generate(source, version)),
            crate::ApiKey::CreateTopics => Self::CreateTopics(CreateTopicsRequest::generate(source, version)),
            crate::ApiKey::DeleteTopics => Self::DeleteTopics(DeleteTopicsRequest::generate(source, version)),
            crate::ApiKey::DeleteRecords => {
                Self::DeleteRecords(DeleteRecordsRequest::generate(source, version))
            }
            crate::ApiKey::InitProducerId => {
                Self::InitProducerId(InitProducerIdRequest::generate(source, version))
            }
            crate::ApiKey::OffsetForLeaderEpoch => {
                Self::OffsetForLeaderEpoch(OffsetForLeaderEpochRequest::generate(source, version))
            }
            crate::ApiKey::DescribeConfigs => {
                Self::DescribeConfigs(DescribeConfigsRequest::generate(source, version))
            }
            crate::ApiKey::AlterConfigs => Self::AlterConfigs(AlterConfigsRequest::generate(source, version)),
            crate::ApiKey::AlterReplicaLogDirs => {
                Self::AlterReplicaLogDirs(AlterReplicaLogDirsRequest::generate(source, version))
            }
            crate::ApiKey::DescribeLogDirs => {
                Self::DescribeLogDirs(DescribeLogDirsRequest::generate(source, version))
            }
            crate::ApiKey::SaslAuthenticate => {
                Self::SaslAuthenticate(SaslAuthenticateRequest::generate(source, version))
            }
            crate::ApiKey::CreatePartitions => {
                Self::CreatePartitions(CreatePartitionsRequest::generate(source, version))
            }
            crate::ApiKey::DeleteGroups => Self::DeleteGroups(DeleteGroupsRequest::generate(source, version)),
            crate::ApiKey::ElectLeaders => Self::ElectLeaders(ElectLeadersRequest::generate(source, version)),
            crate::ApiKey::IncrementalAlterConfigs => {
                Self::IncrementalAlterConfigs(IncrementalAlterConfigsRequest::generate(source, version))
            }
            crate::ApiKey::AlterPartitionReassignments => Self::AlterPartitionReassignments(
                AlterPartitionReassignmentsRequest::generate(source, version),
            ),
            crate::ApiKey::ListPartitionReassignments => {
                Self::ListPartitionReassignments(ListPartitionReassignmentsRequest::generate(source, version))
            }
            crate::ApiKey::OffsetDelete => Self::OffsetDelete(OffsetDeleteRequest::generate(source, version)),
            crate::ApiKey::DescribeClientQuotas => {
                Self::DescribeClientQuotas(DescribeClientQuotasRequest::generate(source, version))
            }
            crate::ApiKey::AlterClientQuotas => {
                Self::AlterClientQuotas(AlterClientQuotasRequest::generate(source, version))
            }
            crate::ApiKey::DescribeUserScramCredentials => Self::DescribeUserScramCredentials(
                DescribeUserScramCredentialsRequest::generate(source, version),
            ),
            crate::ApiKey::DescribeQuorum => {
                Self::DescribeQuorum(DescribeQuorumRequest::generate(source, version))
            }
            crate::ApiKey::DescribeCluster => {
                Self::DescribeCluster(DescribeClusterRequest::generate(source, version))
            }
            crate::ApiKey::DescribeProducers => {
                Self::DescribeProducers(DescribeProducersRequest::generate(source, version))
            }
            crate::ApiKey::UnregisterBroker => {
                Self::UnregisterBroker(UnregisterBrokerRequest::generate(source, version))
            }
            crate::ApiKey::ConsumerGroupHeartbeat => {
                Self::ConsumerGroupHeartbeat(ConsumerGroupHeartbeatRequest::generate(source, version))
            }
            crate::ApiKey::ConsumerGroupDescribe => {
                Self::ConsumerGroupDescribe(ConsumerGroupDescribeRequest::generate(source, version))
            }
            crate::ApiKey::GetTelemetrySubscriptions => {
                Self::GetTelemetrySubscriptions(GetTelemetrySubscriptionsRequest::generate(source, version))
            }
            crate::ApiKey::PushTelemetry => {
                Self::PushTelemetry(PushTelemetryRequest::generate(source, version))
            }
            crate::ApiKey::ListConfigResources => {
                Self::ListConfigResources(ListConfigResourcesRequest::generate(source, version))
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
            crate::ApiKey::OffsetCommit => {
                Self::OffsetCommit(OffsetCommitResponse::generate(source, version))
            }
            crate::ApiKey::OffsetFetch => Self::OffsetFetch(OffsetFetchResponse::generate(source, version)),
            crate::ApiKey::FindCoordinator => {
                Self::FindCoordinator(FindCoordinatorResponse::generate(source, version))
            }
            crate::ApiKey::JoinGroup => Self::JoinGroup(JoinGroupResponse::generate(source, version)),
            crate::ApiKey::Heartbeat => Self::Heartbeat(HeartbeatResponse::generate(source, version)),
            crate::ApiKey::LeaveGroup => Self::LeaveGroup(LeaveGroupResponse::generate(source, version)),
            crate::ApiKey::SyncGroup => Self::SyncGroup(SyncGroupResponse::generate(source, version)),
            crate::ApiKey::DescribeGroups => {
                Self::DescribeGroups(DescribeGroupsResponse::generate(source, version))
            }
            crate::ApiKey::ListGroups => Self::ListGroups(ListGroupsResponse::generate(source, version)),
            crate::ApiKey::SaslHandshake => {
                Self::SaslHandshake(SaslHandshakeResponse::generate(source, version))
            }
            crate::ApiKey::ApiVersions => Self::ApiVersions(ApiVersionsResponse::generate(source, version)),
            crate::ApiKey::CreateTopics => {
                Self::CreateTopics(CreateTopicsResponse::generate(source, version))
            }
            crate::ApiKey::DeleteTopics => {
                Self::DeleteTopics(DeleteTopicsResponse::generate(source, version))
            }
            crate::ApiKey::DeleteRecords => {
                Self::DeleteRecords(DeleteRecordsResponse::generate(source, version))
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
            crate::ApiKey::AlterConfigs => {
                Self::AlterConfigs(AlterConfigsResponse::generate(source, version))
            }
            crate::ApiKey::AlterReplicaLogDirs => {
                Self::AlterReplicaLogDirs(AlterReplicaLogDirsResponse::generate(source, version))
            }
            crate::ApiKey::DescribeLogDirs => {
                Self::DescribeLogDirs(DescribeLogDirsResponse::generate(source, version))
            }
            crate::ApiKey::SaslAuthenticate => {
                Self::SaslAuthenticate(SaslAuthenticateResponse::generate(source, version))
            }
            crate::ApiKey::CreatePartitions => {
                Self::CreatePartitions(CreatePartitionsResponse::generate(source, version))
            }
            crate::ApiKey::DeleteGroups => {
                Self::DeleteGroups(DeleteGroupsResponse::generate(source, version))
            }
            crate::ApiKey::ElectLeaders => {
                Self::ElectLeaders(ElectLeadersResponse::generate(source, version))
            }
            crate::ApiKey::IncrementalAlterConfigs => {
                Self::IncrementalAlterConfigs(IncrementalAlterConfigsResponse::generate(source, version))
            }
            crate::ApiKey::AlterPartitionReassignments => Self::AlterPartitionReassignments(
                AlterPartitionReassignmentsResponse::generate(source, version),
            ),
            crate::ApiKey::ListPartitionReassignments => Self::ListPartitionReassignments(
                ListPartitionReassignmentsResponse::generate(source, version),
            ),
            crate::ApiKey::OffsetDelete => {
                Self::OffsetDelete(OffsetDeleteResponse::generate(source, version))
            }
            crate::ApiKey::DescribeClientQuotas => {
                Self::DescribeClientQuotas(DescribeClientQuotasResponse::generate(source, version))
            }
            crate::ApiKey::AlterClientQuotas => {
                Self::AlterClientQuotas(AlterClientQuotasResponse::generate(source, version))
            }
            crate::ApiKey::DescribeUserScramCredentials => Self::DescribeUserScramCredentials(
                DescribeUserScramCredentialsResponse::generate(source, version),
            ),
            crate::ApiKey::DescribeQuorum => {
                Self::DescribeQuorum(DescribeQuorumResponse::generate(source, version))
            }
            crate::ApiKey::DescribeCluster => {
                Self::DescribeCluster(DescribeClusterResponse::generate(source, version))
            }
            crate::ApiKey::DescribeProducers => {
                Self::DescribeProducers(DescribeProducersResponse::generate(source, version))
            }
            crate::ApiKey::UnregisterBroker => {
                Self::UnregisterBroker(UnregisterBrokerResponse::generate(source, version))
            }
            crate::ApiKey::ConsumerGroupHeartbeat => {
                Self::ConsumerGroupHeartbeat(ConsumerGroupHeartbeatResponse::generate(source, version))
            }
            crate::ApiKey::ConsumerGroupDescribe => {
                Self::ConsumerGroupDescribe(ConsumerGroupDescribeResponse::generate(source, version))
            }
            crate::ApiKey::GetTelemetrySubscriptions => {
                Self::GetTelemetrySubscriptions(GetTelemetrySubscriptionsResponse::generate(source, version))
            }
            crate::ApiKey::PushTelemetry => {
                Self::PushTelemetry(PushTelemetryResponse::generate(source, version))
            }
            crate::ApiKey::ListConfigResources => {
                Self::ListConfigResources(ListConfigResourcesResponse::generate(source, version))
            }
            crate::ApiKey::DescribeTopicPartitions => {
                Self::DescribeTopicPartitions(DescribeTopicPartitionsResponse::generate(source, version))
            }
            _ => return None,
        })
    }
}
