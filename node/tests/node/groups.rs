//! Groups: from a client's join to the log of `__consumer_offsets` and back after a restart.

use crate::{
    administration::create,
    client::{Client, batch},
    harness::{ControllerIs, Running, World, in_every_world},
    versions::every_version,
};
use core::time::Duration;
use futures_lite::future;
use ringlog_kafka::{
    ErrorCode, Response,
    messages::{
        ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatRequest, DeleteGroupsRequest,
        DescribeGroupsRequest, FindCoordinatorRequest, HeartbeatRequest, JoinGroupRequest, LeaveGroupRequest,
        ListGroupsRequest, MetadataRequest, OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest,
        SyncGroupRequest,
        join_group_request::JoinGroupRequestProtocol,
        leave_group_request::MemberIdentity,
        metadata_request::MetadataRequestTopic,
        offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic},
        offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics},
        sync_group_request::SyncGroupRequestAssignment,
    },
};

in_every_world!(
    a_member_and_its_position_outlive_the_node,
    members_share_a_group_and_a_parked_join_holds_up_nobody_else,
    a_client_that_goes_away_in_a_join_does_not_hold_up_the_others,
    many_groups_are_there_again_after_a_restart,
    groups_are_listed_described_and_deleted,
    positions_go_with_their_topic_and_internal_topics_are_the_brokers,
    every_api_of_groups_answers_in_every_version,
);

const PREFERRED: &[u8] = b"\0\0\0\0\0\x01\0\x05topic\xff\xff\xff\xff";

/// One life of a node whose empty groups do not wait for more members.
fn live<T: 'static, F: Future<Output = T> + 'static>(
    world: &World,
    shards: u16,
    scenario: impl FnOnce(Running) -> F + 'static,
) -> T {
    let prompt = |options: &mut ringlog_node::NodeOptions| {
        options.groups.coordinator.initial_rebalance_delay = Duration::ZERO;
        options.groups.coordinator.session_timeout_min = Duration::from_secs(1);
    };
    world.live_with(shards, ControllerIs::There, prompt, scenario)
}

/// Looks for the coordinator, which creates the topic of groups.
async fn find(client: &Client, group: &str) {
    let request = FindCoordinatorRequest { coordinator_keys: vec![group], ..Default::default() };
    let reply = client.ask(6, &request).await;
    let Response::FindCoordinator(response) = reply.decode() else { panic!("find coordinator") };
    assert_eq!(response.coordinators[0].error_code, ErrorCode::NONE);
    assert_eq!(response.coordinators[0].node_id, 1);
}

fn join_request<'a>(group: &'a str, member: &'a str) -> JoinGroupRequest<'a> {
    JoinGroupRequest {
        group_id: group,
        session_timeout_ms: 3_000,
        rebalance_timeout_ms: 30_000,
        member_id: member,
        protocol_type: "consumer",
        protocols: vec![JoinGroupRequestProtocol { name: "range", metadata: PREFERRED }],
        ..JoinGroupRequest::default()
    }
}

/// What a join led to: error, member, generation, how many members the leader sees.
type Joined = (ErrorCode, String, i32, usize);

async fn receive_join(client: &Client) -> Joined {
    let reply = client.receive(ringlog_kafka::ApiKey::JoinGroup, 9).await;
    let Response::JoinGroup(response) = reply.decode() else { panic!("join") };
    (response.error_code, response.member_id.to_owned(), response.generation_id, response.members.len())
}

/// Joins through the round trip for the member id; sends the second join and does not wait for it.
async fn begin_join(client: &Client, group: &str) -> String {
    client.send(9, &join_request(group, "")).await;
    let (error, member, ..) = receive_join(client).await;
    assert_eq!(error, ErrorCode::MEMBER_ID_REQUIRED);
    client.send(9, &join_request(group, &member)).await;
    member
}

