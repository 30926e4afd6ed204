//! DescribeProducers: the producers that partitions remember (KIP-664).

use super::{
    Answer, Asked, error,
    topics::{ByOwner, resolve},
};
use crate::refusal::Refusal;
use ringlog_kafka::{
    ErrorCode,
    messages::{
        DescribeProducersRequest, DescribeProducersResponse,
        describe_producers_response::{PartitionResponse, ProducerState, TopicResponse},
    },
};
use ringlog_model::Uuid;
use ringlog_partition::ActiveProducer;

pub(super) async fn answer(asked: &Asked, request: &DescribeProducersRequest<'_>) -> Answer {
    let shard = asked.shard();
    let view = shard.view();
    let mut results: Vec<Result<Vec<ActiveProducer>, Refusal>> = Vec::new();
    let mut by_owner = ByOwner::new();
    for topic in &request.topics {
        for index in &topic.partition_indexes {
            let place = results.len();
            match resolve(&view, topic.name, Uuid::ZERO, false, *index) {
                Ok((_, id)) => {
                    by_owner.push(shard, id, place, id);
                    // Replaced below; a shard that gives no result stops.
                    results.push(Err(Refusal::Stopping));
                }
                Err(refusal) => results.push(Err(refusal)),
            }
        }
    }
    for (owner, places, wanted) in by_owner.into_groups() {
        let described = shard.active_producers(owner, wanted).await;
        for (place, described) in places.into_iter().zip(described) {
            results[place] = described;
        }
    }
    let messages: Vec<Option<String>> =
        results.iter().map(|result| result.as_ref().err().map(ToString::to_string)).collect();
    let mut results = results.iter().zip(&messages);
    let topics = request.topics.iter().map(|topic| TopicResponse {
        name: topic.name,
        partitions: topic
            .partition_indexes
            .iter()
            .zip(results.by_ref())
            .map(|(index, (result, message))| partition(*index, result, message.as_deref()))
            .collect(),
    });
    asked.respond(&DescribeProducersResponse { throttle_time_ms: 0, topics: topics.collect() })
}

fn partition<'a>(
    partition_index: i32,
    result: &Result<Vec<ActiveProducer>, Refusal>,
    error_message: Option<&'a str>,
) -> PartitionResponse<'a> {
    let (error_code, producers) = match result {
        Ok(producers) => (ErrorCode::NONE, &producers[..]),
        Err(refusal) => (error::code(refusal), &[][..]),
    };
    let active_producers = producers.iter().map(|producer| ProducerState {
        producer_id: producer.id.0,
        producer_epoch: i32::from(producer.epoch.0),
        last_sequence: producer.last_sequence.map_or(-1, |sequence| sequence.0),
        last_timestamp: producer.last_timestamp.0,
        coordinator_epoch: -1,
        current_txn_start_offset: -1,
    });
    PartitionResponse {
        partition_index,
        error_code,
        error_message,
        active_producers: active_producers.collect(),
    }
}
