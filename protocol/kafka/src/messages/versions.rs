//! The versions of each API that this codec implements.
// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Versions};

pub(crate) const PRODUCE: Versions =
    Versions { first: 3, last: 13, flexible_from: Some(9), newest_is_stable: true };
pub(crate) const FETCH: Versions =
    Versions { first: 4, last: 18, flexible_from: Some(12), newest_is_stable: true };
pub(crate) const LIST_OFFSETS: Versions =
    Versions { first: 1, last: 11, flexible_from: Some(6), newest_is_stable: true };
pub(crate) const METADATA: Versions =
    Versions { first: 0, last: 13, flexible_from: Some(9), newest_is_stable: true };
pub(crate) const OFFSET_COMMIT: Versions =
    Versions { first: 2, last: 10, flexible_from: Some(8), newest_is_stable: true };
pub(crate) const OFFSET_FETCH: Versions =
    Versions { first: 1, last: 10, flexible_from: Some(6), newest_is_stable: true };
pub(crate) const FIND_COORDINATOR: Versions =
    Versions { first: 0, last: 6, flexible_from: Some(3), newest_is_stable: true };
pub(crate) const JOIN_GROUP: Versions =
    Versions { first: 0, last: 9, flexible_from: Some(6), newest_is_stable: true };
pub(crate) const HEARTBEAT: Versions =
    Versions { first: 0, last: 4, flexible_from: Some(4), newest_is_stable: true };
pub(crate) const LEAVE_GROUP: Versions =
    Versions { first: 0, last: 5, flexible_from: Some(4), newest_is_stable: true };
pub(crate) const SYNC_GROUP: Versions =
    Versions { first: 0, last: 5, flexible_from: Some(4), newest_is_stable: true };
pub(crate) const DESCRIBE_GROUPS: Versions =
    Versions { first: 0, last: 6, flexible_from: Some(5), newest_is_stable: true };
pub(crate) const LIST_GROUPS: Versions =
    Versions { first: 0, last: 5, flexible_from: Some(3), newest_is_stable: true };
pub(crate) const SASL_HANDSHAKE: Versions =
    Versions { first: 0, last: 1, flexible_from: None, newest_is_stable: true };
pub(crate) const API_VERSIONS: Versions =
    Versions { first: 0, last: 5, flexible_from: Some(3), newest_is_stable: true };
pub(crate) const CREATE_TOPICS: Versions =
    Versions { first: 2, last: 7, flexible_from: Some(5), newest_is_stable: true };
pub(crate) const DELETE_TOPICS: Versions =
    Versions { first: 1, last: 6, flexible_from: Some(4), newest_is_stable: true };
pub(crate) const DELETE_RECORDS: Versions =
    Versions { first: 0, last: 2, flexible_from: Some(2), newest_is_stable: true };
pub(crate) const INIT_PRODUCER_ID: Versions =
    Versions { first: 0, last: 6, flexible_from: Some(2), newest_is_stable: false };
pub(crate) const OFFSET_FOR_LEADER_EPOCH: Versions =
    Versions { first: 2, last: 4, flexible_from: Some(4), newest_is_stable: true };
pub(crate) const DESCRIBE_CONFIGS: Versions =
    Versions { first: 1, last: 4, flexible_from: Some(4), newest_is_stable: true };
pub(crate) const ALTER_CONFIGS: Versions =
    Versions { first: 0, last: 2, flexible_from: Some(2), newest_is_stable: true };
pub(crate) const ALTER_REPLICA_LOG_DIRS: Versions =
    Versions { first: 1, last: 2, flexible_from: Some(2), newest_is_stable: true };
pub(crate) const DESCRIBE_LOG_DIRS: Versions =
    Versions { first: 1, last: 5, flexible_from: Some(2), newest_is_stable: true };
pub(crate) const SASL_AUTHENTICATE: Versions =
    Versions { first: 0, last: 2, flexible_from: Some(2), newest_is_stable: true };
pub(crate) const CREATE_PARTITIONS: Versions =
    Versions { first: 0, last: 3, flexible_from: Some(2), newest_is_stable: true };
pub(crate) const DELETE_GROUPS: Versions =
    Versions { first: 0, last: 3, flexible_from: Some(2), newest_is_stable: true };
pub(crate) const ELECT_LEADERS: Versions =
    Versions { first: 0, last: 2, flexible_from: Some(2), newest_is_stable: true };
pub(crate) const INCREMENTAL_ALTER_CONFIGS: Versions =
    Versions { first: 0, last: 1, flexible_from: Some(1), newest_is_stable: true };
pub(crate) const ALTER_PARTITION_REASSIGNMENTS: Versions =
    Versions { first: 0, last: 1, flexible_from: Some(0), newest_is_stable: true };
pub(crate) const LIST_PARTITION_REASSIGNMENTS: Versions =
    Versions { first: 0, last: 0, flexible_from: Some(0), newest_is_stable: true };
pub(crate) const OFFSET_DELETE: Versions =
    Versions { first: 0, last: 0, flexible_from: None, newest_is_stable: true };
pub(crate) const DESCRIBE_CLIENT_QUOTAS: Versions =
    Versions { first: 0, last: 1, flexible_from: Some(1), newest_is_stable: true };
pub(crate) const ALTER_CLIENT_QUOTAS: Versions =
    Versions { first: 0, last: 1, flexible_from: Some(1), newest_is_stable: true };
pub(crate) const DESCRIBE_USER_SCRAM_CREDENTIALS: Versions =
    Versions { first: 0, last: 0, flexible_from: Some(0), newest_is_stable: true };
