//! DescribeGroups: groups of the classic protocol.

use super::{Answer, Asked, GROUP_OPERATIONS, error};
use ringlog_coordinator::{DescribedGroup, GroupState, Request, Response};
use ringlog_kafka::{
    ErrorCode,
    messages::{DescribeGroupsRequest, DescribeGroupsResponse, describe_groups_response},
};

/// The version from which an error has words.
const MESSAGES_FROM: i16 = 6;

pub(super) async fn answer(asked: &Asked, request: &DescribeGroupsRequest<'_>) -> Answer {
    let mut described = Vec::with_capacity(request.groups.len());
    for group in &request.groups {
        let ask = Request::DescribeGroup { group: (*group).into(), version: asked.version };
        described.push(match asked.shard().coordinate(group, ask).await {
            Ok(Response::DescribeGroup(Ok(described))) => Ok(described),
            Ok(Response::DescribeGroup(Err(refusal))) => {
                Err((error::of_group(&refusal), Some(format!("Group {group}: {refusal}."))))
            }
            other => Err((error::of_coordination(&other), None)),
        });
    }
    let operations = if request.include_authorized_operations { GROUP_OPERATIONS } else { i32::MIN };
    let groups = request.groups.iter().zip(&described).map(|(group, described)| match described {
        Ok(described) => respond(group, described, operations),
        Err((error_code, message)) => describe_groups_response::DescribedGroup {
            error_code: *error_code,
            error_message: message.as_deref().filter(|_| asked.version >= MESSAGES_FROM),
            group_id: group,
            group_state: GroupState::Dead.name(),
            authorized_operations: operations,
            ..describe_groups_response::DescribedGroup::default()
        },
    });
    asked.respond(&DescribeGroupsResponse { throttle_time_ms: 0, groups: groups.collect() })
}

fn respond<'a>(
    group: &'a str,
    described: &'a DescribedGroup,
    authorized_operations: i32,
) -> describe_groups_response::DescribedGroup<'a> {
    let members = described.members.iter().map(|member| describe_groups_response::DescribedGroupMember {
        member_id: &member.member,
        group_instance_id: member.instance.as_deref(),
        client_id: &member.client_id,
        client_host: &member.client_host,
        member_metadata: &member.metadata,
        member_assignment: &member.assignment,
    });
    describe_groups_response::DescribedGroup {
        error_code: ErrorCode::NONE,
        error_message: None,
        group_id: group,
        group_state: described.state.name(),
        protocol_type: &described.protocol_type,
        protocol_data: &described.protocol_name,
        members: members.collect(),
        authorized_operations,
    }
}