async fn sync(client: &Client, group: &str, member: &str, generation: i32, all: &[&str]) -> Vec<u8> {
    let assignments = all
        .iter()
        .map(|member| SyncGroupRequestAssignment { member_id: member, assignment: member.as_bytes() });
    let request = SyncGroupRequest {
        group_id: group,
        generation_id: generation,
        member_id: member,
        protocol_type: Some("consumer"),
        protocol_name: Some("range"),
        assignments: assignments.collect(),
        ..SyncGroupRequest::default()
    };
    let reply = client.ask(5, &request).await;
    let Response::SyncGroup(response) = reply.decode() else { panic!("sync") };
    assert_eq!(response.error_code, ErrorCode::NONE);
    response.assignment.to_vec()
}

async fn heartbeat(client: &Client, group: &str, member: &str, generation: i32) -> ErrorCode {
    let request = HeartbeatRequest {
        group_id: group,
        generation_id: generation,
        member_id: member,
        ..HeartbeatRequest::default()
    };
    let reply = client.ask(4, &request).await;
    let Response::Heartbeat(response) = reply.decode() else { panic!("heartbeat") };
    response.error_code
}

fn commit_request<'a>(
    group: &'a str,
    member: &'a str,
    generation: i32,
    offset: i64,
) -> OffsetCommitRequest<'a> {
    let partition = OffsetCommitRequestPartition {
        partition_index: 0,
        committed_offset: offset,
        committed_metadata: Some("note"),
        ..OffsetCommitRequestPartition::default()
    };
    OffsetCommitRequest {
        group_id: group,
        generation_id_or_member_epoch: generation,
        member_id: member,
        topics: vec![OffsetCommitRequestTopic {
            name: "topic",
            partitions: vec![partition],
            ..OffsetCommitRequestTopic::default()
        }],
        ..OffsetCommitRequest::default()
    }
}

async fn commit(client: &Client, group: &str, member: &str, generation: i32, offset: i64) -> ErrorCode {
    let reply = client.ask(8, &commit_request(group, member, generation, offset)).await;
    let Response::OffsetCommit(response) = reply.decode() else { panic!("commit") };
    response.topics[0].partitions[0].error_code
}

/// The group's position in `topic`-0; asks again while the group is being loaded.
async fn position(node: &Running, client: &Client, group: &str) -> i64 {
    loop {
        let topics =
            OffsetFetchRequestTopics { name: "topic", partition_indexes: vec![0], ..Default::default() };
        let group =
            OffsetFetchRequestGroup { group_id: group, topics: Some(vec![topics]), ..Default::default() };
        let request = OffsetFetchRequest { groups: vec![group], ..OffsetFetchRequest::default() };
        let reply = client.ask(8, &request).await;
        let Response::OffsetFetch(response) = reply.decode() else { panic!("fetch offsets") };
        match response.groups[0].error_code {
            ErrorCode::NONE => return response.groups[0].topics[0].partitions[0].committed_offset,
            ErrorCode::COORDINATOR_LOAD_IN_PROGRESS => node.reactor.sleep(Duration::from_millis(5)).await,
            other => panic!("{other}"),
        }
    }
}

fn a_member_and_its_position_outlive_the_node(world: &World) {
    let member = live(world, 2, async |node| {
        let client = node.client().await;
        create(&client, "topic", 1, &[]).await;
        find(&client, "group").await;
        let member = begin_join(&client, "group").await;
        assert_eq!(receive_join(&client).await, (ErrorCode::NONE, member.clone(), 1, 1));
        assert_eq!(sync(&client, "group", &member, 1, &[&member]).await, member.as_bytes());
        assert_eq!(commit(&client, "group", &member, 1, 41).await, ErrorCode::NONE);
        assert_eq!(commit(&client, "group", &member, 1, 42).await, ErrorCode::NONE);
        assert_eq!(commit(&client, "group", &member, 2, 43).await, ErrorCode::ILLEGAL_GENERATION);
        member
    });
    live(world, 1, async move |node| {
        let client = node.client().await;
        assert_eq!(position(&node, &client, "group").await, 42);
        assert_eq!(heartbeat(&client, "group", &member, 1).await, ErrorCode::NONE);
        assert_eq!(heartbeat(&client, "group", "stranger", 1).await, ErrorCode::UNKNOWN_MEMBER_ID);
        // The session goes on where nobody keeps it alive no longer than it may.
        node.reactor.sleep(Duration::from_secs(4)).await;
        assert_eq!(heartbeat(&client, "group", &member, 1).await, ErrorCode::UNKNOWN_MEMBER_ID);
        assert_eq!(position(&node, &client, "group").await, 42);
    });
}

