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
pub(crate) const FIND_COORDINATOR: Versions =
    Versions { first: 0, last: 6, flexible_from: Some(3), newest_is_stable: true };
pub(crate) const API_VERSIONS: Versions =
    Versions { first: 0, last: 5, flexible_from: Some(3), newest_is_stable: true };
pub(crate) const CREATE_TOPICS: Versions =
    Versions { first: 2, last: 7, flexible_from: Some(5), newest_is_stable: true };
pub(crate) const DELETE_TOPICS: Versions =
    Versions { first: 1, last: 6, flexible_from: Some(4), newest_is_stable: true };
pub(crate) const INIT_PRODUCER_ID: Versions =
    Versions { first: 0, last: 6, flexible_from: Some(2), newest_is_stable: false };
pub(crate) const OFFSET_FOR_LEADER_EPOCH: Versions =
    Versions { first: 2, last: 4, flexible_from: Some(4), newest_is_stable: true };
pub(crate) const DESCRIBE_CONFIGS: Versions =
    Versions { first: 1, last: 4, flexible_from: Some(4), newest_is_stable: true };
pub(crate) const LIST_PARTITION_REASSIGNMENTS: Versions =
    Versions { first: 0, last: 0, flexible_from: Some(0), newest_is_stable: true };
pub(crate) const DESCRIBE_CLUSTER: Versions =
    Versions { first: 0, last: 2, flexible_from: Some(0), newest_is_stable: true };
pub(crate) const DESCRIBE_TOPIC_PARTITIONS: Versions =
    Versions { first: 0, last: 0, flexible_from: Some(0), newest_is_stable: true };

/// All of them, by key.
pub(crate) const ALL: &[(ApiKey, Versions)] = &[
    (ApiKey::Produce, PRODUCE),
    (ApiKey::Fetch, FETCH),
    (ApiKey::ListOffsets, LIST_OFFSETS),
    (ApiKey::Metadata, METADATA),
    (ApiKey::FindCoordinator, FIND_COORDINATOR),
    (ApiKey::ApiVersions, API_VERSIONS),
    (ApiKey::CreateTopics, CREATE_TOPICS),
    (ApiKey::DeleteTopics, DELETE_TOPICS),
    (ApiKey::InitProducerId, INIT_PRODUCER_ID),
    (ApiKey::OffsetForLeaderEpoch, OFFSET_FOR_LEADER_EPOCH),
    (ApiKey::DescribeConfigs, DESCRIBE_CONFIGS),
    (ApiKey::ListPartitionReassignments, LIST_PARTITION_REASSIGNMENTS),
    (ApiKey::DescribeCluster, DESCRIBE_CLUSTER),
    (ApiKey::DescribeTopicPartitions, DESCRIBE_TOPIC_PARTITIONS),
];
