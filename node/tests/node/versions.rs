//! Every served API in every version that is advertised.

use crate::{
    client::{Client, batch, fetch_request, produce_request},
    harness::{World, in_every_world},
};
use ringlog_kafka::{
    ApiKey, ErrorCode, Message, Response,
    messages::{
        ApiVersionsRequest, CreateTopicsRequest, DeleteTopicsRequest, DescribeClusterRequest,
        DescribeConfigsRequest, DescribeTopicPartitionsRequest, FindCoordinatorRequest,
        InitProducerIdRequest, ListOffsetsRequest, ListPartitionReassignmentsRequest, MetadataRequest,
        OffsetForLeaderEpochRequest,
        create_topics_request::CreatableTopic,
        delete_topics_request::DeleteTopicState,
        describe_configs_request::DescribeConfigsResource,
        list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
        metadata_request::MetadataRequestTopic,
        offset_for_leader_epoch_request::{OffsetForLeaderPartition, OffsetForLeaderTopic},
    },
};

in_every_world!(every_advertised_version_is_answered);

/// Asks in every advertised version; each must be answered in a form that the codec reads.
pub(crate) async fn every_version<'a, M: Message<'a>>(client: &Client, request: impl Fn(i16) -> M) {
    let last = M::API.versions().unwrap().last_stable();
    for version in M::VERSIONS.first..=last {
        let reply = client.ask(version, &request(version)).await;
        assert_eq!(reply.decode().api(), M::API, "version {version}");
    }
}

/// A client that says what it is, where the version has a place for it.
pub(crate) fn software(version: i16) -> ApiVersionsRequest<'static> {
    match version {
        ..3 => ApiVersionsRequest::default(),
        _ => ApiVersionsRequest {
            client_software_name: "test",
            client_software_version: "1",
            ..ApiVersionsRequest::default()
        },
    }
}

fn every_advertised_version_is_answered(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        client.create("topic").await;
        let id = crate::fetching::topic_id(&client, "topic").await;
        let records = batch(&["a"]);
        for partition in [0, 9] {
            every_version(&client, |version| {
                let mut request = produce_request("topic", partition, &records, -1);
                if version >= 13 {
                    (request.topic_data[0].name, request.topic_data[0].topic_id) = ("", id);
                }
                request
            })
            .await;
            every_version(&client, |version| {
                let mut request = fetch_request("topic", partition, 0, 10);
                if version >= 13 {
                    (request.topics[0].topic, request.topics[0].topic_id) = ("", id);
                }
                request
            })
            .await;
            every_version(&client, |_| {
                let partitions = [-1, -2, -3, 500].map(|timestamp| ListOffsetsPartition {
                    partition_index: partition,
                    timestamp,
                    ..ListOffsetsPartition::default()
                });
                let topics = vec![ListOffsetsTopic { name: "topic", partitions: partitions.into() }];
                ListOffsetsRequest { topics, ..ListOffsetsRequest::default() }
            })
            .await;
            every_version(&client, |_| {
                let partitions =
                    vec![OffsetForLeaderPartition { partition, leader_epoch: 0, current_leader_epoch: -1 }];
                let topics = vec![OffsetForLeaderTopic { topic: "topic", partitions }];
                OffsetForLeaderEpochRequest { topics, ..OffsetForLeaderEpochRequest::default() }
            })
            .await;
        }
        for name in ["topic", "none", "no topic"] {
            every_version(&client, |version| MetadataRequest {
                topics: Some(vec![MetadataRequestTopic {
                    name: Some(name),
                    ..MetadataRequestTopic::default()
                }]),
                allow_auto_topic_creation: version < 4,
                include_topic_authorized_operations: version >= 8,
                include_cluster_authorized_operations: (8..=10).contains(&version),
            })
            .await;
            every_version(&client, |version| DescribeConfigsRequest {
                resources: vec![DescribeConfigsResource {
                    resource_type: 2,
                    resource_name: name,
                    configuration_keys: None,
                }],
                include_synonyms: true,
                include_documentation: version >= 3,
            })
            .await;
        }
        every_version(&client, |_| DescribeConfigsRequest {
            resources: vec![DescribeConfigsResource {
                resource_type: 4,
                resource_name: "1",
                configuration_keys: None,
            }],
            ..DescribeConfigsRequest::default()
        })
        .await;
        every_version(&client, software).await;
        every_version(&client, |_| DescribeClusterRequest { endpoint_type: 1, ..Default::default() }).await;
        every_version(&client, |_| DescribeTopicPartitionsRequest::default()).await;
        every_version(&client, |_| ListPartitionReassignmentsRequest::default()).await;
        every_version(&client, |_| InitProducerIdRequest::default()).await;
        every_version(&client, |version| match version {
            ..4 => FindCoordinatorRequest { key: "group", ..Default::default() },
            _ => FindCoordinatorRequest { coordinator_keys: vec!["group"], ..Default::default() },
        })
        .await;
        for _ in 0..2 {
            every_version(&client, |_| CreateTopicsRequest {
                topics: vec![CreatableTopic {
                    name: "created",
                    num_partitions: 1,
                    replication_factor: 1,
                    ..CreatableTopic::default()
                }],
                ..CreateTopicsRequest::default()
            })
            .await;
            every_version(&client, |version| match version {
                ..6 => DeleteTopicsRequest { topic_names: vec!["created"], ..Default::default() },
                _ => DeleteTopicsRequest {
                    topics: vec![DeleteTopicState { name: Some("created"), ..Default::default() }],
                    ..Default::default()
                },
            })
            .await;
        }
        let reply = client.ask(4, &software(4)).await;
        let Response::ApiVersions(response) = reply.decode() else { panic!("api versions") };
        assert_eq!(response.error_code, ErrorCode::NONE);
        assert_eq!(response.api_keys[0].api_key, ApiKey::Produce.code());
    });
}