fn members_share_a_group_and_a_parked_join_holds_up_nobody_else(world: &World) {
    live(world, 2, async |node| {
        let (first, second, other) = (node.client().await, node.client().await, node.client().await);
        create(&first, "topic", 1, &[]).await;
        find(&first, "group").await;
        let one = begin_join(&first, "group").await;
        receive_join(&first).await;
        sync(&first, "group", &one, 1, &[&one]).await;
        let two = begin_join(&second, "group").await;
        // The second waits for the first; a third client is served meanwhile.
        assert_eq!(commit(&other, "elsewhere", "", -1, 7).await, ErrorCode::NONE);
        assert_eq!(position(&node, &other, "elsewhere").await, 7);
        assert_eq!(heartbeat(&first, "group", &one, 1).await, ErrorCode::REBALANCE_IN_PROGRESS);
        first.send(9, &join_request("group", &one)).await;
        assert_eq!(receive_join(&first).await, (ErrorCode::NONE, one.clone(), 2, 2));
        assert_eq!(receive_join(&second).await, (ErrorCode::NONE, two.clone(), 2, 0));
        let (of_one, of_two) =
            future::zip(sync(&first, "group", &one, 2, &[&one, &two]), sync(&second, "group", &two, 2, &[]))
                .await;
        assert_eq!((of_one.as_slice(), of_two.as_slice()), (one.as_bytes(), two.as_bytes()));
    });
}

fn a_client_that_goes_away_in_a_join_does_not_hold_up_the_others(world: &World) {
    live(world, 2, async |node| {
        let (first, second) = (node.client().await, node.client().await);
        create(&first, "topic", 1, &[]).await;
        find(&first, "group").await;
        let one = begin_join(&first, "group").await;
        receive_join(&first).await;
        sync(&first, "group", &one, 1, &[&one]).await;
        begin_join(&second, "group").await;
        while heartbeat(&first, "group", &one, 1).await == ErrorCode::NONE {
            node.reactor.sleep(Duration::from_millis(5)).await;
        }
        drop(second);
        first.send(9, &join_request("group", &one)).await;
        let (error, _, generation, members) = receive_join(&first).await;
        assert_eq!((error, generation, members), (ErrorCode::NONE, 2, 2), "nobody knows yet that it is gone");
        sync(&first, "group", &one, 2, &[&one]).await;
        let began = node.reactor.now_nanos();
        loop {
            match heartbeat(&first, "group", &one, 2).await {
                ErrorCode::NONE => {}
                error => break assert_eq!(error, ErrorCode::REBALANCE_IN_PROGRESS),
            }
            node.reactor.sleep(Duration::from_millis(500)).await;
            assert!(node.reactor.now_nanos() - began < 60_000_000_000, "its session ends");
        }
        first.send(9, &join_request("group", &one)).await;
        assert_eq!(receive_join(&first).await, (ErrorCode::NONE, one, 3, 1));
    });
}

fn many_groups_are_there_again_after_a_restart(world: &World) {
    const GROUPS: i64 = 300;
    let name = |number: i64| format!("group-{number}");
    live(world, 2, async move |node| {
        let client = node.client().await;
        create(&client, "topic", 1, &[]).await;
        find(&client, "group").await;
        for turn in 0..2 {
            for number in 0..GROUPS {
                client.send(8, &commit_request(&name(number), "", -1, number + turn)).await;
                if number % 20 == 19 {
                    for _ in 0..20 {
                        client.receive(ringlog_kafka::ApiKey::OffsetCommit, 8).await;
                    }
                }
            }
        }
    });
    live(world, 3, async move |node| {
        let client = node.client().await;
        for number in 0..GROUPS {
            assert_eq!(position(&node, &client, &name(number)).await, number + 1);
        }
    });
}

