//! What exists is changed: configs, counts of partitions, the beginnings of logs.

use crate::{
    administration::create,
    client::{Client, batch, idempotent},
    harness::{World, in_every_world},
};
use ringlog_kafka::{
    ErrorCode, Message, Response,
    messages::{
        AlterConfigsRequest, CreatePartitionsRequest, DeleteRecordsRequest, DescribeConfigsRequest,
        DescribeLogDirsRequest, DescribeProducersRequest, ElectLeadersRequest,
        GetTelemetrySubscriptionsRequest, IncrementalAlterConfigsRequest, ListConfigResourcesRequest,
        PushTelemetryRequest, UnregisterBrokerRequest,
        create_partitions_request::CreatePartitionsTopic,
        delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic},
        describe_configs_request::DescribeConfigsResource,
        describe_log_dirs_request::DescribableLogDirTopic,
        describe_producers_request::TopicRequest,
        elect_leaders_request::TopicPartitions,
        incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig},
    },
};

in_every_world!(
    configs_change_while_the_node_runs_and_stay,
    configs_of_nodes_are_the_defaults_of_topics,
    changes_that_make_no_sense_are_refused,
    topics_grow_and_serve_their_new_partitions,
    records_are_deleted_from_the_front,
    logs_and_producers_are_described,
    the_rest_of_administration_answers,
    every_advertised_version_of_administration_is_answered,
);

pub(crate) const TOPIC: i8 = 2;
pub(crate) const NODE: i8 = 4;
const SET: i8 = 0;
const DELETE: i8 = 1;

/// One change of one config; gives the error.
async fn alter(client: &Client, of: (i8, &str), operation: i8, name: &str, value: Option<&str>) -> ErrorCode {
    let configs = vec![AlterableConfig { name, config_operation: operation, value }];
    let resource = AlterConfigsResource { resource_type: of.0, resource_name: of.1, configs };
    let request = IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
    let reply = client.ask(1, &request).await;
    let Response::IncrementalAlterConfigs(response) = reply.decode() else { panic!("alter configs") };
    response.responses[0].error_code
}

/// A config's value, its source, and its synonyms as `source:name=value`.
pub(crate) async fn described(client: &Client, of: (i8, &str), name: &str) -> (String, i8, Vec<String>) {
    let resource = DescribeConfigsResource {
        resource_type: of.0,
        resource_name: of.1,
        configuration_keys: Some(vec![name]),
    };
    let request = DescribeConfigsRequest {
        resources: vec![resource],
        include_synonyms: true,
        include_documentation: true,
    };
    let reply = client.ask(4, &request).await;
    let Response::DescribeConfigs(response) = reply.decode() else { panic!("describe configs") };
    assert_eq!(response.results[0].error_code, ErrorCode::NONE);
    let found = &response.results[0].configs[0];
    assert!(found.documentation.is_some_and(|text| text.len() > 10));
    let synonyms =
        found.synonyms.iter().map(|one| format!("{}:{}={}", one.source, one.name, one.value.unwrap()));
    (found.value.unwrap_or("null").to_owned(), found.config_source, synonyms.collect())
}

fn configs_change_while_the_node_runs_and_stay(world: &World) {
    const LARGEST: &str = "max.message.bytes";
    world.live(2, async |node| {
        let client = node.client().await;
        client.create("topic").await;
        let large = batch(&[&"x".repeat(3000)]);
        assert_eq!(client.produce("topic", 0, &large).await, Ok(0));
        assert_eq!(alter(&client, (TOPIC, "topic"), SET, LARGEST, Some("2000")).await, ErrorCode::NONE);
        assert_eq!(client.produce("topic", 0, &large).await, Err(ErrorCode::MESSAGE_TOO_LARGE));
    });
    world.live(2, async |node| {
        let client = node.client().await;
        let large = batch(&[&"x".repeat(3000)]);
        assert_eq!(client.produce("topic", 0, &large).await, Err(ErrorCode::MESSAGE_TOO_LARGE));
        assert_eq!(
            described(&client, (TOPIC, "topic"), LARGEST).await,
            ("2000".into(), 1, vec!["1:max.message.bytes=2000".into(), "5:message.max.bytes=1048588".into()])
        );
        assert_eq!(alter(&client, (TOPIC, "topic"), DELETE, LARGEST, None).await, ErrorCode::NONE);
        assert_eq!(client.produce("topic", 0, &large).await, Ok(1));
        assert_eq!(described(&client, (TOPIC, "topic"), LARGEST).await.1, 5);
    });
}

