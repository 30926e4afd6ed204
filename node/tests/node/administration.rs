//! Topics, settings, identities.

use crate::{
    client::{Client, batch},
    harness::{World, in_every_world},
};
use ringlog_kafka::{
    ErrorCode, Response,
    messages::{
        CreateTopicsRequest, DeleteTopicsRequest, DescribeClusterRequest, DescribeConfigsRequest,
        DescribeTopicPartitionsRequest, FindCoordinatorRequest, InitProducerIdRequest,
        ListPartitionReassignmentsRequest, MetadataRequest, OffsetForLeaderEpochRequest,
        create_topics_request::{CreatableTopic, CreatableTopicConfig},
        delete_topics_request::DeleteTopicState,
        describe_configs_request::DescribeConfigsResource,
        describe_topic_partitions_request::{Cursor, TopicRequest},
        metadata_request::MetadataRequestTopic,
        offset_for_leader_epoch_request::{OffsetForLeaderPartition, OffsetForLeaderTopic},
    },
};

in_every_world!(
    topics_are_created_described_and_deleted_with_their_data,
    metadata_creates_only_by_name_with_the_flag_set,
    producer_ids_are_never_given_twice,
    the_rest_of_the_api_answers,
);

/// Creates a topic; gives the error.
pub(crate) async fn create(
    client: &Client,
    name: &str,
    num_partitions: i32,
    configs: &[(&str, &str)],
) -> ErrorCode {
    let configs = configs.iter().map(|&(name, value)| CreatableTopicConfig { name, value: Some(value) });
    let topic = CreatableTopic {
        name,
        num_partitions,
        replication_factor: -1,
        configs: configs.collect(),
        ..CreatableTopic::default()
    };
    let request = CreateTopicsRequest { topics: vec![topic], timeout_ms: 10_000, validate_only: false };
    let reply = client.ask(7, &request).await;
    let Response::CreateTopics(response) = reply.decode() else { panic!("create topics") };
    response.topics[0].error_code
}

pub(crate) async fn delete(client: &Client, name: &str) -> ErrorCode {
    let topics = vec![DeleteTopicState { name: Some(name), ..DeleteTopicState::default() }];
    let reply = client.ask(6, &DeleteTopicsRequest { topics, ..DeleteTopicsRequest::default() }).await;
    let Response::DeleteTopics(response) = reply.decode() else { panic!("delete topics") };
    response.responses[0].error_code
}

fn topics_are_created_described_and_deleted_with_their_data(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        assert_eq!(create(&client, "topic", 3, &[("max.message.bytes", "2000")]).await, ErrorCode::NONE);
        assert_eq!(create(&client, "topic", 3, &[]).await, ErrorCode::TOPIC_ALREADY_EXISTS);
        for partition in 0..3 {
            assert_eq!(client.produce("topic", partition, &batch(&["old"])).await, Ok(0));
        }
        let large = "x".repeat(3000);
        assert_eq!(client.produce("topic", 0, &batch(&[&large])).await, Err(ErrorCode::MESSAGE_TOO_LARGE));
        assert_eq!(described(&client, "max.message.bytes").await, ("2000".to_owned(), 1));
        assert_eq!(described(&client, "durability").await, ("fsync".to_owned(), 5));
        assert_eq!(delete(&client, "topic").await, ErrorCode::NONE);
        assert_eq!(delete(&client, "topic").await, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
        let gone = client.produce("topic", 0, &batch(&["x"])).await;
        assert_eq!(gone, Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
        assert_eq!(create(&client, "topic", 3, &[]).await, ErrorCode::NONE);
        assert_eq!(client.fetch("topic", 0, 0).await, Ok((vec![], 0)), "nothing of the old topic");
    });
    world.live(1, async |node| {
        let client = node.client().await;
        assert_eq!(client.fetch("topic", 1, 0).await, Ok((vec![], 0)));
    });
}

async fn described(client: &Client, config: &str) -> (String, i8) {
    let resource = DescribeConfigsResource {
        resource_type: 2,
        resource_name: "topic",
        configuration_keys: Some(vec![config]),
    };
    let request = DescribeConfigsRequest { resources: vec![resource], ..DescribeConfigsRequest::default() };
    let reply = client.ask(4, &request).await;
    let Response::DescribeConfigs(response) = reply.decode() else { panic!("describe configs") };
    let found = &response.results[0].configs[0];
    assert_eq!(found.name, config);
    (found.value.unwrap().to_owned(), found.config_source)
}