fn groups_are_listed_described_and_deleted(world: &World) {
    live(world, 2, async |node| {
        let client = node.client().await;
        create(&client, "topic", 1, &[]).await;
        find(&client, "busy").await;
        let member = begin_join(&client, "busy").await;
        receive_join(&client).await;
        sync(&client, "busy", &member, 1, &[&member]).await;
        assert_eq!(commit(&client, "idle", "", -1, 1).await, ErrorCode::NONE);

        assert_eq!(list(&client, &[], &[]).await, ["busy Stable Classic", "idle Empty Classic"]);
        assert_eq!(list(&client, &["stable"], &[]).await, ["busy Stable Classic"]);
        assert_eq!(list(&client, &["nonsense"], &[]).await, [""; 0]);
        assert_eq!(list(&client, &[], &["consumer"]).await, [""; 0]);

        let request = DescribeGroupsRequest { groups: vec!["busy", "none"], ..Default::default() };
        let reply = client.ask(6, &request).await;
        let Response::DescribeGroups(response) = reply.decode() else { panic!("describe") };
        let busy = &response.groups[0];
        assert_eq!((busy.group_state, busy.protocol_data, busy.members.len()), ("Stable", "range", 1));
        assert_eq!(busy.members[0].client_id, "test");
        assert_eq!(busy.members[0].member_assignment, member.as_bytes());
        assert_eq!(response.groups[1].error_code, ErrorCode::GROUP_ID_NOT_FOUND);

        let request = OffsetDeleteRequest {
            group_id: "idle",
            topics: vec![OffsetDeleteRequestTopic {
                name: "topic",
                partitions: vec![OffsetDeleteRequestPartition { partition_index: 0 }],
            }],
        };
        let reply = client.ask(0, &request).await;
        let Response::OffsetDelete(response) = reply.decode() else { panic!("delete offsets") };
        assert_eq!(response.topics[0].partitions[0].error_code, ErrorCode::NONE);
        assert_eq!(position(&node, &client, "idle").await, -1);

        let request = DeleteGroupsRequest { groups_names: vec!["busy", "idle", "none"] };
        let reply = client.ask(3, &request).await;
        let Response::DeleteGroups(response) = reply.decode() else { panic!("delete") };
        let codes: Vec<_> = response.results.iter().map(|result| result.error_code).collect();
        assert_eq!(codes, [ErrorCode::NON_EMPTY_GROUP, ErrorCode::NONE, ErrorCode::GROUP_ID_NOT_FOUND]);

        let members = vec![MemberIdentity { member_id: &member, ..MemberIdentity::default() }];
        let request = LeaveGroupRequest { group_id: "busy", members, ..LeaveGroupRequest::default() };
        let reply = client.ask(5, &request).await;
        let Response::LeaveGroup(response) = reply.decode() else { panic!("leave") };
        assert_eq!(response.members[0].error_code, ErrorCode::NONE);
        assert_eq!(list(&client, &[], &[]).await, ["busy Empty Classic"]);
    });
}

async fn list(client: &Client, states: &[&str], types: &[&str]) -> Vec<String> {
    let request = ListGroupsRequest { states_filter: states.to_vec(), types_filter: types.to_vec() };
    let reply = client.ask(5, &request).await;
    let Response::ListGroups(response) = reply.decode() else { panic!("list") };
    assert_eq!(response.error_code, ErrorCode::NONE);
    let mut groups: Vec<_> = response
        .groups
        .iter()
        .map(|group| format!("{} {} {}", group.group_id, group.group_state, group.group_type))
        .collect();
    groups.sort();
    groups
}