fn configs_of_nodes_are_the_defaults_of_topics(world: &World) {
    const LARGEST: &str = "message.max.bytes";
    world.live(2, async |node| {
        let client = node.client().await;
        client.create("topic").await;
        let large = batch(&[&"x".repeat(3000)]);
        for (name, source) in [("", 3), ("1", 2)] {
            assert_eq!(alter(&client, (NODE, name), SET, LARGEST, Some("2000")).await, ErrorCode::NONE);
            assert_eq!(client.produce("topic", 0, &large).await, Err(ErrorCode::MESSAGE_TOO_LARGE));
            let (value, from, synonyms) = described(&client, (TOPIC, "topic"), "max.message.bytes").await;
            assert_eq!((&*value, from), ("2000", source));
            assert_eq!(synonyms[0], format!("{source}:message.max.bytes=2000"));
            assert_eq!(described(&client, (NODE, "1"), LARGEST).await.1, source);
        }
        assert_eq!(described(&client, (NODE, ""), LARGEST).await.1, 3);
        for name in ["", "1"] {
            assert_eq!(alter(&client, (NODE, name), DELETE, LARGEST, None).await, ErrorCode::NONE);
        }
        client.produce("topic", 0, &large).await.unwrap();
        assert_eq!(described(&client, (NODE, "1"), "node.id").await.0, "1");
        assert_eq!(described(&client, (NODE, "1"), "log.retention.ms").await.0, "null");
        assert_eq!(described(&client, (32, "group"), "consumer.session.timeout.ms").await.0, "45000");
    });
}

fn changes_that_make_no_sense_are_refused(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        client.create("topic").await;
        let change = |name| AlterableConfig { name, config_operation: SET, value: Some("5") };
        let resource =
            |resource_type, configs| AlterConfigsResource { resource_type, resource_name: "topic", configs };
        let errors = async |resources: Vec<AlterConfigsResource<'_>>| {
            let request = IncrementalAlterConfigsRequest { resources, validate_only: false };
            let reply = client.ask(1, &request).await;
            let Response::IncrementalAlterConfigs(response) = reply.decode() else { panic!("alter configs") };
            response.responses.iter().map(|one| one.error_code).collect::<Vec<_>>()
        };
        let invalid = ErrorCode::INVALID_REQUEST;
        let once = || resource(TOPIC, vec![change("retention.ms")]);
        assert_eq!(errors(vec![once(), once()]).await, [invalid, invalid], "the same resource twice");
        let twice = vec![change("retention.ms"), change("retention.ms")];
        assert_eq!(errors(vec![resource(TOPIC, twice)]).await, [invalid], "the same config twice");
        for (kind, code) in [(8, invalid), (16, invalid), (0, invalid), (-1, invalid)] {
            assert_eq!(errors(vec![resource(kind, vec![change("x")])]).await, [code], "{kind}");
        }
        assert_eq!(errors(Vec::new()).await, []);
        // More than a controller is bothered with.
        let large = "x".repeat(2 << 20);
        let huge = AlterableConfig { name: "retention.ms", config_operation: SET, value: Some(&large) };
        assert_eq!(errors(vec![resource(TOPIC, vec![huge])]).await, [invalid]);
        assert_eq!(errors(vec![once()]).await, [ErrorCode::NONE], "and the controller is still there");
    });
}

fn topics_grow_and_serve_their_new_partitions(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        client.create("topic").await;
        let grow = async |names: &[&'static str], count| {
            let topics = names.iter().map(|name| CreatePartitionsTopic { name, count, assignments: None });
            let request = CreatePartitionsRequest { topics: topics.collect(), ..Default::default() };
            let reply = client.ask(3, &request).await;
            let Response::CreatePartitions(response) = reply.decode() else { panic!("create partitions") };
            response.results.iter().map(|result| result.error_code).collect::<Vec<_>>()
        };
        assert_eq!(grow(&["topic"], 9).await, [ErrorCode::NONE]);
        assert_eq!(client.produce("topic", 8, &batch(&["x"])).await, Ok(0));
        assert_eq!(grow(&["topic"], 9).await, [ErrorCode::INVALID_PARTITIONS]);
        assert_eq!(grow(&["none"], 9).await, [ErrorCode::UNKNOWN_TOPIC_OR_PARTITION]);
        assert_eq!(grow(&["topic", "topic"], 10).await, [ErrorCode::INVALID_REQUEST]);
    });
}

