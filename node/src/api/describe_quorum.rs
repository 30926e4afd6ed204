//! DescribeQuorum: the controllers as the one that leads them sees them, and the nodes that follow (KIP-595, KIP-836).

use super::{Answer, Asked, error};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        DescribeQuorumRequest, DescribeQuorumResponse,
        describe_quorum_response::{Listener, Node, PartitionData, ReplicaState, TopicData},
    },
};
use ringlog_model::Uuid;
use ringlog_native::cluster::{DescribeQuorumReplyV1, QuorumMemberV1};
use std::net::SocketAddr;

/// The log of the metadata, as Kafka's tools know it.
const METADATA_TOPIC: &str = "__cluster_metadata";
/// The version from which the response says where voters are reached.
const NODES_FROM: i16 = 2;
/// The name of the listener that controllers are reached at.
const LISTENER: &str = "CONTROLLER";

pub(super) async fn answer(asked: &Asked, request: &DescribeQuorumRequest<'_>) -> Answer {
    let is_metadata = |topic: &str, partition: i32| topic == METADATA_TOPIC && partition == 0;
    let asks = request.topics.iter().flat_map(|topic| {
        topic.partitions.iter().map(|partition| is_metadata(topic.topic_name, partition.partition_index))
    });
    let quorum = if asks.into_iter().any(|asks| asks) {
        match asked.shard().describe_quorum().await {
            Ok(quorum) => Some(quorum),
            Err(failed) => {
                let (error_code, reason) = error::of_cluster(&failed);
                return asked.respond(&DescribeQuorumResponse {
                    error_code,
                    error_message: Some(&reason),
                    ..DescribeQuorumResponse::default()
                });
            }
        }
    } else {
        None
    };
    let topics = request.topics.iter().map(|topic| TopicData {
        topic_name: topic.topic_name,
        partitions: topic
            .partitions
            .iter()
            .map(|partition| match &quorum {
                Some(quorum) if is_metadata(topic.topic_name, partition.partition_index) => of(quorum),
                _ => PartitionData {
                    partition_index: partition.partition_index,
                    error_code: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                    ..PartitionData::default()
                },
            })
            .collect(),
    });
    let has_nodes = asked.version >= NODES_FROM;
    let voters = quorum.iter().filter(|_| has_nodes).flat_map(|quorum| &quorum.voters);
    let addresses: Vec<(i32, String, u16)> = voters.map(address).collect();
    let nodes = addresses.iter().map(|(node_id, host, port)| Node {
        node_id: *node_id,
        listeners: vec![Listener { name: LISTENER, host, port: *port }],
    });
    asked.respond(&DescribeQuorumResponse {
        topics: topics.collect(),
        nodes: nodes.collect(),
        ..DescribeQuorumResponse::default()
    })
}

fn of(quorum: &DescribeQuorumReplyV1) -> PartitionData<'static> {
    PartitionData {
        partition_index: 0,
        error_code: ErrorCode::NONE,
        error_message: None,
        leader_id: narrow(quorum.leader),
        leader_epoch: narrow(quorum.term),
        high_watermark: wide(quorum.committed_end),
        current_voters: quorum.voters.iter().map(member).collect(),
        observers: quorum.nodes.iter().map(member).collect(),
    }
}

fn member(member: &QuorumMemberV1) -> ReplicaState {
    ReplicaState {
        replica_id: narrow(member.id),
        replica_directory_id: Uuid::ZERO,
        log_end_offset: member.end.map_or(-1, wide),
        last_fetch_timestamp: member.heard_at_ms.unwrap_or(-1),
        last_caught_up_timestamp: member.caught_up_at_ms.unwrap_or(-1),
    }
}

/// Where a controller is reached; Kafka's clients want host and port apart.
fn address(voter: &QuorumMemberV1) -> (i32, String, u16) {
    let address: Option<SocketAddr> = voter.address.parse().ok();
    let (host, port) = address.map_or_else(Default::default, |at| (at.ip().to_string(), at.port()));
    (narrow(voter.id), host, port)
}

/// Kafka's numbers of controllers and terms have 32 bits.
fn narrow(number: u64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn wide(offset: u64) -> i64 {
    i64::try_from(offset).unwrap_or(i64::MAX)
}
