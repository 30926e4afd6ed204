//! ListGroups: the groups of all partitions that this node coordinates.

use super::{Answer, Asked, error};
use ringlog_coordinator::{GroupState, GroupType, ListGroups, ListedGroup, Request, Response};
use ringlog_kafka::{
    ErrorCode,
    messages::{ListGroupsRequest, ListGroupsResponse, list_groups_response},
};

pub(super) async fn answer(asked: &Asked, request: &ListGroupsRequest<'_>) -> Answer {
    let (groups, error_code) = match filter(request) {
        Some(filter) => list(asked, &filter).await,
        // Nothing is in a state that does not exist.
        None => (Vec::new(), ErrorCode::NONE),
    };
    let types: Vec<String> = groups.iter().map(|group| group.group_type.to_string()).collect();
    let groups = groups.iter().zip(&types).map(|(group, group_type)| list_groups_response::ListedGroup {
        group_id: &group.group,
        protocol_type: &group.protocol_type,
        group_state: group.state.name(),
        group_type,
    });
    asked.respond(&ListGroupsResponse { throttle_time_ms: 0, error_code, groups: groups.collect() })
}

/// The filter; `None` if nothing can pass it. Kafka compares without regard to case.
fn filter(request: &ListGroupsRequest<'_>) -> Option<ListGroups> {
    let is_asked = |asked: &[&str], name: &str| asked.iter().any(|one| one.eq_ignore_ascii_case(name));
    let states: Vec<_> =
        GroupState::ALL.into_iter().filter(|state| is_asked(&request.states_filter, state.name())).collect();
    let types: Vec<_> = [GroupType::Classic, GroupType::Consumer]
        .into_iter()
        .filter(|group_type| is_asked(&request.types_filter, &group_type.to_string()))
        .collect();
    let passes_nothing = (states.is_empty() && !request.states_filter.is_empty())
        || (types.is_empty() && !request.types_filter.is_empty());
    (!passes_nothing).then_some(ListGroups { states, types })
}

async fn list(asked: &Asked, filter: &ListGroups) -> (Vec<ListedGroup>, ErrorCode) {
    let shard = asked.shard();
    let Some(topic) = shard.offsets_topic() else { return (Vec::new(), ErrorCode::NONE) };
    let own = topic.partitions().filter(|(_, state)| state.leader == Some(shard.node.node));
    let mut groups = Vec::new();
    let mut error_code = ErrorCode::NONE;
    for (partition, _) in own {
        match shard.coordinate_at(partition, Request::ListGroups(filter.clone())).await {
            Ok(Response::ListGroups(mut listed)) => groups.append(&mut listed),
            other => error_code = error::of_coordination(&other),
        }
    }
    (groups, error_code)
}
