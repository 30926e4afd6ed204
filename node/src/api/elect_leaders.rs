//! ElectLeaders: the controller elects anew, among those in sync (KIP-183, KIP-460).

use super::{Answer, Asked, error};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        ElectLeadersRequest, ElectLeadersResponse,
        elect_leaders_response::{PartitionResult, ReplicaElectionResult},
    },
};
use ringlog_native::cluster::{ElectLeadersV1, ElectedV1};
use std::collections::BTreeMap;

/// The election of the preferred replica; the other one is of any.
const PREFERRED: i8 = 0;
const ANY: i8 = 1;

pub(super) async fn answer(asked: &Asked, request: &ElectLeadersRequest<'_>) -> Answer {
    if ![PREFERRED, ANY].contains(&request.election_type) {
        let error_code = ErrorCode::INVALID_REQUEST;
        return asked.respond(&ElectLeadersResponse { error_code, ..ElectLeadersResponse::default() });
    }
    let partitions = request.topic_partitions.as_ref().map(|topics| {
        let named = topics
            .iter()
            .flat_map(|topic| topic.partitions.iter().map(|partition| (topic.topic.to_owned(), *partition)));
        named.collect()
    });
    let wanted = ElectLeadersV1 { any: request.election_type == ANY, partitions };
    let elected = match asked.shard().elect_leaders(wanted).await {
        Ok(reply) => reply.partitions,
        Err(failed) => {
            let error_code = error::of_cluster(&failed).0;
            return asked.respond(&ElectLeadersResponse { error_code, ..ElectLeadersResponse::default() });
        }
    };
    let mut by_topic: BTreeMap<&str, Vec<PartitionResult<'_>>> = BTreeMap::new();
    for ElectedV1 { topic, partition, refusal } in &elected {
        let (error_code, error_message) = match refusal {
            Some(refusal) => (error::of_controller(refusal).0, Some(&*refusal.message)),
            None => (ErrorCode::NONE, None),
        };
        let result = PartitionResult { partition_id: *partition, error_code, error_message };
        by_topic.entry(topic).or_default().push(result);
    }
    let results = by_topic
        .into_iter()
        .map(|(topic, partition_result)| ReplicaElectionResult { topic, partition_result });
    asked.respond(&ElectLeadersResponse {
        throttle_time_ms: 0,
        error_code: ErrorCode::NONE,
        replica_election_results: results.collect(),
    })
}
