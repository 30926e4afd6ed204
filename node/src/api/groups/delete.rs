//! DeleteGroups (KIP-229).

use super::{Answer, Asked, code_of, error};
use ringlog_coordinator::{Request, Response};
use ringlog_kafka::messages::{
    DeleteGroupsRequest, DeleteGroupsResponse, delete_groups_response::DeletableGroupResult,
};

pub(super) async fn answer(asked: &Asked, request: &DeleteGroupsRequest<'_>) -> Answer {
    let mut results = Vec::with_capacity(request.groups_names.len());
    for group in &request.groups_names {
        let ask = Request::DeleteGroup { group: (*group).into() };
        let error_code = match asked.shard().coordinate(group, ask).await {
            Ok(Response::DeleteGroup(result)) => code_of(&result),
            other => error::of_coordination(&other),
        };
        results.push(DeletableGroupResult { group_id: group, error_code, error_message: None });
    }
    asked.respond(&DeleteGroupsResponse { throttle_time_ms: 0, results })
}
