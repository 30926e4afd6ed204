//! What both codecs are measured on: what a broker decodes and encodes when it is busy.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages as theirs;
use kafka_protocol::protocol::{Decodable, Encodable};
use ringlog_kafka::messages::*;
use ringlog_kafka::{Encoded, External, Message, Records, decode_request, encode_request, encode_response};
use std::hint::black_box;

/// The versions measured: the newest that both codecs know and that name topics as most clients do.
const PRODUCE: i16 = 12;
const FETCH: i16 = 12;
const METADATA: i16 = 12;

/// One thing measured, done by both codecs.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) ours: Box<dyn FnMut()>,
    pub(crate) theirs: Box<dyn FnMut()>,
}

/// All cases.
pub(crate) fn cases() -> Vec<Case> {
    let large = Bytes::from(vec![7; 64 * 1024]);
    let small = Bytes::from(vec![7; 1024]);
    vec![
        produce_request("produce request, 1 partition of 64 KiB", 1, 1, large.clone()),
        produce_request("produce request, 100 partitions of 1 KiB", 10, 10, small),
        produce_response("produce response, 100 partitions", 10, 10),
        fetch_request("fetch request, 100 partitions", 10, 10),
        fetch_response("fetch response, 1 partition of 64 KiB", 1, 1, large.clone()),
        fetch_response("fetch response, 100 partitions of 64 KiB", 10, 10, large),
        metadata_request("metadata request, 10 topics", 10),
        metadata_response("metadata response, 100 topics of 10 partitions", 100, 10),
    ]
}

fn topic_name(topic: usize) -> &'static str {
    const NAMES: [&str; 4] = ["orders", "payments.settled", "telemetry-devices-raw", "clicks"];
    NAMES[topic % NAMES.len()]
}

fn number(value: usize) -> i32 {
    i32::try_from(value).expect("a handful of partitions")
}

/// A frame without its length.
fn frame(encoded: Encoded) -> Bytes {
    encoded.into_bytes(|_| unreachable!("samples hold their bodies")).slice(4..)
}

/// Decodes a request as a listener does: header, then message.
fn request<'a, M, T>(name: &'static str, version: i16, message: &M) -> Case
where
    M: Message<'a>,
    T: Decodable + 'static,
{
    let bytes =
        frame(encode_request(1, Some("producer-1"), version, message).expect("the version has all of it"));
    let their_bytes = bytes.clone();
    Case {
        name,
        ours: Box::new(move || {
            black_box(decode_request(black_box(&bytes)).expect("a valid frame"));
        }),
        theirs: Box::new(move || {
            let mut rest = black_box(&their_bytes).clone();
            let header = theirs::RequestHeader::decode(&mut rest, 2).expect("a valid header");
            let message = T::decode(&mut rest, version).expect("a valid message");
            black_box((header, message));
        }),
    }
}

/// Their encoding of a whole frame.
fn encode_theirs(message: &impl Encodable, version: i16) -> Bytes {
    let mut buffer = BytesMut::with_capacity(256);
    buffer.put_i32(0);
    let header = theirs::ResponseHeader::default().with_correlation_id(1);
    header.encode(&mut buffer, 1).expect("a valid header");
    message.encode(&mut buffer, version).expect("a valid message");
    let length = i32::try_from(buffer.len() - 4).expect("it is small");
    buffer[..4].copy_from_slice(&length.to_be_bytes());
    buffer.freeze()
}

/// Their form of a message of ours.
fn converted<'a, T: Decodable>(message: &impl Message<'a>, version: i16) -> T {
    let bytes = message.encode_all(version).expect("the version has all of it");
    T::decode(&mut Bytes::from(bytes), version).expect("both speak the same protocol")
}

fn produce_request(name: &'static str, topics: usize, partitions: usize, records: Bytes) -> Case {
    use produce_request::{PartitionProduceData, TopicProduceData};
    let partition = |index| PartitionProduceData { index: number(index), records: Some(&records[..]) };
    let topic = |topic| TopicProduceData {
        name: topic_name(topic),
        partition_data: (0..partitions).map(partition).collect(),
        ..TopicProduceData::default()
    };
    let message = ProduceRequest {
        acks: -1,
        timeout_ms: 30_000,
        topic_data: (0..topics).map(topic).collect(),
        ..ProduceRequest::default()
    };
    request::<_, theirs::ProduceRequest>(name, PRODUCE, &message)
}

