//! JoinGroup, SyncGroup, Heartbeat, LeaveGroup.

use super::{Answer, Asked, code_of, error, name};
use bytes::Bytes;
use ringlog_coordinator::{
    Client, Heartbeat, Join, JoinResponse, Leave, LeavingMember, Protocol, Request, Response, Sync,
};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest,
        LeaveGroupResponse, SyncGroupRequest, SyncGroupResponse,
        join_group_response::JoinGroupResponseMember, leave_group_response::MemberResponse,
    },
};

/// The version from which a new member joins a second time with the id it was given (KIP-394).
const MEMBER_ID_REQUIRED_FROM: i16 = 4;
/// The version from which a join's answer may have no protocol.
const NULL_PROTOCOL_FROM: i16 = 7;
/// The version from which a leader may be told that the assignment stands (KIP-814).
const SKIP_ASSIGNMENT_FROM: i16 = 9;
/// The version from which several members leave at once (KIP-345).
const SEVERAL_LEAVE_FROM: i16 = 3;

pub(super) async fn join(asked: &Asked, client: Client, request: &JoinGroupRequest<'_>) -> Answer {
    // Copied out of the frame, here and below: a member stays for days, and would keep the whole frame.
    let protocols = request.protocols.iter().map(|protocol| Protocol {
        name: protocol.name.into(),
        metadata: Bytes::copy_from_slice(protocol.metadata),
    });
    let join = Join {
        group: request.group_id.into(),
        client,
        member: request.member_id.into(),
        instance: name(request.group_instance_id),
        session_timeout_ms: request.session_timeout_ms,
        // Version 0 had one timeout for both.
        rebalance_timeout_ms: match request.rebalance_timeout_ms {
            -1 => request.session_timeout_ms,
            timeout => timeout,
        },
        protocol_type: request.protocol_type.into(),
        protocols: protocols.collect(),
        reason: name(request.reason),
        member_id_required: asked.version >= MEMBER_ID_REQUIRED_FROM,
        skip_assignment_supported: asked.version >= SKIP_ASSIGNMENT_FROM,
        fresh: asked.fresh(),
    };
    match asked.shard().coordinate(request.group_id, Request::Join(join)).await {
        Ok(Response::Join(response)) => asked.respond(&joined(asked.version, &response)),
        other => {
            let protocol_name = (asked.version < NULL_PROTOCOL_FROM).then_some("");
            asked.respond(&JoinGroupResponse {
                error_code: error::of_coordination(&other),
                generation_id: -1,
                member_id: request.member_id,
                protocol_name,
                ..JoinGroupResponse::default()
            })
        }
    }
}

fn joined(version: i16, response: &JoinResponse) -> JoinGroupResponse<'_> {
    let members = response.members.iter().map(|member| JoinGroupResponseMember {
        member_id: &member.member,
        group_instance_id: member.instance.as_deref(),
        metadata: &member.metadata,
    });
    let protocol_name = response.protocol_name.as_deref();
    JoinGroupResponse {
        throttle_time_ms: 0,
        error_code: response.refusal.as_ref().map_or(ErrorCode::NONE, error::of_group),
        generation_id: response.generation,
        protocol_type: response.protocol_type.as_deref(),
        protocol_name: if version < NULL_PROTOCOL_FROM { protocol_name.or(Some("")) } else { protocol_name },
        leader: &response.leader,
        skip_assignment: response.skip_assignment,
        member_id: &response.member,
        members: members.collect(),
    }
}

pub(super) async fn sync(asked: &Asked, request: &SyncGroupRequest<'_>) -> Answer {
    let assignments =
        request.assignments.iter().map(|one| (one.member_id.into(), Bytes::copy_from_slice(one.assignment)));
    let sync = Sync {
        group: request.group_id.into(),
        member: request.member_id.into(),
        instance: name(request.group_instance_id),
        generation: request.generation_id,
        protocol_type: name(request.protocol_type),
        protocol_name: name(request.protocol_name),
        assignments: assignments.collect(),
    };
    match asked.shard().coordinate(request.group_id, Request::Sync(sync)).await {
        Ok(Response::Sync(Ok(synced))) => asked.respond(&SyncGroupResponse {
            protocol_type: synced.protocol_type.as_deref(),
            protocol_name: synced.protocol_name.as_deref(),
            assignment: &synced.assignment,
            ..SyncGroupResponse::default()
        }),
        Ok(Response::Sync(Err(refusal))) => asked.respond(&SyncGroupResponse {
            error_code: error::of_group(&refusal),
            ..SyncGroupResponse::default()
        }),
        other => asked.respond(&SyncGroupResponse {
            error_code: error::of_coordination(&other),
            ..SyncGroupResponse::default()
        }),
    }
}

pub(super) async fn heartbeat(asked: &Asked, request: &HeartbeatRequest<'_>) -> Answer {
    let heartbeat = Heartbeat {
        group: request.group_id.into(),
        member: request.member_id.into(),
        instance: name(request.group_instance_id),
        generation: request.generation_id,
    };
    let error_code = match asked.shard().coordinate(request.group_id, Request::Heartbeat(heartbeat)).await {
        Ok(Response::Heartbeat(result)) => code_of(&result),
        other => error::of_coordination(&other),
    };
    asked.respond(&HeartbeatResponse { throttle_time_ms: 0, error_code })
}

pub(super) async fn leave(asked: &Asked, request: &LeaveGroupRequest<'_>) -> Answer {
    let several = request.members.iter().map(|member| LeavingMember {
        member: member.member_id.into(),
        instance: name(member.group_instance_id),
        reason: name(member.reason),
    });
    let members = if asked.version < SEVERAL_LEAVE_FROM {
        vec![LeavingMember { member: request.member_id.into(), instance: None, reason: None }]
    } else {
        several.collect()
    };
    let leave = Leave { group: request.group_id.into(), members };
    let left = match asked.shard().coordinate(request.group_id, Request::Leave(leave)).await {
        Ok(Response::Leave(Ok(left))) => left,
        Ok(Response::Leave(Err(refusal))) => return respond_left(asked, error::of_group(&refusal)),
        other => return respond_left(asked, error::of_coordination(&other)),
    };
    if asked.version < SEVERAL_LEAVE_FROM {
        let code = left.first().map_or(ErrorCode::NONE, |member| code_of(&member.result));
        return respond_left(asked, code);
    }
    let members = left.iter().map(|member| MemberResponse {
        member_id: &member.member,
        group_instance_id: member.instance.as_deref(),
        error_code: code_of(&member.result),
    });
    asked.respond(&LeaveGroupResponse { members: members.collect(), ..LeaveGroupResponse::default() })
}

fn respond_left(asked: &Asked, error_code: ErrorCode) -> Answer {
    asked.respond(&LeaveGroupResponse { error_code, ..LeaveGroupResponse::default() })
}
