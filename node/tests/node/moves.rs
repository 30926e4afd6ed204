//! What tools ask of clusters that are larger or older: quorums, moves of partitions, quotas, users, misrouted clients.

use crate::{
    administration::create,
    harness::{World, in_every_world},
    versions::{every_version, software},
};
use ringlog_kafka::{
    ErrorCode, Float64, Response,
    messages::{
        AlterClientQuotasRequest, AlterPartitionReassignmentsRequest, AlterReplicaLogDirsRequest,
        ApiVersionsRequest, DescribeClientQuotasRequest, DescribeClusterRequest, DescribeLogDirsRequest,
        DescribeQuorumRequest, DescribeUserScramCredentialsRequest,
        alter_client_quotas_request::{EntityData, EntryData, OpData},
        alter_partition_reassignments_request::{ReassignablePartition, ReassignableTopic},
        alter_replica_log_dirs_request::{AlterReplicaLogDir, AlterReplicaLogDirTopic},
        describe_quorum_request::{PartitionData, TopicData},
        describe_user_scram_credentials_request::UserName,
    },
};

in_every_world!(
    a_client_that_was_sent_elsewhere_is_told_so,
    the_quorum_is_described,
    a_move_to_where_a_partition_is_succeeds_and_others_are_refused,
    there_are_no_quotas_and_no_users,
);

fn a_client_that_was_sent_elsewhere_is_told_so(world: &World) {
    world.live(1, async |node| {
        let client = node.client().await;
        let reply = client.ask(0, &DescribeClusterRequest { endpoint_type: 1, ..Default::default() }).await;
        let Response::DescribeCluster(cluster) = reply.decode() else { panic!("describe cluster") };
        let here = cluster.cluster_id.to_owned();
        for (cluster_id, node_id, code) in [
            (Some(&*here), 1, ErrorCode::NONE),
            (Some(&*here), 2, ErrorCode::REBOOTSTRAP_REQUIRED),
            (Some("another"), 1, ErrorCode::REBOOTSTRAP_REQUIRED),
            (None, 1, ErrorCode::INVALID_REQUEST),
        ] {
            let reply = client.ask(5, &ApiVersionsRequest { cluster_id, node_id, ..software(5) }).await;
            let Response::ApiVersions(response) = reply.decode() else { panic!("api versions") };
            assert_eq!(response.error_code, code, "{cluster_id:?} {node_id}");
            assert_eq!(response.api_keys.is_empty(), code != ErrorCode::NONE);
        }
    });
}