fn produce_response(name: &'static str, topics: usize, partitions: usize) -> Case {
    use produce_response::{PartitionProduceResponse, TopicProduceResponse};
    let partition = |index| PartitionProduceResponse {
        index: number(index),
        base_offset: 1_000_000,
        log_append_time_ms: -1,
        ..PartitionProduceResponse::default()
    };
    let topic = |topic| TopicProduceResponse {
        name: topic_name(topic),
        partition_responses: (0..partitions).map(partition).collect(),
        ..TopicProduceResponse::default()
    };
    let message =
        ProduceResponse { responses: (0..topics).map(topic).collect(), ..ProduceResponse::default() };
    let their_message: theirs::ProduceResponse = converted(&message, PRODUCE);
    Case {
        name,
        ours: Box::new(move || {
            black_box(encode_response(1, PRODUCE, black_box(&message)).expect("it can be expressed"));
        }),
        theirs: Box::new(move || {
            black_box(encode_theirs(black_box(&their_message), PRODUCE));
        }),
    }
}

fn fetch_request(name: &'static str, topics: usize, partitions: usize) -> Case {
    use fetch_request::{FetchPartition, FetchTopic};
    let partition = |partition| FetchPartition {
        partition: number(partition),
        fetch_offset: 1_000_000,
        partition_max_bytes: 1 << 20,
        ..FetchPartition::default()
    };
    let topic = |topic| FetchTopic {
        topic: topic_name(topic),
        partitions: (0..partitions).map(partition).collect(),
        ..FetchTopic::default()
    };
    let message = FetchRequest {
        max_wait_ms: 500,
        min_bytes: 1,
        topics: (0..topics).map(topic).collect(),
        ..FetchRequest::default()
    };
    request::<_, theirs::FetchRequest>(name, FETCH, &message)
}

fn fetch_response(name: &'static str, topics: usize, partitions: usize, records: Bytes) -> Case {
    use fetch_response::{FetchableTopicResponse, PartitionData};
    let message = |records: &dyn Fn(usize) -> Records<'static>| {
        let partition = |index| PartitionData {
            partition_index: number(index),
            high_watermark: 1_000_000,
            records: Some(records(index)),
            ..PartitionData::default()
        };
        let topic = |topic| FetchableTopicResponse {
            topic: topic_name(topic),
            partitions: (0..partitions).map(partition).collect(),
            ..FetchableTopicResponse::default()
        };
        FetchResponse { responses: (0..topics).map(topic).collect(), ..FetchResponse::default() }
    };
    let length = records.len();
    let ours = message(&|body| Records::External(External { body, length }));
    let their_message: theirs::FetchResponse =
        converted(&message(&|_| Records::Shared(records.clone())), FETCH);
    Case {
        name,
        ours: Box::new(move || {
            black_box(encode_response(1, FETCH, black_box(&ours)).expect("it can be expressed"));
        }),
        theirs: Box::new(move || {
            black_box(encode_theirs(black_box(&their_message), FETCH));
        }),
    }
}

fn metadata_request(name: &'static str, topics: usize) -> Case {
    use metadata_request::MetadataRequestTopic;
    let topic =
        |topic| MetadataRequestTopic { name: Some(topic_name(topic)), ..MetadataRequestTopic::default() };
    let message =
        MetadataRequest { topics: Some((0..topics).map(topic).collect()), ..MetadataRequest::default() };
    request::<_, theirs::MetadataRequest>(name, METADATA, &message)
}

fn metadata_response(name: &'static str, topics: usize, partitions: usize) -> Case {
    use metadata_response::{MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic};
    let partition = |index| MetadataResponsePartition {
        partition_index: number(index),
        leader_id: 1,
        leader_epoch: 3,
        replica_nodes: vec![1, 2, 3],
        isr_nodes: vec![1, 2, 3],
        ..MetadataResponsePartition::default()
    };
    let topic = |topic| MetadataResponseTopic {
        name: Some(topic_name(topic)),
        partitions: (0..partitions).map(partition).collect(),
        ..MetadataResponseTopic::default()
    };
    let broker =
        |node_id| MetadataResponseBroker { node_id, host: "broker.example.com", port: 9092, rack: None };
    let message = MetadataResponse {
        brokers: (1..=3).map(broker).collect(),
        cluster_id: Some("AAAAAAAAAAAAAAAAAAAAAQ"),
        controller_id: 1,
        topics: (0..topics).map(topic).collect(),
        ..MetadataResponse::default()
    };
    let their_message: theirs::MetadataResponse = converted(&message, METADATA);
    Case {
        name,
        ours: Box::new(move || {
            black_box(encode_response(1, METADATA, black_box(&message)).expect("it can be expressed"));
        }),
        theirs: Box::new(move || {
            black_box(encode_theirs(black_box(&their_message), METADATA));
        }),
    }
}
