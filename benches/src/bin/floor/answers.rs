//! Answers in the Kafka protocol, as few as a load generator asks for.

use crate::log::{Found, Log};
use anyhow::{Result, bail};
use bytes::Bytes;
use ringlog_kafka::messages::api_versions_response::ApiVersion;
use ringlog_kafka::messages::create_topics_response::CreatableTopicResult;
use ringlog_kafka::messages::fetch_response::{FetchableTopicResponse, PartitionData};
use ringlog_kafka::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsTopicResponse,
};
use ringlog_kafka::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use ringlog_kafka::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use ringlog_kafka::messages::{
    ApiVersionsResponse, CreateTopicsResponse, DeleteTopicsResponse, FetchRequest, FetchResponse,
    ListOffsetsResponse, MetadataResponse, ProduceResponse,
};
use ringlog_kafka::{ApiKey, Encoded, ErrorCode, External, Records, Request, Segment, encode_response};
use std::net::SocketAddr;

const APIS: [ApiKey; 7] = [
    ApiKey::Produce,
    ApiKey::Fetch,
    ApiKey::ListOffsets,
    ApiKey::Metadata,
    ApiKey::ApiVersions,
    ApiKey::CreateTopics,
    ApiKey::DeleteTopics,
];
const NODE: i32 = 1;

/// Everything but produce and fetch.
pub(crate) fn to(
    request: &Request<'_>,
    correlation: i32,
    version: i16,
    log: &Log,
    address: SocketAddr,
) -> Result<Bytes> {
    let encoded = match request {
        Request::ApiVersions(_) => {
            let api_keys = APIS.iter().filter_map(|api| {
                let versions = api.versions()?;
                // The last versions that name topics by name, and so all that is needed here.
                let max_version = if *api == ApiKey::Fetch { 12 } else { versions.last_stable() };
                let min_version = (0..=max_version).find(|&version| versions.contains(version))?;
                Some(ApiVersion { api_key: api.code(), min_version, max_version })
            });
            let response =
                ApiVersionsResponse { api_keys: api_keys.collect(), ..ApiVersionsResponse::default() };
            encode_response(correlation, version, &response)?
        }
        Request::Metadata(request) => {
            let host = address.ip().to_string();
            let broker = MetadataResponseBroker {
                node_id: NODE,
                host: &host,
                port: i32::from(address.port()),
                rack: None,
            };
            let names = request.topics.iter().flatten().filter_map(|topic| topic.name);
            let response = MetadataResponse {
                brokers: vec![broker],
                controller_id: NODE,
                topics: names.map(|name| topic(name, log)).collect(),
                ..MetadataResponse::default()
            };
            encode_response(correlation, version, &response)?
        }
        Request::CreateTopics(request) => {
            let topics = request.topics.iter().map(|topic| {
                log.create_topic(topic.name, usize::try_from(topic.num_partitions).unwrap_or(1));
                CreatableTopicResult { name: topic.name, ..CreatableTopicResult::default() }
            });
            let response =
                CreateTopicsResponse { topics: topics.collect(), ..CreateTopicsResponse::default() };
            encode_response(correlation, version, &response)?
        }
        Request::DeleteTopics(request) => {
            let named = request.topics.iter().filter_map(|topic| topic.name);
            named.chain(request.topic_names.iter().copied()).for_each(|name| log.delete_topic(name));
            encode_response(correlation, version, &DeleteTopicsResponse::default())?
        }
        Request::ListOffsets(request) => {
            let topics = request.topics.iter().map(|topic| ListOffsetsTopicResponse {
                name: topic.name,
                partitions: topic
                    .partitions
                    .iter()
                    .map(|asked| {
                        let end = log.end(topic.name, asked.partition_index as usize).unwrap_or(0);
                        ListOffsetsPartitionResponse {
                            partition_index: asked.partition_index,
                            offset: if asked.timestamp == -2 { 0 } else { end },
                            ..ListOffsetsPartitionResponse::default()
                        }
                    })
                    .collect(),
            });
            let response = ListOffsetsResponse { topics: topics.collect(), ..ListOffsetsResponse::default() };
            encode_response(correlation, version, &response)?
        }
        other => bail!("the floor does not know {:?}", other.api()),
    };
    Ok(whole(encoded))
}

fn topic<'a>(name: &'a str, log: &Log) -> MetadataResponseTopic<'a> {
    let Some(partitions) = log.partitions(name) else {
        let error_code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
        return MetadataResponseTopic { name: Some(name), error_code, ..MetadataResponseTopic::default() };
    };
    let partition = |index| MetadataResponsePartition {
        partition_index: index as i32,
        leader_id: NODE,
        leader_epoch: 0,
        replica_nodes: vec![NODE],
        isr_nodes: vec![NODE],
        ..MetadataResponsePartition::default()
    };
    let partitions = (0..partitions).map(partition).collect();
    MetadataResponseTopic { name: Some(name), partitions, ..MetadataResponseTopic::default() }
}

pub(crate) fn produced(
    correlation: i32,
    version: i16,
    name: &str,
    partition: usize,
    base_offset: i64,
) -> Result<Bytes> {
    let index = partition as i32;
    let partition = PartitionProduceResponse { index, base_offset, ..PartitionProduceResponse::default() };
    let topic = TopicProduceResponse {
        name,
        partition_responses: vec![partition],
        ..TopicProduceResponse::default()
    };
    let response = ProduceResponse { responses: vec![topic], ..ProduceResponse::default() };
    Ok(whole(encode_response(correlation, version, &response)?))
}

/// The heads of a fetch's answer; bodies are numbered in the order of the request.
pub(crate) fn fetched(
    correlation: i32,
    version: i16,
    request: &FetchRequest<'_>,
    log: &Log,
    found: &[Vec<Found>],
) -> Result<Vec<Segment>> {
    let mut body = 0;
    let mut responses = Vec::new();
    for topic in &request.topics {
        let mut partitions = Vec::new();
        for asked in &topic.partitions {
            let length = found[body].iter().map(Found::length).sum();
            let end = log.end(topic.topic, asked.partition as usize).unwrap_or(0);
            partitions.push(PartitionData {
                partition_index: asked.partition,
                high_watermark: end,
                last_stable_offset: end,
                log_start_offset: 0,
                records: Some(Records::External(External { body, length })),
                ..PartitionData::default()
            });
            body += 1;
        }
        responses.push(FetchableTopicResponse {
            topic: topic.topic,
            partitions,
            ..FetchableTopicResponse::default()
        });
    }
    let response = FetchResponse { responses, ..FetchResponse::default() };
    Ok(encode_response(correlation, version, &response)?.into_segments())
}

fn whole(encoded: Encoded) -> Bytes {
    encoded.into_bytes(|_| &[])
}
