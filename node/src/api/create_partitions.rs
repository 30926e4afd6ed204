//! CreatePartitions: forwarded to the controller, answered when this node serves its part (KIP-195).

use super::{Answer, Asked, config_resources::Refused, error};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        CreatePartitionsRequest, CreatePartitionsResponse, create_partitions_request::CreatePartitionsTopic,
        create_partitions_response::CreatePartitionsTopicResult,
    },
};
use ringlog_native::cluster::{CreatePartitionsV1, GrowTopicV1};
use std::collections::BTreeMap;

pub(super) async fn answer(asked: &Asked, request: &CreatePartitionsRequest<'_>) -> Answer {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for topic in &request.topics {
        *times.entry(topic.name).or_default() += 1;
    }
    let topics: Vec<_> = request.topics.iter().filter(|topic| times[topic.name] == 1).map(growth).collect();
    let mut results: BTreeMap<&str, Result<(), Refused>> = BTreeMap::new();
    for (name, _) in times.iter().filter(|(_, times)| **times > 1) {
        let reason = "Duplicate topic name.".to_owned();
        results.insert(name, Err((ErrorCode::INVALID_REQUEST, reason)));
    }
    if !topics.is_empty() {
        let asked_for = request.topics.iter().filter(|topic| times[topic.name] == 1);
        let wanted = CreatePartitionsV1 { topics, validate_only: request.validate_only };
        let reply = asked.shard().create_partitions(wanted).await;
        for (place, topic) in asked_for.enumerate() {
            let result = match &reply {
                Ok(reply) => match reply.refusals.get(place) {
                    Some(Some(refusal)) => Err(error::of_controller(refusal)),
                    _ => Ok(()),
                },
                Err(failed) => Err(error::of_cluster(failed)),
            };
            results.insert(topic.name, result);
        }
    }
    let results = results.iter().map(|(name, result)| {
        let (error_code, error_message) = match result {
            Ok(()) => (ErrorCode::NONE, None),
            Err((code, message)) => (*code, Some(&**message)),
        };
        CreatePartitionsTopicResult { name, error_code, error_message }
    });
    asked.respond(&CreatePartitionsResponse { throttle_time_ms: 0, results: results.collect() })
}

fn growth(topic: &CreatePartitionsTopic<'_>) -> GrowTopicV1 {
    let assignments = topic
        .assignments
        .as_ref()
        .map(|assignments| assignments.iter().map(|assignment| assignment.broker_ids.clone()).collect());
    GrowTopicV1 { name: topic.name.to_owned(), count: topic.count, assignments }
}