fn positions_go_with_their_topic_and_internal_topics_are_the_brokers(world: &World) {
    live(world, 2, async |node| {
        let client = node.client().await;
        create(&client, "topic", 1, &[]).await;
        find(&client, "group").await;
        assert_eq!(commit(&client, "group", "", -1, 1).await, ErrorCode::NONE);
        let refused = client.produce("__consumer_offsets", 0, &batch(&["x"])).await;
        assert_eq!(refused, Err(ErrorCode::INVALID_TOPIC_EXCEPTION));
        let topics = ["__consumer_offsets", "topic"]
            .map(|name| MetadataRequestTopic { name: Some(name), ..MetadataRequestTopic::default() });
        let request = MetadataRequest { topics: Some(topics.to_vec()), ..MetadataRequest::default() };
        let reply = client.ask(9, &request).await;
        let Response::Metadata(response) = reply.decode() else { panic!("metadata") };
        let shown: Vec<_> =
            response.topics.iter().map(|topic| (topic.is_internal, topic.partitions.len())).collect();
        assert_eq!(shown, [(true, 50), (false, 1)]);

        let request =
            ringlog_kafka::messages::DeleteTopicsRequest { topic_names: vec!["topic"], ..Default::default() };
        client.ask(5, &request).await;
        create(&client, "topic", 1, &[]).await;
        assert_eq!(position(&node, &client, "group").await, -1);
        assert_eq!(commit(&client, "group", "", -1, 2).await, ErrorCode::NONE);
    });
}

fn every_api_of_groups_answers_in_every_version(world: &World) {
    live(world, 1, async |node| {
        let client = node.client().await;
        create(&client, "topic", 1, &[]).await;
        find(&client, "g").await;
        let topic_id = {
            let reply = client.ask(12, &MetadataRequest { topics: None, ..Default::default() }).await;
            let Response::Metadata(response) = reply.decode() else { panic!("metadata") };
            response.topics.iter().find(|topic| topic.name == Some("topic")).unwrap().topic_id
        };
        every_version(&client, |version| {
            let mut request = commit_request("g", "", -1, 1);
            if version >= 10 {
                request.topics[0].name = "";
                request.topics[0].topic_id = topic_id;
            }
            request
        })
        .await;
        every_version(&client, |version| match version {
            ..8 => OffsetFetchRequest { group_id: "g", topics: Some(Vec::new()), ..Default::default() },
            _ => OffsetFetchRequest {
                groups: vec![OffsetFetchRequestGroup {
                    group_id: "g",
                    topics: Some(vec![OffsetFetchRequestTopics {
                        name: if version < 10 { "topic" } else { "" },
                        topic_id: if version < 10 { ringlog_model::Uuid::ZERO } else { topic_id },
                        partition_indexes: vec![0, 1],
                    }]),
                    ..Default::default()
                }],
                ..Default::default()
            },
        })
        .await;
        // Strangers, so that nobody waits for anybody.
        every_version(&client, |_| join_request("g", "stranger")).await;
        every_version(&client, |_| SyncGroupRequest { group_id: "g", ..Default::default() }).await;
        every_version(&client, |_| HeartbeatRequest { group_id: "g", ..Default::default() }).await;
        every_version(&client, |version| match version {
            ..3 => LeaveGroupRequest { group_id: "g", member_id: "stranger", ..Default::default() },
            _ => LeaveGroupRequest {
                group_id: "g",
                members: vec![MemberIdentity { member_id: "stranger", ..Default::default() }],
                ..Default::default()
            },
        })
        .await;
        every_version(&client, |_| DescribeGroupsRequest { groups: vec!["g", "none"], ..Default::default() })
            .await;
        every_version(&client, |_| ListGroupsRequest::default()).await;
        every_version(&client, |_| OffsetDeleteRequest { group_id: "g", ..Default::default() }).await;
        every_version(&client, |_| ConsumerGroupHeartbeatRequest {
            group_id: "c",
            member_id: "stranger",
            member_epoch: 7,
            ..Default::default()
        })
        .await;
        every_version(&client, |_| ConsumerGroupDescribeRequest {
            group_ids: vec!["c"],
            ..Default::default()
        })
        .await;
        every_version(&client, |_| DeleteGroupsRequest { groups_names: vec!["g"] }).await;
    });
}
