//! Bytes that the Java client of Apache Kafka 4.4.0 writes for known messages, header included.

use ringlog_kafka::messages::*;
use ringlog_kafka::{ApiKey, ErrorCode, Records, Request, Response, decode_request, decode_response};
use ringlog_kafka::{Message, encode_request, encode_response};
use ringlog_model::Uuid;

const TOPIC: Uuid = Uuid([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits = hexadecimal.as_bytes().chunks(2);
    let digits = digits.map(|pair| std::str::from_utf8(pair).expect("hexadecimal digits"));
    digits.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal digits")).collect()
}

fn check_request<'a, M: Message<'a>>(request: &M, version: i16, any: &Request<'_>, golden: &str) {
    let golden = bytes(golden);
    let frame = encode_request(7, Some("golden"), version, request).expect("the version has all of it");
    assert_eq!(frame.into_bytes(|_| &[])[4..], golden);
    let (header, again) = decode_request(&golden).expect("Kafka wrote it");
    assert_eq!((header.correlation_id, header.client_id), (7, Some("golden")));
    assert_eq!(again, *any);
}

fn check_response<'a, M: Message<'a>>(response: &M, version: i16, any: &Response<'_>, golden: &str) {
    let golden = bytes(golden);
    let frame = encode_response(7, version, response).expect("the version has all of it");
    assert_eq!(frame.into_bytes(|_| &[])[4..], golden);
    assert_eq!(decode_response(&golden, M::API, version), Ok((7, any.clone())));
}

#[test]
fn api_versions_request() {
    let request = ApiVersionsRequest {
        client_software_name: "java",
        client_software_version: "4.4.0",
        ..ApiVersionsRequest::default()
    };
    check_request(
        &request,
        4,
        &Request::ApiVersions(request.clone()),
        "00120004000000070006676f6c64656e00056a61766106342e342e3000",
    );
}

#[test]
fn api_versions_response_has_the_oldest_header_and_tagged_fields() {
    use api_versions_response::{ApiVersion, SupportedFeatureKey};
    let response = ApiVersionsResponse {
        api_keys: vec![ApiVersion { api_key: ApiKey::ApiVersions.code(), min_version: 0, max_version: 4 }],
        supported_features: vec![SupportedFeatureKey {
            name: "metadata.version",
            min_version: 1,
            max_version: 27,
        }],
        finalized_features_epoch: 5,
        ..ApiVersionsResponse::default()
    };
    check_response(
        &response,
        3,
        &Response::ApiVersions(response.clone()),
        "00000007000002001200000004000000000002001702116d657461646174612e76657273696f6e0001001b0001080000000000000005",
    );
}

#[test]
fn metadata_response_before_and_after_flexible_versions() {
    use metadata_response::{MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic};
    let partition = MetadataResponsePartition {
        leader_id: 1,
        leader_epoch: 3,
        replica_nodes: vec![1],
        isr_nodes: vec![1],
        ..MetadataResponsePartition::default()
    };
    let topic = MetadataResponseTopic {
        name: Some("t"),
        topic_id: TOPIC,
        partitions: vec![partition],
        ..MetadataResponseTopic::default()
    };
    let mut response = MetadataResponse {
        brokers: vec![MetadataResponseBroker { node_id: 1, host: "localhost", port: 9092, rack: None }],
        cluster_id: Some("AAAAAAAAAAAAAAAAAAAAAQ"),
        controller_id: 1,
        topics: vec![topic],
        ..MetadataResponse::default()
    };
    check_response(
        &response,
        12,
        &Response::Metadata(response.clone()),
        "00000007000000000002000000010a6c6f63616c686f737400002384000017414141414141414141414141414141414141414141510000000102000002740102030405060708090a0b0c0d0e0f1000020000000000000000000100000003020000000102000000010100800000000000",
    );
    // Version 1 has neither of these; they may be dropped.
    let newer = response.clone();
    response.cluster_id = None;
    response.topics[0].topic_id = Uuid::ZERO;
    response.topics[0].partitions[0].leader_epoch = -1;
    check_response(
        &newer,
        1,
        &Response::Metadata(response),
        "00000007000000010000000100096c6f63616c686f737400002384ffff0000000100000001000000017400000000010000000000000000000100000001000000010000000100000001",
    );
}

#[test]
fn produce_request_by_name_and_by_id() {
    use produce_request::{PartitionProduceData, TopicProduceData};
    let partition = PartitionProduceData { index: 2, records: Some(&[1, 2, 3, 4, 5]) };
    let mut request = ProduceRequest {
        acks: -1,
        timeout_ms: 30_000,
        topic_data: vec![TopicProduceData {
            name: "t",
            topic_id: Uuid::ZERO,
            partition_data: vec![partition],
        }],
        ..ProduceRequest::default()
    };
    check_request(
        &request,
        3,
        &Request::Produce(request.clone()),
        "00000003000000070006676f6c64656effffffff00007530000000010001740000000100000002000000050102030405",
    );
    (request.topic_data[0].name, request.topic_data[0].topic_id) = ("", TOPIC);
    check_request(
        &request,
        13,
        &Request::Produce(request.clone()),
        "0000000d000000070006676f6c64656e0000ffff00007530020102030405060708090a0b0c0d0e0f100200000002060102030405000000",
    );
}

#[test]
fn fetch_request_by_name_and_by_id() {
    use fetch_request::{FetchPartition, FetchTopic, ReplicaState};
    let partition = FetchPartition {
        partition: 2,
        current_leader_epoch: 3,
        fetch_offset: 1000,
        partition_max_bytes: 1 << 20,
        ..FetchPartition::default()
    };
    let mut request = FetchRequest {
        max_wait_ms: 500,
        min_bytes: 1,
        max_bytes: 50 << 20,
        isolation_level: 1,
        session_id: 9,
        session_epoch: 1,
        topics: vec![FetchTopic { topic: "t", topic_id: Uuid::ZERO, partitions: vec![partition] }],
        rack_id: "r",
        ..FetchRequest::default()
    };
    check_request(
        &request,
        11,
        &Request::Fetch(request.clone()),
        "0001000b000000070006676f6c64656effffffff000001f400000001032000000100000009000000010000000100017400000001000000020000000300000000000003e8ffffffffffffffff0010000000000000000172",
    );
    (request.topics[0].topic, request.topics[0].topic_id) = ("", TOPIC);
    request.topics[0].partitions[0].replica_directory_id = TOPIC;
    request.replica_state = ReplicaState { replica_id: 4, replica_epoch: 11 };
    check_request(
        &request,
        17,
        &Request::Fetch(request.clone()),
        "00010011000000070006676f6c64656e00000001f40000000103200000010000000900000001020102030405060708090a0b0c0d0e0f1002000000020000000300000000000003e8ffffffffffffffffffffffff001000000100100102030405060708090a0b0c0d0e0f100001027201010d00000004000000000000000b00",
    );
}

#[test]
fn fetch_response_with_leader_and_endpoints() {
    use fetch_response::*;
    let partition = PartitionData {
        partition_index: 2,
        error_code: ErrorCode::NOT_LEADER_OR_FOLLOWER,
        high_watermark: 1005,
        last_stable_offset: 1004,
        log_start_offset: 0,
        current_leader: LeaderIdAndEpoch { leader_id: 2, leader_epoch: 8 },
        aborted_transactions: Some(vec![AbortedTransaction { producer_id: 77, first_offset: 1001 }]),
        records: Some(Records::Slice(&[1, 2, 3, 4, 5])),
        ..PartitionData::default()
    };
    let response = FetchResponse {
        session_id: 9,
        responses: vec![FetchableTopicResponse { topic: "", topic_id: TOPIC, partitions: vec![partition] }],
        node_endpoints: vec![NodeEndpoint { node_id: 2, host: "h", port: 9093, rack: None }],
        ..FetchResponse::default()
    };
    check_response(
        &response,
        16,
        &Response::Fetch(response.clone()),
        "000000070000000000000000000009020102030405060708090a0b0c0d0e0f100200000002000600000000000003ed00000000000003ec000000000000000002000000000000004d00000000000003e900ffffffff0601020304050101090000000200000008000001000d02000000020268000023850000",
    );
}