fn metadata_creates_only_by_name_with_the_flag_set(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        let error = async |name, allow_auto_topic_creation| {
            let topics = vec![MetadataRequestTopic { name: Some(name), ..MetadataRequestTopic::default() }];
            let request = MetadataRequest {
                topics: Some(topics),
                allow_auto_topic_creation,
                ..MetadataRequest::default()
            };
            let reply = client.ask(8, &request).await;
            let Response::Metadata(metadata) = reply.decode() else { panic!("metadata") };
            assert_eq!(metadata.controller_id, 1);
            assert_eq!(metadata.cluster_id.unwrap().len(), 22);
            assert_eq!(metadata.brokers.len(), 1);
            metadata.topics[0].error_code
        };
        assert_eq!(error("topic", false).await, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
        assert_eq!(error("topic", true).await, ErrorCode::NONE);
        assert_eq!(error("topic", false).await, ErrorCode::NONE);
        assert_eq!(error("no topic", true).await, ErrorCode::INVALID_TOPIC_EXCEPTION);
        let reply = client.ask(1, &MetadataRequest { topics: None, ..MetadataRequest::default() }).await;
        let Response::Metadata(metadata) = reply.decode() else { panic!("metadata") };
        assert_eq!(metadata.topics.iter().filter_map(|topic| topic.name).collect::<Vec<_>>(), ["topic"]);
    });
}

fn producer_ids_are_never_given_twice(world: &World) {
    let mut given = Vec::new();
    for _ in 0..2 {
        given.extend(world.live(2, async |node| {
            let mut given = Vec::new();
            // More than a block.
            for _ in 0..12 {
                let client = node.client().await;
                let reply = client.ask(4, &InitProducerIdRequest::default()).await;
                let Response::InitProducerId(response) = reply.decode() else { panic!("init producer id") };
                assert_eq!((response.error_code, response.producer_epoch), (ErrorCode::NONE, 0));
                given.push(response.producer_id);
            }
            given
        }));
    }
    let count = given.len();
    given.sort_unstable();
    given.dedup();
    assert_eq!(given.len(), count);
}

fn the_rest_of_the_api_answers(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        create(&client, "a", 5, &[]).await;
        create(&client, "b", 5, &[]).await;

        let reply = client.ask(4, &crate::versions::software(4)).await;
        let Response::ApiVersions(response) = reply.decode() else { panic!("api versions") };
        assert_eq!(response.error_code, ErrorCode::NONE);

        let reply = client.ask(0, &DescribeClusterRequest { endpoint_type: 1, ..Default::default() }).await;
        let Response::DescribeCluster(response) = reply.decode() else { panic!("describe cluster") };
        assert_eq!((response.controller_id, response.brokers.len()), (1, 1));

        for version in [0, 6] {
            let request = match version {
                0 => FindCoordinatorRequest { key: "group", ..Default::default() },
                _ => FindCoordinatorRequest { coordinator_keys: vec!["group"], ..Default::default() },
            };
            let reply = client.ask(version, &request).await;
            let Response::FindCoordinator(response) = reply.decode() else { panic!("find coordinator") };
            let of_key = response.coordinators.first().map(|coordinator| coordinator.error_code);
            assert_eq!(of_key.unwrap_or(response.error_code), ErrorCode::NONE);
        }

        let reply = client.ask(0, &ListPartitionReassignmentsRequest::default()).await;
        let Response::ListPartitionReassignments(response) = reply.decode() else { panic!("reassignments") };
        assert!(response.topics.is_empty());

        let request = DescribeTopicPartitionsRequest {
            topics: vec![TopicRequest { name: "b" }, TopicRequest { name: "a" }],
            response_partition_limit: 3,
            cursor: Some(Cursor { topic_name: "a", partition_index: 4 }),
        };
        let reply = client.ask(0, &request).await;
        let Response::DescribeTopicPartitions(response) = reply.decode() else { panic!("topic partitions") };
        let pages: Vec<_> = response
            .topics
            .iter()
            .flat_map(|topic| topic.partitions.iter().map(|p| (topic.name.unwrap(), p.partition_index)))
            .collect();
        assert_eq!(pages, [("a", 4), ("b", 0), ("b", 1)]);
        let next = response.next_cursor.unwrap();
        assert_eq!((next.topic_name, next.partition_index), ("b", 2));

        client.produce("a", 0, &batch(&["x", "y"])).await.unwrap();
        let partitions =
            vec![OffsetForLeaderPartition { partition: 0, current_leader_epoch: -1, leader_epoch: 0 }];
        let topics = vec![OffsetForLeaderTopic { topic: "a", partitions }];
        let reply = client.ask(4, &OffsetForLeaderEpochRequest { replica_id: -1, topics }).await;
        let Response::OffsetForLeaderEpoch(response) = reply.decode() else { panic!("epochs") };
        let end = &response.topics[0].partitions[0];
        assert_eq!((end.error_code, end.leader_epoch, end.end_offset), (ErrorCode::NONE, 0, 2));
    });
}