/// Deletes before an offset; gives the new beginning.
async fn delete_records(client: &Client, topic: &str, partition: i32, before: i64) -> Result<i64, ErrorCode> {
    let partitions = vec![DeleteRecordsPartition { partition_index: partition, offset: before }];
    let topics = vec![DeleteRecordsTopic { name: topic, partitions }];
    let reply = client.ask(2, &DeleteRecordsRequest { topics, timeout_ms: 1000 }).await;
    let Response::DeleteRecords(response) = reply.decode() else { panic!("delete records") };
    let result = &response.topics[0].partitions[0];
    if result.error_code == ErrorCode::NONE { Ok(result.low_watermark) } else { Err(result.error_code) }
}

fn records_are_deleted_from_the_front(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        create(&client, "topic", 3, &[]).await;
        for _ in 0..3 {
            client.produce("topic", 1, &batch(&["a", "b"])).await.unwrap();
        }
        assert_eq!(delete_records(&client, "topic", 1, 3).await, Ok(3));
        assert_eq!(client.offset("topic", 1, -2).await, 3);
        assert_eq!(delete_records(&client, "topic", 1, 2).await, Ok(3), "never back");
        assert_eq!(delete_records(&client, "topic", 1, 7).await, Err(ErrorCode::OFFSET_OUT_OF_RANGE));
        assert_eq!(delete_records(&client, "topic", 1, -2).await, Err(ErrorCode::OFFSET_OUT_OF_RANGE));
        let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
        assert_eq!(delete_records(&client, "topic", 99, 0).await, Err(unknown));
        assert_eq!(delete_records(&client, "none", 0, 0).await, Err(unknown));
        assert_eq!(delete_records(&client, "topic", 1, -1).await, Ok(6));
        let policy = alter(&client, (TOPIC, "topic"), SET, "cleanup.policy", Some("compact")).await;
        assert_eq!(policy, ErrorCode::NONE);
        assert_eq!(delete_records(&client, "topic", 0, -1).await, Err(ErrorCode::POLICY_VIOLATION));
    });
    world.live(1, async |node| {
        let client = node.client().await;
        assert_eq!(client.offset("topic", 1, -2).await, 6, "the beginning survives a restart");
        assert_eq!(client.fetch("topic", 1, 3).await, Err(ErrorCode::OFFSET_OUT_OF_RANGE));
    });
}

fn logs_and_producers_are_described(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        create(&client, "topic", 3, &[]).await;
        let records = batch(&["a"]);
        client.produce("topic", 0, &records).await.unwrap();
        client.produce("topic", 1, &idempotent(70, 0, &["a", "b"])).await.unwrap();

        let topics = vec![DescribableLogDirTopic { topic: "topic", partitions: vec![0, 99] }];
        for (topics, count) in [(Some(topics), 1), (None, 3), (Some(vec![]), 0)] {
            let reply = client.ask(4, &DescribeLogDirsRequest { topics }).await;
            let Response::DescribeLogDirs(response) = reply.decode() else { panic!("log dirs") };
            let [directory] = &response.results[..] else { panic!("one data directory") };
            assert!(directory.total_bytes >= directory.usable_bytes && directory.usable_bytes > 0);
            let partitions: Vec<_> = directory.topics.iter().flat_map(|topic| &topic.partitions).collect();
            assert_eq!(partitions.len(), count);
            let first = partitions.iter().find(|partition| partition.partition_index == 0);
            assert!(first.is_none_or(|first| first.partition_size == records.len() as i64));
        }

        let topics = vec![TopicRequest { name: "topic", partition_indexes: vec![0, 1, 99] }];
        let reply = client.ask(0, &DescribeProducersRequest { topics }).await;
        let Response::DescribeProducers(response) = reply.decode() else { panic!("producers") };
        let partitions = &response.topics[0].partitions;
        assert!(partitions[0].active_producers.is_empty());
        let producer = &partitions[1].active_producers[0];
        assert_eq!((producer.producer_id, producer.last_sequence), (70, 1));
        assert_eq!(producer.current_txn_start_offset, -1);
        assert_eq!(partitions[2].error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    });
}