pub(crate) const DESCRIBE_QUORUM: Versions =
    Versions { first: 0, last: 2, flexible_from: Some(0), newest_is_stable: true };
pub(crate) const DESCRIBE_CLUSTER: Versions =
    Versions { first: 0, last: 2, flexible_from: Some(0), newest_is_stable: true };
pub(crate) const DESCRIBE_PRODUCERS: Versions =
    Versions { first: 0, last: 0, flexible_from: Some(0), newest_is_stable: true };
pub(crate) const UNREGISTER_BROKER: Versions =
    Versions { first: 0, last: 0, flexible_from: Some(0), newest_is_stable: true };
pub(crate) const CONSUMER_GROUP_HEARTBEAT: Versions =
    Versions { first: 0, last: 1, flexible_from: Some(0), newest_is_stable: true };
pub(crate) const CONSUMER_GROUP_DESCRIBE: Versions =
    Versions { first: 0, last: 1, flexible_from: Some(0), newest_is_stable: true };
pub(crate) const GET_TELEMETRY_SUBSCRIPTIONS: Versions =
    Versions { first: 0, last: 0, flexible_from: Some(0), newest_is_stable: true };
pub(crate) const PUSH_TELEMETRY: Versions =
    Versions { first: 0, last: 0, flexible_from: Some(0), newest_is_stable: true };
pub(crate) const LIST_CONFIG_RESOURCES: Versions =
    Versions { first: 0, last: 1, flexible_from: Some(0), newest_is_stable: true };
pub(crate) const DESCRIBE_TOPIC_PARTITIONS: Versions =
    Versions { first: 0, last: 0, flexible_from: Some(0), newest_is_stable: true };

/// All of them, by key.
pub(crate) const ALL: &[(ApiKey, Versions)] = &[
    (ApiKey::Produce, PRODUCE),
    (ApiKey::Fetch, FETCH),
    (ApiKey::ListOffsets, LIST_OFFSETS),
    (ApiKey::Metadata, METADATA),
    (ApiKey::OffsetCommit, OFFSET_COMMIT),
    (ApiKey::OffsetFetch, OFFSET_FETCH),
    (ApiKey::FindCoordinator, FIND_COORDINATOR),
    (ApiKey::JoinGroup, JOIN_GROUP),
    (ApiKey::Heartbeat, HEARTBEAT),
    (ApiKey::LeaveGroup, LEAVE_GROUP),
    (ApiKey::SyncGroup, SYNC_GROUP),
    (ApiKey::DescribeGroups, DESCRIBE_GROUPS),
    (ApiKey::ListGroups, LIST_GROUPS),
    (ApiKey::SaslHandshake, SASL_HANDSHAKE),
    (ApiKey::ApiVersions, API_VERSIONS),
    (ApiKey::CreateTopics, CREATE_TOPICS),
    (ApiKey::DeleteTopics, DELETE_TOPICS),
    (ApiKey::DeleteRecords, DELETE_RECORDS),
    (ApiKey::InitProducerId, INIT_PRODUCER_ID),
    (ApiKey::OffsetForLeaderEpoch, OFFSET_FOR_LEADER_EPOCH),
    (ApiKey::DescribeConfigs, DESCRIBE_CONFIGS),
    (ApiKey::AlterConfigs, ALTER_CONFIGS),
    (ApiKey::AlterReplicaLogDirs, ALTER_REPLICA_LOG_DIRS),
    (ApiKey::DescribeLogDirs, DESCRIBE_LOG_DIRS),
    (ApiKey::SaslAuthenticate, SASL_AUTHENTICATE),
    (ApiKey::CreatePartitions, CREATE_PARTITIONS),
    (ApiKey::DeleteGroups, DELETE_GROUPS),
    (ApiKey::ElectLeaders, ELECT_LEADERS),
    (ApiKey::IncrementalAlterConfigs, INCREMENTAL_ALTER_CONFIGS),
    (ApiKey::AlterPartitionReassignments, ALTER_PARTITION_REASSIGNMENTS),
    (ApiKey::ListPartitionReassignments, LIST_PARTITION_REASSIGNMENTS),
    (ApiKey::OffsetDelete, OFFSET_DELETE),
    (ApiKey::DescribeClientQuotas, DESCRIBE_CLIENT_QUOTAS),
    (ApiKey::AlterClientQuotas, ALTER_CLIENT_QUOTAS),
    (ApiKey::DescribeUserScramCredentials, DESCRIBE_USER_SCRAM_CREDENTIALS),
    (ApiKey::DescribeQuorum, DESCRIBE_QUORUM),
    (ApiKey::DescribeCluster, DESCRIBE_CLUSTER),
    (ApiKey::DescribeProducers, DESCRIBE_PRODUCERS),
    (ApiKey::UnregisterBroker, UNREGISTER_BROKER),
    (ApiKey::ConsumerGroupHeartbeat, CONSUMER_GROUP_HEARTBEAT),
    (ApiKey::ConsumerGroupDescribe, CONSUMER_GROUP_DESCRIBE),
    (ApiKey::GetTelemetrySubscriptions, GET_TELEMETRY_SUBSCRIPTIONS),
    (ApiKey::PushTelemetry, PUSH_TELEMETRY),
    (ApiKey::ListConfigResources, LIST_CONFIG_RESOURCES),
    (ApiKey::DescribeTopicPartitions, DESCRIBE_TOPIC_PARTITIONS),
];
