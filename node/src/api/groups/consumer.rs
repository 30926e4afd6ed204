//! ConsumerGroupHeartbeat and ConsumerGroupDescribe (KIP-848).

use super::{Answer, Asked, GROUP_OPERATIONS, error, name};
use ringlog_coordinator::{
    Client, ConsumerHeartbeat, DescribedConsumerGroup, DescribedConsumerMember, Name, Request, Response,
};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, ConsumerGroupHeartbeatRequest,
        ConsumerGroupHeartbeatResponse, consumer_group_describe_response as described,
        consumer_group_heartbeat_response as heartbeat,
    },
};
use ringlog_model::TopicId;

pub(super) async fn heartbeat(
    asked: &Asked,
    client: Client,
    request: &ConsumerGroupHeartbeatRequest<'_>,
) -> Answer {
    let names = |names: &Vec<&str>| names.iter().map(|name| Name::from(*name)).collect();
    let owned = request.topic_partitions.as_ref().map(|topics| {
        topics.iter().map(|topic| (TopicId(topic.topic_id), topic.partitions.clone())).collect()
    });
    let ask = ConsumerHeartbeat {
        group: request.group_id.into(),
        client,
        member: request.member_id.into(),
        member_epoch: request.member_epoch,
        instance: name(request.instance_id),
        rack: name(request.rack_id),
        rebalance_timeout_ms: request.rebalance_timeout_ms,
        subscribed_names: request.subscribed_topic_names.as_ref().map(names),
        subscribed_regex: name(request.subscribed_topic_regex),
        assignor: name(request.server_assignor),
        owned,
        version: asked.version,
        fresh: asked.fresh(),
    };
    match asked.shard().coordinate(request.group_id, Request::ConsumerHeartbeat(ask)).await {
        Ok(Response::ConsumerHeartbeat(Ok(response))) => {
            let assignment = response.assignment.as_ref().map(|topics| heartbeat::Assignment {
                topic_partitions: topics
                    .iter()
                    .map(|(topic, partitions)| heartbeat::TopicPartitions {
                        topic_id: topic.0,
                        partitions: partitions.clone(),
                    })
                    .collect(),
            });
            asked.respond(&ConsumerGroupHeartbeatResponse {
                member_id: Some(&response.member),
                member_epoch: response.member_epoch,
                heartbeat_interval_ms: response.heartbeat_interval_ms,
                assignment,
                ..ConsumerGroupHeartbeatResponse::default()
            })
        }
        Ok(Response::ConsumerHeartbeat(Err(refusal))) => asked.respond(&ConsumerGroupHeartbeatResponse {
            error_code: error::of_group(&refusal),
            error_message: Some(&refusal.to_string()),
            ..ConsumerGroupHeartbeatResponse::default()
        }),
        other => asked.respond(&ConsumerGroupHeartbeatResponse {
            error_code: error::of_coordination(&other),
            ..ConsumerGroupHeartbeatResponse::default()
        }),
    }
}

pub(super) async fn describe(asked: &Asked, request: &ConsumerGroupDescribeRequest<'_>) -> Answer {
    let mut found = Vec::with_capacity(request.group_ids.len());
    for group in &request.group_ids {
        let ask = Request::DescribeConsumerGroup { group: (*group).into() };
        found.push(match asked.shard().coordinate(group, ask).await {
            Ok(Response::DescribeConsumerGroup(Ok(described))) => Ok(described),
            Ok(Response::DescribeConsumerGroup(Err(refusal))) => {
                Err((error::of_group(&refusal), Some(format!("Group {group}: {refusal}."))))
            }
            other => Err((error::of_coordination(&other), None)),
        });
    }
    let operations = if request.include_authorized_operations { GROUP_OPERATIONS } else { i32::MIN };
    let groups = request.group_ids.iter().zip(&found).map(|(group, found)| match found {
        Ok(found) => respond(group, found, operations),
        Err((error_code, message)) => described::DescribedGroup {
            error_code: *error_code,
            error_message: message.as_deref(),
            group_id: group,
            ..described::DescribedGroup::default()
        },
    });
    asked.respond(&ConsumerGroupDescribeResponse { throttle_time_ms: 0, groups: groups.collect() })
}

fn respond<'a>(
    group: &'a str,
    found: &'a DescribedConsumerGroup,
    authorized_operations: i32,
) -> described::DescribedGroup<'a> {
    described::DescribedGroup {
        error_code: ErrorCode::NONE,
        error_message: None,
        group_id: group,
        group_state: found.state.name(),
        group_epoch: found.group_epoch,
        assignment_epoch: found.assignment_epoch,
        assignor_name: &found.assignor,
        members: found.members.iter().map(member).collect(),
        authorized_operations,
    }
}

fn member(member: &DescribedConsumerMember) -> described::Member<'_> {
    described::Member {
        member_id: &member.member,
        instance_id: member.instance.as_deref(),
        rack_id: member.rack.as_deref(),
        member_epoch: member.member_epoch,
        client_id: &member.client_id,
        client_host: &member.client_host,
        subscribed_topic_names: member.subscribed_names.iter().map(|name| &**name).collect(),
        subscribed_topic_regex: member.subscribed_regex.as_deref(),
        assignment: assignment(&member.assignment),
        target_assignment: assignment(&member.target),
        // 0: a member of the classic protocol, 1: of this one (KIP-1099).
        member_type: if member.is_classic { 0 } else { 1 },
    }
}

fn assignment(topics: &[(TopicId, Name, Vec<i32>)]) -> described::Assignment<'_> {
    let topics = topics.iter().map(|(id, name, partitions)| described::TopicPartitions {
        topic_id: id.0,
        topic_name: name,
        partitions: partitions.clone(),
    });
    described::Assignment { topic_partitions: topics.collect() }
}