fn the_rest_of_administration_answers(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        client.create("topic").await;
        for (election_type, code) in
            [(0, ErrorCode::NONE), (1, ErrorCode::NONE), (7, ErrorCode::INVALID_REQUEST)]
        {
            let topic_partitions = Some(vec![TopicPartitions { topic: "topic", partitions: vec![0] }]);
            let request = ElectLeadersRequest { election_type, topic_partitions, timeout_ms: 1000 };
            let reply = client.ask(2, &request).await;
            let Response::ElectLeaders(response) = reply.decode() else { panic!("elect leaders") };
            assert_eq!(response.error_code, code);
            let first = response.replica_election_results.first();
            let of_partition = first.map(|result| result.partition_result[0].error_code);
            assert_eq!(
                of_partition.unwrap_or(ErrorCode::ELECTION_NOT_NEEDED),
                ErrorCode::ELECTION_NOT_NEEDED
            );
        }
        let reply = client.ask(0, &UnregisterBrokerRequest { broker_id: 9 }).await;
        let Response::UnregisterBroker(response) = reply.decode() else { panic!("unregister") };
        assert_eq!(response.error_code, ErrorCode::BROKER_ID_NOT_REGISTERED);

        let reply = client.ask(0, &GetTelemetrySubscriptionsRequest::default()).await;
        let Response::GetTelemetrySubscriptions(given) = reply.decode() else { panic!("telemetry") };
        assert!(given.requested_metrics.is_empty());
        let push = |subscription_id| PushTelemetryRequest {
            client_instance_id: given.client_instance_id,
            subscription_id,
            metrics: b"metrics",
            ..PushTelemetryRequest::default()
        };
        for (subscription, code) in
            [(given.subscription_id, ErrorCode::NONE), (0, ErrorCode::UNKNOWN_SUBSCRIPTION_ID)]
        {
            let reply = client.ask(0, &push(subscription)).await;
            let Response::PushTelemetry(response) = reply.decode() else { panic!("push") };
            assert_eq!(response.error_code, code);
        }
        alter(&client, (32, "a group"), SET, "consumer.session.timeout.ms", Some("50000")).await;
        let types = |resource_types| ListConfigResourcesRequest { resource_types };
        for (version, asked, names) in [
            (0, vec![], vec![]),
            (1, vec![TOPIC], vec!["topic"]),
            (1, vec![32], vec!["a group"]),
            (1, vec![], vec!["topic", "1", "1", "a group"]),
        ] {
            let reply = client.ask(version, &types(asked)).await;
            let Response::ListConfigResources(response) = reply.decode() else { panic!("config resources") };
            let found: Vec<_> = response.config_resources.iter().map(|one| one.resource_name).collect();
            assert_eq!(found, names);
        }
        let reply = client.ask(1, &types(vec![3])).await;
        let Response::ListConfigResources(response) = reply.decode() else { panic!("config resources") };
        assert_eq!(response.error_code, ErrorCode::UNSUPPORTED_VERSION);
    });
}

async fn every_version<'a, M: Message<'a>>(client: &Client, request: M) {
    for version in M::VERSIONS.first..=M::API.versions().unwrap().last_stable() {
        let reply = client.ask(version, &request).await;
        assert_eq!(reply.decode().api(), M::API, "version {version}");
    }
}

fn every_advertised_version_of_administration_is_answered(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        client.create("topic").await;
        every_version(&client, AlterConfigsRequest::default()).await;
        every_version(&client, IncrementalAlterConfigsRequest::default()).await;
        every_version(&client, CreatePartitionsRequest::default()).await;
        every_version(&client, DeleteRecordsRequest::default()).await;
        every_version(&client, DescribeLogDirsRequest::default()).await;
        every_version(&client, DescribeProducersRequest::default()).await;
        every_version(&client, ElectLeadersRequest::default()).await;
        every_version(&client, UnregisterBrokerRequest { broker_id: 5 }).await;
        every_version(&client, GetTelemetrySubscriptionsRequest::default()).await;
        every_version(&client, PushTelemetryRequest::default()).await;
        every_version(&client, ListConfigResourcesRequest::default()).await;
    });
}
