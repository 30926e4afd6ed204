//! OffsetDelete (KIP-496).

use super::{Answer, Asked, code_of, error};
use ringlog_coordinator::{DeleteOffsets, Request, Response};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        OffsetDeleteRequest, OffsetDeleteResponse,
        offset_delete_response::{OffsetDeleteResponsePartition, OffsetDeleteResponseTopic},
    },
};

pub(super) async fn answer(asked: &Asked, request: &OffsetDeleteRequest<'_>) -> Answer {
    let view = asked.shard().view();
    let exists = |topic: &str| view.image.topic_by_name(topic).is_some();
    let mut partitions = Vec::new();
    for topic in request.topics.iter().filter(|topic| exists(topic.name)) {
        partitions.extend(topic.partitions.iter().map(|one| (topic.name.into(), one.partition_index)));
    }
    let delete = DeleteOffsets { group: request.group_id.into(), partitions };
    let results = match asked.shard().coordinate(request.group_id, Request::OffsetDelete(delete)).await {
        Ok(Response::OffsetDelete(Ok(results))) => results,
        Ok(Response::OffsetDelete(Err(refusal))) => return refused(asked, error::of_group(&refusal)),
        other => return refused(asked, error::of_coordination(&other)),
    };
    let mut codes = results.iter().map(code_of);
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in &request.topics {
        let is_known = exists(topic.name);
        let partitions = topic.partitions.iter().map(|partition| OffsetDeleteResponsePartition {
            partition_index: partition.partition_index,
            error_code: if is_known {
                codes.next().expect("one result per partition")
            } else {
                ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
            },
        });
        let partitions = partitions.collect();
        topics.push(OffsetDeleteResponseTopic { name: topic.name, partitions });
    }
    asked.respond(&OffsetDeleteResponse { topics, ..OffsetDeleteResponse::default() })
}

fn refused(asked: &Asked, error_code: ErrorCode) -> Answer {
    asked.respond(&OffsetDeleteResponse { error_code, ..OffsetDeleteResponse::default() })
}