fn the_quorum_is_described(world: &World) {
    world.live(1, async |node| {
        let client = node.client().await;
        let request = |topic_name| DescribeQuorumRequest {
            topics: vec![TopicData { topic_name, partitions: vec![PartitionData { partition_index: 0 }] }],
        };
        every_version(&client, |_| request("__cluster_metadata")).await;
        let reply = client.ask(2, &request("__cluster_metadata")).await;
        let Response::DescribeQuorum(response) = reply.decode() else { panic!("describe quorum") };
        assert_eq!(response.error_code, ErrorCode::NONE);
        let quorum = &response.topics[0].partitions[0];
        assert_eq!((quorum.error_code, quorum.leader_id, quorum.leader_epoch), (ErrorCode::NONE, 5, 2));
        assert_eq!(quorum.current_voters[0].log_end_offset, quorum.high_watermark);
        assert_eq!((quorum.observers[0].replica_id, quorum.observers[0].last_fetch_timestamp), (1, 7));
        let listener = &response.nodes[0].listeners[0];
        assert_eq!((response.nodes[0].node_id, listener.host, listener.port), (5, "127.0.0.1", 9292));

        let reply = client.ask(2, &request("orders")).await;
        let Response::DescribeQuorum(response) = reply.decode() else { panic!("describe quorum") };
        assert_eq!(response.topics[0].partitions[0].error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    });
}

fn a_move_to_where_a_partition_is_succeeds_and_others_are_refused(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        create(&client, "here", 1, &[]).await;
        let request = |name, partition_index, replicas| AlterPartitionReassignmentsRequest {
            topics: vec![ReassignableTopic {
                name,
                partitions: vec![ReassignablePartition { partition_index, replicas }],
            }],
            ..AlterPartitionReassignmentsRequest::default()
        };
        every_version(&client, |_| request("here", 0, Some(vec![1]))).await;
        for (name, partition, replicas, code) in [
            ("here", 0, Some(vec![1]), ErrorCode::NONE),
            ("here", 0, Some(vec![7]), ErrorCode::INVALID_REPLICA_ASSIGNMENT),
            ("here", 0, Some(vec![]), ErrorCode::INVALID_REPLICA_ASSIGNMENT),
            ("here", 0, Some(vec![1, 1]), ErrorCode::INVALID_REPLICA_ASSIGNMENT),
            ("here", 0, Some(vec![-2]), ErrorCode::INVALID_REPLICA_ASSIGNMENT),
            ("here", 0, None, ErrorCode::NO_REASSIGNMENT_IN_PROGRESS),
            ("here", 1, Some(vec![1]), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
            ("gone", 0, Some(vec![1]), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        ] {
            let reply = client.ask(1, &request(name, partition, replicas.clone())).await;
            let Response::AlterPartitionReassignments(response) = reply.decode() else { panic!("reassign") };
            let result = &response.responses[0].partitions[0];
            assert_eq!(result.error_code, code, "{name} {partition} {replicas:?}");
            assert_eq!(result.error_message.is_some(), code != ErrorCode::NONE);
        }

        let reply = client.ask(4, &DescribeLogDirsRequest { topics: None }).await;
        let Response::DescribeLogDirs(response) = reply.decode() else { panic!("log dirs") };
        let own = response.results[0].log_dir.to_owned();
        let request = |path, name, partition| AlterReplicaLogDirsRequest {
            dirs: vec![AlterReplicaLogDir {
                path,
                topics: vec![AlterReplicaLogDirTopic { name, partitions: vec![partition] }],
            }],
        };
        every_version(&client, |_| request(&own, "here", 0)).await;
        for (path, name, code) in [
            (&*own, "here", ErrorCode::NONE),
            (&*own, "gone", ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
            ("/nowhere", "here", ErrorCode::LOG_DIR_NOT_FOUND),
        ] {
            let reply = client.ask(2, &request(path, name, 0)).await;
            let Response::AlterReplicaLogDirs(response) = reply.decode() else { panic!("alter log dirs") };
            assert_eq!(response.results[0].partitions[0].error_code, code, "{path} {name}");
        }
    });
}

fn there_are_no_quotas_and_no_users(world: &World) {
    world.live(1, async |node| {
        let client = node.client().await;
        every_version(&client, |_| DescribeClientQuotasRequest::default()).await;
        let reply = client.ask(1, &DescribeClientQuotasRequest::default()).await;
        let Response::DescribeClientQuotas(response) = reply.decode() else { panic!("describe quotas") };
        assert_eq!((response.error_code, response.entries), (ErrorCode::NONE, Some(Vec::new())));

        let request = |remove| AlterClientQuotasRequest {
            entries: vec![EntryData {
                entity: vec![EntityData { entity_type: "client-id", entity_name: Some("c") }],
                ops: vec![OpData { key: "producer_byte_rate", value: Float64::from(1e6), remove }],
            }],
            validate_only: false,
        };
        every_version(&client, |_| request(false)).await;
        for (remove, code) in [(false, ErrorCode::INVALID_REQUEST), (true, ErrorCode::NONE)] {
            let reply = client.ask(1, &request(remove)).await;
            let Response::AlterClientQuotas(response) = reply.decode() else { panic!("alter quotas") };
            assert_eq!(response.entries[0].error_code, code);
            assert_eq!(response.entries[0].entity[0].entity_name, Some("c"));
        }

        for (users, expected) in [
            (None, vec![]),
            (Some(vec![]), vec![]),
            (Some(vec!["bob"]), vec![ErrorCode::RESOURCE_NOT_FOUND]),
            (Some(vec!["bob", "bob"]), vec![ErrorCode::DUPLICATE_RESOURCE]),
        ] {
            let users = users.map(|users| users.into_iter().map(|name| UserName { name }).collect());
            let reply = client.ask(0, &DescribeUserScramCredentialsRequest { users }).await;
            let Response::DescribeUserScramCredentials(response) = reply.decode() else { panic!("users") };
            let codes: Vec<_> = response.results.iter().map(|user| user.error_code).collect();
            assert_eq!((response.error_code, codes), (ErrorCode::NONE, expected));
        }
    });
}
